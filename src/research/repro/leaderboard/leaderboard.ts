/** `repro gowalla` and `repro next-item`: our rows beside published ones on the very split. */
import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { loadSplit } from '../../../dataset/load.ts'
import { DataError, UsageError } from '../../../errors.ts'
import { makeDirectory, writeJson } from '../../../files.ts'
import { physicalCores } from '../../../kernels/wasm/pool.ts'
import { createKernels } from '../../../kernels/wasm/wasm.ts'
import { describeEnvironment, type Environment } from '../../../run/environment.ts'
import type { RunEvent } from '../../../run/stage.ts'
import { version } from '../../../version.ts'
import { type Measured, type Method, measureAll } from './measure.ts'
import { BAND, GOWALLA, NEXT_ITEM, NEXT_ITEM_OURS, type Published } from './published.ts'

export const leaderboards = ['gowalla', 'next-item'] as const

export interface LeaderboardRequest {
  readonly name: (typeof leaderboards)[number]
  readonly source: string
  /** made if it is not there */
  readonly directory: string
  /** also rows that train for hours */
  readonly full?: boolean
  /** the rows that are made, in place of those that `full` says: gowalla by the names of published rows, next-item by ours */
  readonly rows?: readonly string[]
  readonly seed?: number
  /** 0 or absent: one per physical core */
  readonly threads?: number
  readonly signal?: AbortSignal
  readonly emit?: (event: RunEvent) => void
}

/** Plain data. */
export interface Leaderboard {
  readonly title: string
  readonly environment: Environment
  readonly metrics: readonly string[]
  readonly rows: readonly LeaderboardRow[]
  /** whether every row of ours that has a published one beside it lies in its band */
  readonly holds: boolean
}

export interface LeaderboardRow {
  readonly name: string
  readonly published?: readonly number[]
  readonly ours?: Measured
  /** absent where there is nothing to compare */
  readonly holds?: boolean
}

/** MD5 of the files of the split of LightGCN and BARS. */
const GOWALLA_FILES = {
  'train.txt': '5eec1eb2edb8dd648377d348b8e136cf',
  'test.txt': 'c04e2c4bcd2389f53ed8281816166149',
}

/** @throws DataError for other data than the published rows are of; whatever `signal` aborts with */
export async function reproduceLeaderboard(request: LeaderboardRequest): Promise<Leaderboard> {
  const { name, directory } = request
  await makeDirectory(directory)
  const board = name === 'gowalla' ? await gowalla(request) : await nextItem(request)
  await writeJson(join(directory, 'repro.json'), board)
  return board
}

async function gowalla(request: LeaderboardRequest): Promise<Leaderboard> {
  const { source, full = false, rows } = request
  const made = GOWALLA.filter(({ ours }) => ours)
  checkRows(rows, made)
  await checkFiles(source)
  const wanted = made.filter(({ long, name }) => (rows ? rows.includes(name) : full || !long))
  // test holds a fifth of each user's interactions, and not the latest: what is held out to choose by is as much, drawn alike
  const options = { format: 'sequences', validFrom: 'user', validShare: 0.2 } as const
  const methods = (among: readonly Published[]) => among.map(({ ours }) => ours!)
  const table = await make(request, options, [20], () => methods(wanted), methods(made))
  return tableOf('Gowalla, the split of LightGCN and BARS', table, ['recall@20', 'ndcg@20'], GOWALLA)
}

async function nextItem(request: LeaderboardRequest): Promise<Leaderboard> {
  const { rows } = request
  checkRows(rows, NEXT_ITEM_OURS)
  const wanted = NEXT_ITEM_OURS.filter(({ name }) => !rows || rows.includes(name))
  const options = { format: 'sequences', split: 'leave-one-out' } as const
  let known = NEXT_ITEM[0]
  const methodsFor = (users: number) => {
    known = NEXT_ITEM[users]
    if (known) return wanted
    throw new DataError(
      `${request.source}: ${users} users, and figures are published of ${Object.entries(NEXT_ITEM)
        .map(([count, { name }]) => `${name} (${count})`)
        .join(' and ')} as sequential recommenders use them`,
    )
  }
  const made = await make(request, options, [5, 10], methodsFor, NEXT_ITEM_OURS)
  const metrics = ['recall@5', 'ndcg@5', 'recall@10', 'ndcg@10']
  return tableOf(`${known.name}, next item, histories of train and valid at test`, made, metrics, known.rows)
}

