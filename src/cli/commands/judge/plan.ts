import { type Command, InvalidArgumentError } from 'commander'
import { estimateJob } from '../../../judges/llm/estimate.ts'
import { openJudgeJob } from '../../../run/stages/judge-job.ts'
import { inJob } from '../../../run/stages/judge-run.ts'
import { jobCommand, jobOptions, priceOf } from '../../shared/judge-command.ts'
import { formatEstimate } from '../../shared/judge-text.ts'
import { type SessionFlags, show } from '../../shared/session.ts'

/** `dualtree judge plan <run>`: what it would take. Nothing is sent. */
export function configure(command: Command): void {
  jobCommand(command)
    .option(
      '--tokens-per-second <x>',
      'speed of all servers together, tokens read and written (default: what earlier answers took, one by one)',
      parseSpeed,
    )
    .action(async (directory: string, flags: SessionFlags & { tokensPerSecond?: number }) => {
      const job = await openJudgeJob(directory, jobOptions(flags))
      const price = await priceOf(job)
      const estimate = await inJob(job, session =>
        estimateJob(session, job.options.llmModel, price, flags.tokensPerSecond),
      )
      show({ text: formatEstimate(estimate, price?.currency), json: { directory, ...estimate } }, flags)
    })
}

function parseSpeed(text: string): number {
  const speed = Number(text)
  if (!(speed > 0)) throw new InvalidArgumentError(`expected a number above 0, got "${text}"`)
  return speed
}
