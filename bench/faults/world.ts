/** What faults are done to: data, a finished run with a fitted model and an event log, and half a run. */
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { plantedData } from '../../src/dataset/planted.ts'
import { openEventLog } from '../../src/serving/events/event-log.ts'
import type { CliResult } from '../../test/support/cli.ts'
import { filesOf } from './damage.ts'
import { EVENTS, here, READERS } from './readers.ts'

export interface World {
  readonly directory: string
  /** a finished run, and one that was stopped before it was evaluated */
  readonly runs: { readonly finished: string; readonly half: string }
  readonly files: { readonly finished: readonly string[]; readonly half: readonly string[] }
  /** arguments of a run without --out */
  readonly args: readonly string[]
  /** what each reader says over an undamaged run */
  readonly expected: Readonly<Record<string, string>>
  /** files of stages, with their bytes after a finished run */
  readonly results: ReadonlyMap<string, Buffer>
}

/** How a fault ended; `same` and `error` are good ends, `skipped` is one that cannot be made here. */
export interface Outcome {
  readonly kind: 'same' | 'error' | 'failure' | 'skipped'
  readonly what: string
}

const OPTIONS = ['--dimensions', '8', '--layers', '1', '--epochs', '4', '--validate-every', '2', '--checkpoint-every', '1', '--batch-size', '256', '--leaf-size', '8', '--baselines', 'popularity,item-knn', '--threads', '1'] // biome-ignore format: one line

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
  await sound([...args, '--quiet', '--out', runs.finished])
  const files = filesOf(runs.finished)
  const isResult = (file: string) => /\.(parquet|safetensors)$/.test(file)
  const results = new Map(files.filter(isResult).map(file => [file, readFileSync(join(runs.finished, file))]))
  // as a run that was killed while it trained DTL-NS
  cpSync(runs.finished, runs.half, { recursive: true })
  for (const name of readdirSync(runs.half))
    if (/^(evaluate|refit|train-dtl-ns|metrics|report)/.test(name)) rmSync(join(runs.half, name), { recursive: true })
  await sound(['fit', runs.finished, '--quiet'])
  await writeEvents(join(runs.finished, EVENTS))
  const expected: Record<string, string> = {}
  for (const [name, read] of Object.entries(READERS)) {
    const { code, stdout, stderr } = await read(runs.finished)
    if (code !== 0) throw new Error(`${name} ended with ${code}: ${stderr}`)
    expected[name] = stdout
  }
  const all = { finished: filesOf(runs.finished), half: filesOf(runs.half) }
  return { directory, runs, files: all, args, expected, results }
}

async function writeEvents(path: string): Promise<void> {
  const log = openEventLog(path)
  const events = Array.from({ length: 30 }, (_, index) => {
    const [user, item] = [`u${index % 4 === 0 ? 7 : index}`, `i${(index * 7) % 80}`]
    return { id: `event-${index}`, user, item, type: 'click', weight: 1, time: 1.7e12 + index }
  })
  await log.append(events)
  log.close()
}

/** Results of a run that are other bytes than without damage. */
export function differences({ results }: World, run: string): string | undefined {
  for (const [file, bytes] of results) {
    try {
      if (!readFileSync(join(run, file)).equals(bytes)) return `${file} differs`
    } catch {
      return `${file} is missing`
    }
  }
  return undefined
}

/** Whether an end without success is one that a user can live with. @returns what is wrong, or the line of error */
export function judgeError({ code, stderr }: CliResult): { readonly failure?: string; readonly line?: string } {
  const lines = stderr
    .trim()
    .split('\n')
    .filter(line => line.startsWith('error: '))
  if (code === null || ![2, 3, 4].includes(code)) return { failure: `exit code ${code}: ${stderr.slice(-1600)}` }
  if (/^\s+at .*:\d+:\d+\)?$/m.test(stderr)) return { failure: `a stack: ${stderr.slice(-1600)}` }
  if (lines.length !== 1) return { failure: `${lines.length} lines of error: ${stderr.slice(-1600)}` }
  return { line: lines[0] }
}

async function sound(args: readonly string[]): Promise<void> {
  const { code, stderr } = await here(args)
  if (code !== 0) throw new Error(`${args.join(' ')} ended with ${code}: ${stderr}`)
}
