import type { Command } from 'commander'
import { batchOptions } from '../../../judges/llm/batch-api.ts'
import { parseOptions } from '../../../options.ts'
import { batchJob } from '../../../run/stages/judge-batch.ts'
import { lastCuts, openLastJob } from '../../../run/stages/judge-run.ts'
import { addSchemaFlags, givenOf } from '../../shared/flags.ts'
import { jobCommand, jobOptions } from '../../shared/judge-command.ts'
import { formatBatches } from '../../shared/judge-text.ts'
import { inView, type SessionFlags, show } from '../../shared/session.ts'

/** `dualtree judge collect <run>`: answers of finished batches into the run's ledger; what is still open is submitted. */
export function configure(command: Command): void {
  addSchemaFlags(jobCommand(command), batchOptions)
    .option('--wait', 'go on until every prompt is answered')
    .action(async (directory: string, flags: SessionFlags & { wait?: boolean }) => {
      const job = await openLastJob(directory, jobOptions(flags))
      const asked = { ...(await lastCuts(directory)), ...givenOf(batchOptions, flags) }
      const cuts = parseOptions(batchOptions, asked, 'collect')
      const how = { collect: true, wait: flags.wait ?? false }
      const result = await inView(flags, watch => batchJob(job, cuts, how, watch))
      show({ text: formatBatches(result, directory), json: { directory, ...result.count, open: result.open } }, flags)
    })
}
