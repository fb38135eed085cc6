import { resolve } from 'node:path'
import type { Command } from 'commander'
import { submitToRay } from '../../../engines/ray.ts'
import { printShards, type RayFlags, rayCommand } from '../../shared/ray-command.ts'
import { show } from '../../shared/session.ts'

interface Flags extends RayFlags {
  readonly worker: string
  readonly more: string
  readonly cpus?: string
  readonly entrypoint?: string
}

/** `dualtree ray submit <job>`: one Ray job per shard; those that are whole or under way are left alone. */
export function configure(command: Command): void {
  rayCommand(command)
    .option('--worker <command>', 'how a node starts dualtree', 'npx dualtree')
    .option('--more <flags>', 'further flags of run-shard, such as "--base-url http://localhost:8000/v1"', '')
    .option(
      '--entrypoint <command>',
      'what a node runs in place of run-shard; {index} is the shard; without it one submission is for all',
    )
    .option('--cpus <n>', 'processors that a shard reserves')
    .action(async (job: string, { address, worker, more, cpus, entrypoint, ...flags }: Flags) => {
      const runShard = `${worker} job run-shard ${JSON.stringify(resolve(job))} --index {index} --quiet ${more}`.trim()
      const request = { folder: job, address, entrypoint: entrypoint ?? runShard }
      const shards = await submitToRay({ ...request, ...(cpus !== undefined && { cpus: Number(cpus) }) })
      show(printShards(job, shards), flags)
    })
}
