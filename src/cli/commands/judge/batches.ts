/** Commands that take the prompts of a run elsewhere, and bring answers back. */
import type { Command } from 'commander'
import { batchOptions } from '../../../judges/llm/batch-api.ts'
import { shardFile, shardOptions } from '../../../llm/job-folder.ts'
import { parseOptions } from '../../../options.ts'
import { batchJob, exportJob, importFiles, jobFolder, mergeJob } from '../../../run/stages/judge-batch.ts'
import { openJudgeJob } from '../../../run/stages/judge-job.ts'
import { lastCuts, openLastJob } from '../../../run/stages/judge-run.ts'
import { addSchemaFlags, givenOf, givenOptions } from '../../shared/flags.ts'
import { jobCommand } from '../../shared/judge-command.ts'
import { formatBatches, formatImport } from '../../shared/judge-text.ts'
import { inView, type SessionFlags, show } from '../../shared/session.ts'

export const batches = {
  /** `dualtree judge export <run>`: the prompts without an answer as OpenAI Batch files. */
  export(command: Command): void {
    addSchemaFlags(jobCommand(command), shardOptions)
      .option('--out <folder>', 'job folder (default: <run>/job)')
      .action(async (directory: string, flags: SessionFlags) => {
        const folder = flags.out ?? jobFolder(directory)
        const cuts = parseOptions(shardOptions, givenOf(shardOptions, flags), 'export')
        const { shards } = await exportJob(await openJudgeJob(directory, givenOptions(flags)), folder, cuts)
        const requests = shards.reduce((sum, shard) => sum + shard.requests, 0)
        const text = [
          `${requests} requests in ${shards.length} shards:`,
          ...shards.map(
            (shard, index) =>
              `  ${shardFile(folder, index)}: ${shard.requests} requests, ${(shard.bytes / 1e6).toFixed(1)} MB`,
          ),
          `Bring results back with "dualtree judge import ${directory} <results.jsonl …>", or those of run-shard with "dualtree judge merge ${directory}"`,
        ].join('\n')
        show({ text, json: { directory, folder, requests, shards } }, flags)
      })
  },

  /** `dualtree judge import <run> results.jsonl …`: answers from elsewhere into the run's ledger. */
  import(command: Command): void {
    jobCommand(command)
      .argument('<files...>', 'result files in the form of OpenAI Batch')
      .action(async (directory: string, files: string[], flags: SessionFlags) => {
        const job = await openLastJob(directory, givenOptions(flags))
        const count = await importFiles(job, files)
        show({ text: formatImport(count, job), json: { directory, ...count } }, flags)
      })
  },

  /** `dualtree judge merge <run>`: the parts of a job folder, checked, into the run's ledger. */
  merge(command: Command): void {
    jobCommand(command)
      .option('--job <folder>', 'job folder (default: <run>/job)')
      .action(async (directory: string, flags: SessionFlags & { job?: string }) => {
        const job = await openLastJob(directory, givenOptions(flags))
        const count = await mergeJob(job, flags.job ?? jobFolder(directory))
        show({ text: formatImport(count, job), json: { directory, ...count } }, flags)
      })
  },

  /** `dualtree judge submit <run>`: the prompts without an answer as batches of the server, within its limits. */
  submit(command: Command): void {
    addSchemaFlags(jobCommand(command), batchOptions).action(async (directory: string, flags: SessionFlags) => {
      const job = await openJudgeJob(directory, givenOptions(flags))
      const cuts = parseOptions(batchOptions, givenOf(batchOptions, flags), 'submit')
      const result = await inView(flags, watch => batchJob(job, cuts, { collect: false, wait: false }, watch))
      show({ text: formatBatches(result, directory), json: { directory, ...result.count, open: result.open } }, flags)
    })
  },

  /** `dualtree judge collect <run>`: answers of finished batches into the run's ledger; what is still open is submitted. */
  collect(command: Command): void {
    addSchemaFlags(jobCommand(command), batchOptions)
      .option('--wait', 'go on until every prompt is answered')
      .action(async (directory: string, flags: SessionFlags & { wait?: boolean }) => {
        const job = await openLastJob(directory, givenOptions(flags))
        const asked = { ...(await lastCuts(directory)), ...givenOf(batchOptions, flags) }
        const cuts = parseOptions(batchOptions, asked, 'collect')
        const how = { collect: true, wait: flags.wait ?? false }
        const result = await inView(flags, watch => batchJob(job, cuts, how, watch))
        show({ text: formatBatches(result, directory), json: { directory, ...result.count, open: result.open } }, flags)
      })
  },
}
