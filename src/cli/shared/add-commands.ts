/** Commands and subcommands from a list of them. */
import type { Command } from 'commander'
import { addExamples } from './help.ts'

export interface CommandEntry {
  readonly name: string
  readonly summary: string
  /** Adds arguments, flags and the action to a fresh command; `args` are those of the whole command line. */
  load(): Promise<{ configure(command: Command, args: readonly string[]): void | Promise<void> }>
}

/** `load` of a command in the file of its group. */
export const local = (configure: (command: Command) => void) => async () => ({ configure })

/** `load` of one command of a module with several. */
export const among =
  <T extends Readonly<Record<string, (command: Command) => void>>>(load: () => Promise<T>) =>
  (name: keyof T) =>
  async () => ({ configure: (await load())[name] })

/** The module of a command that has nothing but subcommands. */
export const commandGroup = (subcommands: readonly CommandEntry[]) => ({
  subcommands,
  configure(command: Command, args: readonly string[]): Promise<void> {
    // what stands behind the name of a subcommand is that one's, also where both have a flag
    command.enablePositionalOptions()
    return addCommands(command, subcommands, args)
  },
})

/** Adds the commands of a list to `parent`; only what `args` name is loaded. */
export async function addCommands(
  parent: Command,
  entries: readonly CommandEntry[],
  args: readonly string[],
): Promise<void> {
  for (const { name, summary, load } of entries) {
    const command = parent
      .command(name)
      .description(summary[0].toUpperCase() + summary.slice(1))
      .summary(summary)
      .exitOverride()
    command.option('--debug', 'show the stack of an error')
    command.option('--plugin <file>', 'load parts of your own from a module')
    if (!args.includes(name)) continue
    addExamples(command)
    await (await load()).configure(command, args)
  }
}
