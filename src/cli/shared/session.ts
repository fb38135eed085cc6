/** What the commands that run stages share: their flags, the view, Ctrl-C, and the JSON that `--json` prints. */
import { readFileSync } from 'node:fs'
import { basename, join, resolve } from 'node:path'
import type { Command } from 'commander'
import { sha256 } from '../../files.ts'
import type { RunRequest, RunResult, RunTarget } from '../../run/request.ts'
import { run } from '../../run/run.ts'
import { addOptionFlags, givenOptions } from './flags.ts'
import { JUDGE_OPTIONS } from './help.ts'
import { toLatex } from './latex.ts'
import { createView, type RunView } from './progress.ts'

export interface SessionFlags extends Record<string, unknown> {
  readonly out?: string
  readonly json?: boolean
  readonly latex?: boolean
  readonly quiet?: boolean
  readonly force?: boolean
}

/** Adds `--json`, `--latex` and `--quiet`. */
export function addOutputFlags(command: Command): Command {
  return addPrintFlags(command, 'print one JSON document; progress goes to stderr').option(
    '--quiet',
    'show no progress',
  )
}

/** Adds `--json` and `--latex`, for commands that are done at once. */
export function addPrintFlags(command: Command, json = 'print one JSON document'): Command {
  return command.option('--json', json).option('--latex', 'print tables as LaTeX')
}

/** Adds `--force`, for commands that start a run. */
export function addForceFlag(command: Command): Command {
  return command.option('--force', 'replace a finished run in --out')
}

/** Option groups of what each target adds to those before it: a command can start from data, and makes what it needs. */
const ADDED_GROUPS = [
  ['data', ['Data', 'Items']],
  ['train', ['Run', 'Training', 'Model', 'Sampler', 'Objective', 'Baseline']],
  ['candidates', []],
  ['trees', ['Trees']],
  ['judge', ['Judge']],
  ['audit', ['Audit']],
  ['calibrate', []],
] as const satisfies readonly (readonly [RunTarget, readonly string[]])[]

/** All groups for a target beyond those. */
function groupsUntil(target: RunTarget): string[] | undefined {
  const last = ADDED_GROUPS.findIndex(([name]) => name === target)
  return last < 0 ? undefined : ADDED_GROUPS.slice(0, last + 1).flatMap(([, groups]) => groups)
}

/**
 * A command that takes a run directory (or, with `--out`, data to start one from) through its stages up to a target.
 * @param before looks at an earlier run before anything is made
 * @param print what to say at the end, on stdout; what it returns as `json` is printed instead with `--json`
 */
export function configureStage(
  command: Command,
  until: RunTarget,
  print: (result: RunResult, flags: SessionFlags) => Promise<Printed> | Printed,
  before: (directory: string, flags: SessionFlags) => Promise<void> = async () => {},
): void {
  const groups = groupsUntil(until)
  command
    .argument('<run|data>', 'a run directory; or, with --out, the file or directory of interactions to start one from')
    .option('--out <directory>', 'run directory to start')
  addOutputFlags(addOptionFlags(command, groups, groups?.includes('Judge') ? JUDGE_OPTIONS : undefined)).action(
    async (path: string, flags: SessionFlags) => {
      if (flags.out === undefined) await before(path, flags)
      const target = flags.out === undefined ? { directory: path } : { source: path, directory: flags.out }
      show(await print(await runInView({ ...target, until }, flags), flags), flags)
    },
  )
}

export interface Printed {
  readonly text: string
  readonly json: unknown
}

export function show({ text, json }: Printed, { json: asJson, latex }: SessionFlags): void {
  process.stdout.write(`${asJson ? JSON.stringify(json, null, 2) : latex ? toLatex(text) : text}\n`)
}

/** Runs with progress on stderr, and the options that were given as flags. */
export function runInView(
  request: Pick<RunRequest, 'directory' | 'source' | 'until' | 'options' | 'parts' | 'keepFinished'>,
  flags: SessionFlags,
): Promise<RunResult> {
  const options = { ...request.options, ...givenOptions(flags) }
  return inView(flags, watch => run({ ...request, options, ...watch }))
}

/** Signals that end a command after its current batch; the last comes when a terminal is closed. */
const STOPPING = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const

/**
 * Works with progress on stderr; the first Ctrl-C ends it after the current batch, a second one at once.
 * @param again what the same command does after a stop
 */
export async function inView<T>(
  { quiet }: SessionFlags,
  body: (watch: { signal: AbortSignal; emit: RunView['emit'] }) => Promise<T>,
  again: 'resumes' | 'starts over' = 'resumes',
): Promise<T> {
  const view = createView(process.stderr, quiet === true)
  const stop = new AbortController()
  const stopped = new DOMException(`stopped; the same command ${again}`, 'AbortError')
  const interrupt = () => {
    if (stop.signal.aborted) process.exit(130)
    stop.abort(stopped)
    view.notice('stopping after the work in progress; Ctrl-C again stops at once')
  }
  // `once` would not do: with no listener left, a library that restores the cursor ends the process
  for (const name of STOPPING) process.on(name, interrupt)
  try {
    const result = await body({ signal: stop.signal, emit: view.emit })
    await view.close()
    return result
  } catch (error) {
    await view.close(error)
    // some abort with words of their own
    throw (error as Error).name === 'AbortError' && stop.signal.aborted ? stopped : error
  } finally {
    for (const name of STOPPING) process.removeListener(name, interrupt)
  }
}

/**
 * `runs/sports` for `data/sports`, `runs/clicks` for `clicks.csv`; where that is a run of other data with the same name,
 * a few digits of the path are added.
 */
export function defaultDirectory(source: string): string {
  const path = resolve(source)
  const plain = `runs/${basename(path).replace(/\..*$/, '') || 'data'}`
  const other = sourceOf(plain)
  return other === undefined || resolve(other) === path ? plain : `${plain}-${sha256(path).slice(0, 6)}`
}

/** The data of the run in a directory, where there is one. */
function sourceOf(directory: string): string | undefined {
  try {
    return JSON.parse(readFileSync(join(directory, 'options.json'), 'utf8')).source
  } catch {
    return undefined
  }
}