function checkRows(rows: readonly string[] | undefined, known: readonly { readonly name: string }[]): void {
  const unknown = rows?.find(name => !known.some(row => row.name === name))
  if (unknown === undefined) return
  const names = known.map(({ name }) => name).join(', ')
  throw new UsageError(`--rows: there is no row "${unknown}" to make; known are ${names}`)
}

/**
 * Rows that were made before in the directory, of the same data, options and seed, are not made again.
 * @param known the methods whose rows are taken from there besides those that are asked for
 */
async function make(
  { source, directory, seed = 1, threads, signal, emit }: LeaderboardRequest,
  options: Parameters<typeof loadSplit>[1],
  cutoffs: readonly number[],
  methodsFor: (users: number) => readonly Method[],
  known: readonly Method[] = [],
) {
  const { split } = await loadSplit(source, options, { ...(signal && { signal }) })
  const wanted = methodsFor(split.train.users)
  const pathOf = (method: Method) => {
    const key = JSON.stringify({ method, seed, cutoffs, data: split.hash, version })
    return join(directory, 'rows', `${createHash('sha256').update(key).digest('hex').slice(0, 16)}.json`)
  }
  const kept = [...new Set([...wanted, ...known])].filter(method => existsSync(pathOf(method)))
  const methods = wanted.filter(method => !kept.includes(method))
  const keep = async (method: Method, row: Measured) => {
    await makeDirectory(join(directory, 'rows'))
    await writeJson(pathOf(method), row)
  }
  const kernels = createKernels({ threads: threads || physicalCores() })
  try {
    const say = (text: string) => emit?.({ type: 'message', stage: 'repro', text })
    for (const { name } of kept) say(`${name}: reused`)
    const scratch = join(directory, 'rows', 'unfinished')
    const made = await measureAll(methods, { split, kernels, seed, cutoffs, signal, emit, keep, scratch })
    const before = await Promise.all(
      kept.map(async method => JSON.parse(await readFile(pathOf(method), 'utf8')) as Measured),
    )
    return { measured: [...before, ...made], environment: describeEnvironment(seed, split.hash) }
  } finally {
    kernels.close()
  }
}

async function checkFiles(source: string): Promise<void> {
  for (const [file, expected] of Object.entries(GOWALLA_FILES)) {
    const path = join(source, file)
    if (!existsSync(path))
      throw new DataError(
        `${path}: there is no such file; give the directory with the train.txt and test.txt of LightGCN`,
      )
    const found = createHash('md5')
      .update(await readFile(path))
      .digest('hex')
    if (found !== expected)
      throw new DataError(
        `${path}: its MD5 is ${found}, and that of the published split is ${expected}: take those files`,
      )
  }
}

function tableOf(
  title: string,
  { measured, environment }: { measured: readonly Measured[]; environment: Environment },
  metrics: readonly string[],
  published: readonly Published[],
): Leaderboard {
  const left = new Map(measured.map(row => [row.name, row]))
  const rows: LeaderboardRow[] = published.map(({ name, values, ours }) => {
    const own = ours && left.get(ours.name)
    if (!own) return { name, published: values }
    left.delete(own.name)
    const holds = metrics.every((metric, at) => {
      const value = own.values?.[metric].value
      return value === undefined || Math.abs(value / values[at] - 1) <= BAND
    })
    return { name, published: values, ours: own, ...(own.values && { holds }) }
  })
  for (const own of left.values()) rows.push({ name: own.name, ours: own })
  return { title, environment, metrics, rows, holds: rows.every(({ holds }) => holds !== false) }
}
