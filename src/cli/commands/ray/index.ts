/** `dualtree ray`: shards of a job on a Ray cluster, by its Jobs REST. */
import type { Command } from 'commander'
import { addCommands, type CommandEntry } from '../../shared/add-commands.ts'

export const subcommands: readonly CommandEntry[] = [
  { name: 'submit', summary: 'submit the shards that are not finished', load: () => import('./submit.ts') },
  { name: 'status', summary: 'where each shard stands', load: () => import('./status.ts') },
  { name: 'logs', summary: 'the output of a shard', load: () => import('./logs.ts') },
  { name: 'stop', summary: 'stop the shards that are under way', load: () => import('./stop.ts') },
]

export function configure(command: Command, args: readonly string[]): Promise<void> {
  command.enablePositionalOptions()
  return addCommands(command, subcommands, args)
}
