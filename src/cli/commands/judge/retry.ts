import { type Command, Option } from 'commander'
import { type RetryKind, retryKinds } from '../../../judges/llm/faults.ts'
import { openLastJob, retryJob, runJudgeJob } from '../../../run/stages/judge-run.ts'
import { jobCommand, jobOptions, printJudged } from '../../shared/judge-command.ts'
import { inView, type SessionFlags, show } from '../../shared/session.ts'

/** `dualtree judge retry <run> --only invalid`: asks some answered prompts again, with another seed; old answers are kept. */
export function configure(command: Command): void {
  jobCommand(command)
    .addOption(
      new Option(
        '--only <kind>',
        'answers without a valid verdict, answers that were cut off, or prompts that got no answer',
      )
        .choices(retryKinds)
        .makeOptionMandatory(),
    )
    .action(async (directory: string, flags: SessionFlags & { only: RetryKind }) => {
      const job = await openLastJob(directory, jobOptions(flags))
      const marked = await retryJob(job, flags.only)
      const result = await inView(flags, watch => runJudgeJob(job, undefined, watch))
      const { text, json } = await printJudged(job, result)
      show({ text: `${marked} asked again\n${text}`, json: { retried: marked, ...(json as object) } }, flags)
    })
}
