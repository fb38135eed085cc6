/** The command line: finds the command, and turns what goes wrong into one line and an exit code. */
import { Command, CommanderError } from 'commander'
import { DualtreeError, messageOf } from '../../errors.ts'
import { version } from '../../version.ts'
import { commands } from '../commands/index.ts'
import { addCommands } from './add-commands.ts'

/** @returns the exit code: 0, 1 when an audit finds a leak, a figure is outside its band or a run is not promoted, 2 for wrong usage, 3 for data or output, 4 for a failed run, 5 for a budget that is reached, 130 after Ctrl-C */
export async function main(args: readonly string[]): Promise<number> {
  const program = new Command('dualtree')
    .description('Recommendations from clicks, views and purchases, with judged false negatives, evaluated honestly.')
    .version(version)
    .option('--debug', 'show the stack of an error')
    .showSuggestionAfterError()
    // what stands behind the name of a command is that one's: subcommands share flags with what is above them
    .enablePositionalOptions()
    .exitOverride()
  try {
    // before the commands, which have flags for the options of parts
    return await withPlugins(pluginsOf(args), async () => {
      await addCommands(program, commands, args)
      await program.parseAsync([...args], { from: 'user' })
      return Number(process.exitCode ?? 0)
    })
  } catch (error) {
    return report(error, args.includes('--debug'))
  }
}

/** All parts stand behind the module that loads more of them: it is imported where there are some. */
async function withPlugins<R>(files: readonly string[], body: () => Promise<R>): Promise<R> {
  if (files.length === 0) return body()
  const { loadPlugin, withParts } = await import('../../run/own-parts.ts')
  const plugins = await Promise.all(files.map(loadPlugin))
  return withParts(plugins.flat(), body)
}

/** The files of `--plugin a.ts` and `--plugin=a.ts`. */
function pluginsOf(args: readonly string[]): string[] {
  return args.flatMap((arg, at) => {
    if (arg.startsWith('--plugin=')) return [arg.slice('--plugin='.length)]
    return arg === '--plugin' && args[at + 1] !== undefined ? [args[at + 1]] : []
  })
}

function report(error: unknown, debug: boolean): number {
  // commander has printed its own message: help and version end well, the rest is wrong usage
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2
  if (error instanceof Error && error.name === 'AbortError') {
    process.stderr.write(`${error.message}\n`)
    return 130
  }
  process.stderr.write(`error: ${messageOf(error)}\n`)
  if (debug || !(error instanceof DualtreeError)) process.stderr.write(`${(error as Error).stack}\n`)
  return error instanceof DualtreeError ? error.exitCode : 1
}
