import type { Command } from 'commander'
import { openLastJob, runJudgeJob } from '../../../run/stages/judge-run.ts'
import { jobCommand, jobOptions, printJudged } from '../../shared/judge-command.ts'
import { inView, type SessionFlags, show } from '../../shared/session.ts'

/** `dualtree judge resume <run>`: the last `judge run` again, whole, with the options that it had. */
export function configure(command: Command): void {
  jobCommand(command).action(async (directory: string, flags: SessionFlags) => {
    const job = await openLastJob(directory, jobOptions(flags))
    show(await printJudged(job, await inView(flags, watch => runJudgeJob(job, undefined, watch))), flags)
  })
}
