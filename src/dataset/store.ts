/**
 * A split in a directory: `train.parquet`, `valid.parquet` and `test.parquet` with external ids, `users.parquet` and
 * `items.parquet` with the ids in internal order, and `split.json`, written last, with the hash that all must have.
 */
import { readFile, rm } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { isDeepStrictEqual } from 'node:util'
import { DataError, messageOf } from '../errors.ts'
import { cannotWrite, makeDirectory, refuseUnreadable, writeJson } from '../files.ts'
import { text } from '../options.ts'
import { checkRequest, signal as signalShape } from '../requests.ts'
import { buildCsr, gather, rowOfEntry } from './csr.ts'
import {
  createDataset,
  createVocabulary,
  type Dataset,
  type ExternalId,
  type Pairs,
  pairsOf,
  type TimeKind,
  type Vocabulary,
} from './dataset.ts'
import { type Database, firstLine, pathLiteral, withDatabase } from './files/duckdb.ts'
import { type Cells, type ParquetFile, withParquet } from './parquet/read.ts'
import { createSplit, type Split } from './split.ts'
import { type Column, idColumn, writeTable } from './table.ts'
import { type HeldOut, openTruth, splitShape } from './truth.ts'

/** The file of a written split that says what the others are, written last. */
export const SPLIT_MANIFEST = 'split.json'

interface Manifest {
  format: 'dualtree split'
  version: 1
  /** absent where an engine wrote the tables: then `rows` says how many there are */
  hash?: string
  rows?: Readonly<Record<'users' | 'items' | 'train' | 'valid' | 'test', number>>
  /** of the times in the files, where there are any */
  timeKind?: TimeKind
  /** whether given.parquet has what is known of users that are not in train */
  given?: true
}

/**
 * Writes a split, over one that is there. The same split gives the same bytes.
 * @param directory made if it is not there
 * @throws OutputError when it cannot be written
 */
export async function writeSplit(split: Split, directory: string, signal?: AbortSignal): Promise<void> {
  checkRequest('writeSplit', WRITE_FIELDS, { split, directory, signal })
  await makeDirectory(directory)
  try {
    await writeFiles(split, directory, signal)
  } catch (error) {
    signal?.throwIfAborted()
    throw cannotWrite(directory, error)
  }
}

const READ_FIELDS = { directory: text, signal: signalShape.optional() }
const WRITE_FIELDS = { ...READ_FIELDS, split: splitShape }

async function writeFiles(split: Split, directory: string, signal: AbortSignal | undefined): Promise<void> {
  // while files are being replaced, nothing may vouch for them
  await rm(join(directory, SPLIT_MANIFEST), { force: true })
  const { train } = split
  const pathOf = (name: string) => join(directory, `${name}.parquet`)
  for (const [name, column, ids] of [
    ['users', 'user_id', train.userIds],
    ['items', 'item_id', train.itemIds],
  ] as const)
    await writeTable(pathOf(name), [idColumn(column, ids, row => row)], ids.ids.length)
  await writePairs(train, pairsOf(train), pathOf('train'))
  const writePart = (name: string, part: HeldOut) => {
    signal?.throwIfAborted()
    const { timestamps } = part
    const pairs = { users: rowOfEntry(part), items: part.indices, ...(timestamps && { timestamps }) }
    return writePairs(train, pairs, pathOf(name))
  }
  for (const part of ['valid', 'test'] as const) await writePart(part, openTruth(split[part]))
  const { given } = openTruth(split.test)
  if (given) await writePart('given', given)
  const { timeKind } = train
  const more = { ...(timeKind && { timeKind }), ...(split.test.newUsers && { given: true as const }) }
  const manifest: Manifest = { format: 'dualtree split', version: 1, hash: split.hash, ...more }
  await writeJson(join(directory, SPLIT_MANIFEST), manifest)
}

/**
 * Reads what `writeSplit` wrote, with the same internal ids.
 * @throws DataError when a file is missing, damaged, or not what was written
 */
