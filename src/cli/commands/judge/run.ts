import { type Command, InvalidArgumentError } from 'commander'
import { openJudgeJob } from '../../../run/stages/judge-job.ts'
import { runJudgeJob } from '../../../run/stages/judge-run.ts'
import { jobCommand, jobOptions, printJudged } from '../../shared/judge-command.ts'
import { inView, type SessionFlags, show } from '../../shared/session.ts'

interface Flags extends SessionFlags {
  readonly sample?: number
}

/** `dualtree judge run <run>`: asks what has no answer yet, within budgets; any number of processes at once. */
export function configure(command: Command): void {
  jobCommand(command)
    .option('--sample <n>', 'ask only so many prompts, drawn by the seed', parseCount)
    .action(async (directory: string, flags: Flags) => {
      const job = await openJudgeJob(directory, jobOptions(flags))
      const result = await inView(flags, watch => runJudgeJob(job, flags.sample, watch))
      show(await printJudged(job, result, flags.sample), flags)
    })
}

function parseCount(text: string): number {
  const count = Number(text)
  if (!Number.isInteger(count) || count < 1) throw new InvalidArgumentError(`expected an integer from 1, got "${text}"`)
  return count
}
