/** `dualtree ray`: shards of a job on a Ray cluster, by its Jobs REST. */
import { resolve } from 'node:path'
import type { Command } from 'commander'
import { RAY_ADDRESS, type RayShard, rayLogs, rayShards, stopRay, submitToRay } from '../../engines/ray.ts'
import { commandGroup, local } from '../shared/add-commands.ts'
import { addOutputFlags, type Printed, type SessionFlags, show } from '../shared/session.ts'

type Flags = SessionFlags & { address: string }
type SubmitFlags = Flags & { worker: string; more: string; cpus?: string; entrypoint?: string }

export const { subcommands, configure } = commandGroup([
  { name: 'submit', summary: 'submit the shards that are not finished', load: local(submit) },
  { name: 'status', summary: 'where each shard stands', load: local(status) },
  { name: 'logs', summary: 'the output of a shard', load: local(logs) },
  { name: 'stop', summary: 'stop the shards that are under way', load: local(stop) },
])

/** `dualtree ray submit <job>`: one Ray job per shard; those that are whole or under way are left alone. */
function submit(command: Command): void {
  rayCommand(command)
    .option('--worker <command>', 'how a node starts dualtree', 'npx dualtree')
    .option('--more <flags>', 'further flags of run-shard, such as "--base-url http://localhost:8000/v1"', '')
    .option(
      '--entrypoint <command>',
      'what a node runs in place of run-shard; {index} is the shard; without it one submission is for all',
    )
    .option('--cpus <n>', 'processors that a shard reserves')
    .action(async (job: string, { address, worker, more, cpus, entrypoint, ...flags }: SubmitFlags) => {
      const runShard = `${worker} job run-shard ${JSON.stringify(resolve(job))} --index {index} --quiet ${more}`.trim()
      const request = { folder: job, address, entrypoint: entrypoint ?? runShard }
      const shards = await submitToRay({ ...request, ...(cpus !== undefined && { cpus: Number(cpus) }) })
      show(printShards(job, shards), flags)
    })
}

function status(command: Command): void {
  rayCommand(command).action(async (job: string, flags: Flags) => {
    show(printShards(job, await rayShards(job, flags.address)), flags)
  })
}

function logs(command: Command): void {
  rayCommand(command)
    .requiredOption('--index <i>', 'which shard, from 0')
    .action(async (job: string, { index, ...flags }: Flags & { index: string }) => {
      const logs = await rayLogs(job, Number(index), flags.address)
      show({ text: logs.trimEnd(), json: { job, index: Number(index), logs } }, flags)
    })
}

function stop(command: Command): void {
  rayCommand(command).action(async (job: string, flags: Flags) => {
    const stopped = (await stopRay(job, flags.address)).map(({ index }) => index)
    show({ text: `${stopped.length} shards stopped`, json: { job, stopped } }, flags)
  })
}
function rayCommand(command: Command): Command {
  return addOutputFlags(
    command.argument('<job>', 'job folder').option('--address <url>', 'of the dashboard of the cluster', RAY_ADDRESS),
  )
}

/** How many shards are in each state, and what is known of those that failed. */
function printShards(folder: string, shards: readonly RayShard[]): Printed {
  const counts = [...Map.groupBy(shards, ({ status }) => status)].map(
    ([status, own]) => `${own.length} ${status.toLowerCase()}`,
  )
  const failed = shards.filter(({ status }) => status === 'FAILED')
  const lines = failed.slice(0, 5).map(({ index, message }) => `shard ${index}: ${message?.split('\n')[0] ?? 'failed'}`)
  return {
    text: [`${shards.length} shards: ${counts.join(', ') || 'none'}`, ...lines].join('\n'),
    json: { folder, shards },
  }
}
