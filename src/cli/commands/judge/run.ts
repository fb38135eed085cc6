import type { Command } from 'commander'
import { openJudgeJob } from '../../../run/stages/judge-job.ts'
import { runJudgeJob } from '../../../run/stages/judge-run.ts'
import { jobCommand, jobOptions, printJudged } from '../../shared/judge-command.ts'
import { inView, type SessionFlags, show } from '../../shared/session.ts'
import { integerFrom } from '../../shared/values.ts'

/** `dualtree judge run <run>`: asks what has no answer yet, within budgets; any number of processes at once. */
export function configure(command: Command): void {
  jobCommand(command)
    .option('--sample <n>', 'ask only so many prompts, drawn by the seed', integerFrom(1))
    .action(async (directory: string, flags: SessionFlags & { sample?: number }) => {
      const job = await openJudgeJob(directory, jobOptions(flags))
      const result = await inView(flags, watch => runJudgeJob(job, flags.sample, watch))
      show(await printJudged(job, result, flags.sample), flags)
    })
}