export async function readSplit(directory: string, signal?: AbortSignal): Promise<Split> {
  checkRequest('readSplit', READ_FIELDS, { directory, signal })
  const { hash, rows, timeKind, given } = await readManifest(directory)
  const split = await withTables(directory, signal, async tables => {
    const userIds = await tables.ids('users', 'user_id')
    const itemIds = await tables.ids('items', 'item_id')
    const read = (part: string) => tables.pairs(part, userIds, itemIds)
    const train = createDataset({ ...(await read('train')), ...(timeKind && { timeKind }) }, userIds, itemIds)
    const heldOut = ({ users, items, timestamps }: Pairs): HeldOut => {
      const { pattern, order } = buildCsr(users, items, train.users, train.items)
      return { ...pattern, ...(timestamps && { timestamps: gather(timestamps, order, Float64Array) }) }
    }
    const test = { ...heldOut(await read('test')), ...(given && { given: heldOut(await read('given')) }) }
    return createSplit(train, heldOut(await read('valid')), test)
  })
  const { train, valid, test } = split
  const sizes = { users: train.users, items: train.items, train: train.interactions, valid: valid.interactions, test: test.interactions } // biome-ignore format: one line
  if (hash === undefined && !isDeepStrictEqual(rows, sizes))
    throw new DataError(
      `${directory}: the files are not those that ${SPLIT_MANIFEST} was written with (${JSON.stringify(sizes)}, expected ${JSON.stringify(rows)}); write the split again`,
    )
  if (hash !== undefined && split.hash !== hash)
    throw new DataError(
      `${directory}: the files are not those that ${SPLIT_MANIFEST} was written with (hash ${split.hash.slice(0, 12)}, expected ${hash.slice(0, 12)}); write the split again`,
    )
  return split
}

async function readManifest(directory: string): Promise<Manifest> {
  const path = join(directory, SPLIT_MANIFEST)
  const json = await readFile(path, 'utf8').catch(error => {
    refuseUnreadable(path, error)
    throw new DataError(`${path}: there is no complete split in this directory; write it again`, { cause: error })
  })
  try {
    const manifest: Manifest = JSON.parse(json)
    if (manifest.format === 'dualtree split' && manifest.version === 1) return manifest
  } catch (error) {
    throw new DataError(`${path}: not valid JSON: ${messageOf(error)}; write the split again`, { cause: error })
  }
  throw new DataError(`${path}: expected "format": "dualtree split" and "version": 1; write the split again`)
}

/** Writes pairs in their order, with external ids. */
function writePairs(train: Dataset, pairs: Pairs, path: string): Promise<void> {
  const { users, items, timestamps, weights } = pairs
  const numbers = (name: string, type: 'DOUBLE' | 'FLOAT', values: ArrayLike<number> | undefined): Column[] =>
    values ? [{ name, type, value: row => values[row] }] : []
  const columns = [
    idColumn('user_id', train.userIds, row => users[row]),
    idColumn('item_id', train.itemIds, row => items[row]),
    ...numbers('timestamp', 'DOUBLE', timestamps),
    ...numbers('weight', 'FLOAT', weights),
  ]
  return writeTable(path, columns, users.length)
}

/** The tables of a split; ids are read before pairs. */
interface Tables {
  ids(name: 'users' | 'items', column: string): Promise<Vocabulary>
  pairs(part: string, users: Vocabulary, items: Vocabulary): Promise<Pairs>
}

