/** `dualtree spark`: data that outgrows one machine, prepared by Apache Spark. */
import type { Command } from 'commander'
import { addCommands, type CommandEntry } from '../../shared/add-commands.ts'

export const subcommands: readonly CommandEntry[] = [
  {
    name: 'submit',
    summary: 'split, item graph, base model and candidates by Spark, for "dualtree run --prepared"',
    load: () => import('./submit.ts'),
  },
]

export function configure(command: Command, args: readonly string[]): Promise<void> {
  command.enablePositionalOptions()
  return addCommands(command, subcommands, args)
}
