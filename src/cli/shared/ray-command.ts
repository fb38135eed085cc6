/** What the commands on a Ray cluster share. */
import type { Command } from 'commander'
import { RAY_ADDRESS, type RayShard } from '../../engines/ray.ts'
import { addOutputFlags, type Printed, type SessionFlags } from './session.ts'

export interface RayFlags extends SessionFlags {
  readonly address: string
}

export function rayCommand(command: Command): Command {
  return addOutputFlags(
    command.argument('<job>', 'job folder').option('--address <url>', 'of the dashboard of the cluster', RAY_ADDRESS),
  )
}

/** How many shards are in each state, and what is known of those that failed. */
export function printShards(folder: string, shards: readonly RayShard[]): Printed {
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
