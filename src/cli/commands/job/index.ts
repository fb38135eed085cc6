/** `dualtree job`: a stage of a run as shards that any scheduler can hand out. */
import type { Command } from 'commander'
import { addCommands, type CommandEntry } from '../../shared/add-commands.ts'

export const subcommands: readonly CommandEntry[] = [
  { name: 'plan', summary: 'cut a stage of a run into shards', load: () => import('./plan.ts') },
  { name: 'run-shard', summary: 'process one shard, on any machine', load: () => import('./run-shard.ts') },
  { name: 'merge', summary: 'make the stage from finished shards', load: () => import('./merge.ts') },
  { name: 'render', summary: 'a Slurm script or a Kubernetes manifest', load: () => import('./render.ts') },
  { name: 'pipe', summary: 'rank for users, one per line, from stdin to stdout', load: () => import('./pipe.ts') },
  { name: 'status', summary: 'which shards are finished', load: () => import('./status.ts') },
]

export function configure(command: Command, args: readonly string[]): Promise<void> {
  command.enablePositionalOptions()
  return addCommands(command, subcommands, args)
}
