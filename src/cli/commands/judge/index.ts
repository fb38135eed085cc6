/** `dualtree judge`: alone the stage, and below it what there is for judges that ask a language model. */
import type { Command } from 'commander'
import { addCommands, type CommandEntry } from '../index.ts'
import { configure as configureStage } from './stage.ts'

export const subcommands: readonly CommandEntry[] = []

export function configure(command: Command, args: readonly string[]): Promise<void> {
  configureStage(command)
  // what stands behind the name of a subcommand is that one's, also where both have a flag
  command.enablePositionalOptions()
  return addCommands(command, subcommands, args)
}
