/** `dualtree events`: the log that a server keeps of what users did. */
import type { Command } from 'commander'
import { addCommands, type CommandEntry } from '../../shared/add-commands.ts'

export const subcommands: readonly CommandEntry[] = [
  { name: 'report', summary: 'click-through of each model that was served', load: () => import('./report.ts') },
  { name: 'export', summary: 'the events as Parquet, for the next training', load: () => import('./export.ts') },
]

export const configure = (command: Command, args: readonly string[]): Promise<void> =>
  addCommands(command, subcommands, args)
