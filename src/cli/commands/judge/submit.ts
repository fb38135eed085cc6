import type { Command } from 'commander'
import { batchOptions } from '../../../judges/llm/batch-api.ts'
import { parseOptions } from '../../../options.ts'
import { batchJob } from '../../../run/stages/judge-batch.ts'
import { openJudgeJob } from '../../../run/stages/judge-job.ts'
import { addSchemaFlags, givenOf } from '../../shared/flags.ts'
import { jobCommand, jobOptions } from '../../shared/judge-command.ts'
import { formatBatches } from '../../shared/judge-text.ts'
import { inView, type SessionFlags, show } from '../../shared/session.ts'

/** `dualtree judge submit <run>`: the prompts without an answer as batches of the server, within its limits. */
export function configure(command: Command): void {
  addSchemaFlags(jobCommand(command), batchOptions).action(async (directory: string, flags: SessionFlags) => {
    const job = await openJudgeJob(directory, jobOptions(flags))
    const cuts = parseOptions(batchOptions, givenOf(batchOptions, flags), 'submit')
    const result = await inView(flags, watch => batchJob(job, cuts, { collect: false, wait: false }, watch))
    show({ text: formatBatches(result, directory), json: { directory, ...result.count, open: result.open } }, flags)
  })
}
