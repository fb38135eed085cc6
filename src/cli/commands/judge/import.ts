import type { Command } from 'commander'
import { importFiles } from '../../../run/stages/judge-batch.ts'
import { openLastJob } from '../../../run/stages/judge-run.ts'
import { jobCommand, jobOptions } from '../../shared/judge-command.ts'
import { formatImport } from '../../shared/judge-text.ts'
import { type SessionFlags, show } from '../../shared/session.ts'

/** `dualtree judge import <run> results.jsonl …`: answers from elsewhere into the run's ledger. */
export function configure(command: Command): void {
  jobCommand(command)
    .argument('<files...>', 'result files in the form of OpenAI Batch')
    .action(async (directory: string, files: string[], flags: SessionFlags) => {
      const job = await openLastJob(directory, jobOptions(flags))
      const count = await importFiles(job, files)
      show({ text: formatImport(count, job), json: { directory, ...count } }, flags)
    })
}