/** What an engine wrote is read by DuckDB, and so is what earlier versions did. */
async function withTables<T>(
  directory: string,
  signal: AbortSignal | undefined,
  body: (tables: Tables) => Promise<T>,
): Promise<T> {
  const pathOf = (name: string) => join(directory, `${name}.parquet`)
  for (const name of ['users', 'items', 'train', 'valid', 'test'])
    if (!(await readable(pathOf(name), () => withParquet(pathOf(name), async () => true))))
      return withDatabase(signal, database =>
        body({
          ids: (name, column) => readIds(database, name, column, directory),
          pairs: part => readPairs(database, pathOf(part)),
        }),
      )
  const own = <T>(name: string, read: (file: ParquetFile) => Promise<T>) =>
    readable(pathOf(name), async () => (await withParquet(pathOf(name), read))!)
  return body({
    ids: async (name, column) =>
      createVocabulary(Array.from(await own(name, file => file.column(column))) as ExternalId[]),
    pairs: (part, users, items) =>
      own(part, async file => {
        signal?.throwIfAborted()
        const codes = async (column: string, { ids }: Vocabulary) => {
          const places = new Map<Cells[number], number>(ids.map((id, place) => [id, place]))
          // an id that is not there makes another hash, whatever its code
          return Int32Array.from(await file.column(column), id => places.get(id) ?? 0)
        }
        const more = async (column: string) => file.names.includes(column) && (await file.column(column))
        const [timestamps, weights] = [await more('timestamp'), await more('weight')]
        return {
          users: await codes('user_id', users),
          items: await codes('item_id', items),
          ...(timestamps && { timestamps }),
          ...(weights && { weights }),
        } as Pairs
      }),
  })
}

async function readIds(database: Database, name: string, column: string, directory: string): Promise<Vocabulary> {
  const path = join(directory, `${name}.parquet`)
  await readable(path, () =>
    database.run(
      `CREATE TEMP TABLE ${name} AS SELECT file_row_number::INTEGER AS code, ${column} AS id ` +
        `FROM read_parquet(${pathLiteral(path)}, file_row_number = true)`,
    ),
  )
  const ids: (string | number)[] = []
  await database.stream(`SELECT id FROM ${name} ORDER BY code`, chunk => {
    const column = chunk.getColumnVector(0)
    for (let index = 0; index < column.itemCount; index++) {
      const id = column.getItem(index)
      ids.push(typeof id === 'bigint' ? Number(id) : String(id))
    }
  })
  return createVocabulary(ids)
}

async function readPairs(database: Database, path: string): Promise<Pairs> {
  const from = `read_parquet(${pathLiteral(path)}, file_row_number = true)`
  const columns = await readable(path, () => database.rows(`DESCRIBE SELECT * FROM ${from}`))
  const has = (name: string) => columns.some(([column]) => column === name)
  const count = Number((await readable(path, () => database.rows(`SELECT count(*) FROM ${from}`)))[0][0])
  const users = new Int32Array(count)
  const items = new Int32Array(count)
  const timestamps = has('timestamp') ? new Float64Array(count) : undefined
  const weights = has('weight') ? new Float64Array(count) : undefined
  const list = `file_row_number::INTEGER, users.code, items.code, ${timestamps ? 'timestamp' : '0::DOUBLE'}, ${weights ? 'weight' : '1::FLOAT'}`
  const joins = 'JOIN users ON users.id = user_id JOIN items ON items.id = item_id'
  // joins give rows in any order: each is put where it belongs
  await readable(path, () =>
    database.stream(`SELECT ${list} FROM ${from} ${joins}`, chunk => {
      const [at, user, item, timestamp, weight] = [0, 1, 2, 3, 4].map(column => chunk.getColumnVector(column))
      for (let index = 0; index < at.itemCount; index++) {
        const position = at.getItem(index) as number
        users[position] = user.getItem(index) as number
        items[position] = item.getItem(index) as number
        if (timestamps) timestamps[position] = timestamp.getItem(index) as number
        if (weights) weights[position] = weight.getItem(index) as number
      }
    }),
  )
  return { users, items, ...(timestamps && { timestamps }), ...(weights && { weights }) }
}

async function readable<T>(path: string, read: () => Promise<T>): Promise<T> {
  try {
    return await read()
  } catch (error) {
    throw new DataError(
      `${path}: ${basename(path)} cannot be read: ${firstLine(messageOf(error))}; write the split again`,
      {
        cause: error,
      },
    )
  }
}
