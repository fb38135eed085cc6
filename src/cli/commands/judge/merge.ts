import type { Command } from 'commander'
import { jobFolder, mergeJob } from '../../../run/stages/judge-batch.ts'
import { openLastJob } from '../../../run/stages/judge-run.ts'
import { jobCommand, jobOptions } from '../../shared/judge-command.ts'
import { formatImport } from '../../shared/judge-text.ts'
import { type SessionFlags, show } from '../../shared/session.ts'

/** `dualtree judge merge <run>`: the parts of a job folder, checked, into the run's ledger. */
export function configure(command: Command): void {
  jobCommand(command)
    .option('--job <folder>', 'job folder (default: <run>/job)')
    .action(async (directory: string, flags: SessionFlags & { job?: string }) => {
      const job = await openLastJob(directory, jobOptions(flags))
      const count = await mergeJob(job, flags.job ?? jobFolder(directory))
      show({ text: formatImport(count, job), json: { directory, ...count } }, flags)
    })
}
