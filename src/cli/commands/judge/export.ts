import type { Command } from 'commander'
import { shardFile, shardOptions } from '../../../llm/job-folder.ts'
import { parseOptions } from '../../../options.ts'
import { exportJob, jobFolder } from '../../../run/stages/judge-batch.ts'
import { openJudgeJob } from '../../../run/stages/judge-job.ts'
import { addSchemaFlags, givenOf } from '../../shared/flags.ts'
import { jobCommand, jobOptions } from '../../shared/judge-command.ts'
import { type SessionFlags, show } from '../../shared/session.ts'

/** `dualtree judge export <run>`: the prompts without an answer as OpenAI Batch files. */
export function configure(command: Command): void {
  addSchemaFlags(jobCommand(command), shardOptions)
    .option('--out <folder>', 'job folder (default: <run>/job)')
    .action(async (directory: string, flags: SessionFlags) => {
      const folder = flags.out ?? jobFolder(directory)
      const cuts = parseOptions(shardOptions, givenOf(shardOptions, flags), 'export')
      const { shards } = await exportJob(await openJudgeJob(directory, jobOptions(flags)), folder, cuts)
      const requests = shards.reduce((sum, shard) => sum + shard.requests, 0)
      const lines = shards.map(
        (shard, index) =>
          `  ${shardFile(folder, index)}: ${shard.requests} requests, ${(shard.bytes / 1e6).toFixed(1)} MB`,
      )
      show(
        {
          text: `${requests} requests in ${shards.length} shards:\n${lines.join('\n')}\nBring results back with "dualtree judge import ${directory} <results.jsonl …>", or those of run-shard with "dualtree judge merge ${directory}"`,
          json: { directory, folder, requests, shards },
        },
        flags,
      )
    })
}
