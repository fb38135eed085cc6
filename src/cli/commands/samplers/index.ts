/** `dualtree samplers`: what there is to say of samplers. */
import type { Command } from 'commander'
import { addCommands, type CommandEntry } from '../../shared/add-commands.ts'

export const subcommands: readonly CommandEntry[] = [
  { name: 'bench', summary: 'all samplers on the same vectors, in one table', load: () => import('./bench.ts') },
]

export const configure = (command: Command, args: readonly string[]): Promise<void> =>
  addCommands(command, subcommands, args)
