/**
 * A run directory is damaged, and a command is started over it. Good ends are the same bytes as without damage, a run that is
 * healed, one clear line with exit code 3 or 4, or a refusal with exit code 2; anything else is a failure.
 */
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { plantedData } from '../../src/dataset/planted.ts'
import { derive, randomStream } from '../../src/random.ts'
import { type CliResult, runHere } from '../../test/support/cli.ts'
import { type Damage, damageOf, filesOf } from './damage.ts'

export interface World {
  readonly directory: string
  /** a finished run, and one that was stopped before it was evaluated */
  readonly runs: { readonly finished: string; readonly half: string }
  readonly files: { readonly finished: readonly string[]; readonly half: readonly string[] }
  /** arguments of a run without --out */
  readonly args: readonly string[]
  /** what each command prints over an undamaged run */
  readonly expected: Readonly<Record<string, string>>
  /** files that hold results, with their bytes after a finished run */
  readonly results: ReadonlyMap<string, Buffer>
}

export interface Outcome {
  readonly kind: 'same' | 'error' | 'failure'
  readonly what: string
}

const OPTIONS = ['--dimensions', '8', '--layers', '1', '--epochs', '4', '--validate-every', '2', '--batch-size', '256', '--leaf-size', '8', '--baselines', 'popularity,item-knn', '--threads', '1', '--quiet'] // biome-ignore format: one line

/** Commands that read a run. */
const READERS: Readonly<Record<string, (run: string) => string[]>> = {
  recommend: run => ['recommend', run, '--user', 'u7', '--k', '5', '--format', 'json'],
  compare: run => ['compare', run, '--json', '--quiet', '--resamples', '100', '--permutations', '100'],
}

/** @returns a directory with small data, a finished run and half a run */
export async function createWorld(): Promise<World> {
  const directory = mkdtempSync(join(tmpdir(), 'dualtree-faults-'))
  const source = join(directory, 'input')
  mkdirSync(source)
  const data = plantedData({ users: 60, items: 80, levels: 2, likesPerUser: 14 })
  for (const part of ['train', 'valid', 'test'] as const) {
    const { users, items } = data[part]
    writeFileSync(join(source, `${part}.txt`), users.map((user, row) => `u${user} i${items[row]}\n`).join(''))
  }
  const runs = { finished: join(directory, 'finished'), half: join(directory, 'half') }
  const args = ['run', source, ...OPTIONS]
  await sound([...args, '--out', runs.finished])
  // as a run that was killed while it trained DTL-NS
  cpSync(runs.finished, runs.half, { recursive: true })
  for (const name of readdirSync(runs.half))
    if (/^(evaluate|refit|train-dtl-ns|metrics|report)/.test(name)) rmSync(join(runs.half, name), { recursive: true })
  const expected: Record<string, string> = {}
  for (const [name, command] of Object.entries(READERS)) expected[name] = await sound(command(runs.finished))
  const files = { finished: filesOf(runs.finished), half: filesOf(runs.half) }
  const results = new Map(
    files.finished
      .filter(file => /\.(parquet|safetensors)$/.test(file))
      .map(file => [file, readFileSync(join(runs.finished, file))]),
  )
  return { directory, runs, files, args, expected, results }
}

/** The fault with this number: what is damaged, and which command is started over it. */
export function faultOf({ files }: World, seed: number, index: number) {
  const random = randomStream(derive(seed, 'command', index))
  const commands = ['run', ...Object.keys(READERS)]
  const command = commands[random.below(commands.length)]
  const which = command === 'run' && random.below(3) === 0 ? 'half' : 'finished'
  const damage: Damage = damageOf(seed, index, files[which])
  return { command, which, damage, words: `${damage.kind}: ${which}/${damage.file}, then ${command}` } as const
}

export async function checkFault(world: World, seed: number, index: number): Promise<Outcome> {
  const { command, which, damage, words } = faultOf(world, seed, index)
  const copy = join(world.directory, 'copy')
  rmSync(copy, { recursive: true, force: true })
  cpSync(world.runs[which], copy, { recursive: true })
  damage.apply(copy)
  const args = command === 'run' ? [...world.args, '--out', copy, '--force'] : READERS[command](copy)
  const { code, stdout, stderr } = await start(args)
  const failure = (why: string): Outcome => ({ kind: 'failure', what: `${words}: ${why}` })
  if (code === 0) {
    const differing =
      command === 'run' ? differences(world, copy) : differs(stdout, world.expected[command], copy, world)
    return differing === undefined ? { kind: 'same', what: words } : failure(`exit 0, but ${differing}`)
  }
  const lines = stderr
    .trim()
    .split('\n')
    .filter(line => line.startsWith('error: '))
  if (code === null || ![2, 3, 4].includes(code)) return failure(`exit code ${code}: ${stderr.slice(-300)}`)
  if (/^\s+at .*:\d+:\d+\)?$/m.test(stderr)) return failure(`a stack: ${stderr.slice(0, 300)}`)
  if (lines.length !== 1) return failure(`${lines.length} lines of error: ${stderr.slice(0, 300)}`)
  return { kind: 'error', what: `${words}: ${lines[0]}` }
}

/** Results of a run that are other bytes than without damage. */
function differences({ results }: World, copy: string): string | undefined {
  for (const [file, bytes] of results) {
    try {
      if (!readFileSync(join(copy, file)).equals(bytes)) return `${file} differs`
    } catch {
      return `${file} is missing`
    }
  }
  return undefined
}

function differs(stdout: string, expected: string, copy: string, { runs }: World): string | undefined {
  // every answer has an id of its own
  const plain = (text: string, run: string) => text.replaceAll(run, 'RUN').replaceAll(/"requestId": *"[^"]*"/g, '')
  return plain(stdout, copy) === plain(expected, runs.finished) ? undefined : `it printed ${stdout.slice(0, 200)}`
}

async function sound(args: readonly string[]): Promise<string> {
  const { code, stdout, stderr } = await start(args)
  if (code !== 0) throw new Error(`${args.join(' ')} ended with ${code}: ${stderr}`)
  return stdout
}

/** In this process; what nobody caught counts as an end without a code. */
async function start(args: readonly string[]): Promise<CliResult> {
  try {
    return await runHere(args)
  } catch (error) {
    return { code: null, stdout: '', stderr: String((error as Error).stack) }
  }
}
