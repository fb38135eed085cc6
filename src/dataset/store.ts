/**
 * A split in a directory: `train.parquet`, `valid.parquet` and `test.parquet` with external ids, `users.parquet` and
 * `items.parquet` with the ids in internal order, and `split.json`, written last, with the hash that all must have.
 */
import { readFile, rm, writeFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { DataError, messageOf } from '../errors.ts'
import { cannotWrite, makeDirectory } from '../files.ts'
import type { CsrPattern } from '../kernels/kernels.ts'
import {
  buildCsr,
  createDataset,
  createVocabulary,
  type Pairs,
  pairsOf,
  rowOfEntry,
  type Vocabulary,
} from './dataset.ts'
import { type Database, firstLine, literal, pathLiteral, withDatabase } from './duckdb.ts'
import { growing } from './rows.ts'
import { createSplit, type Split } from './split.ts'
import { openTruth } from './truth.ts'

const MANIFEST = 'split.json'

interface Manifest {
  format: 'dualtree split'
  version: 1
  hash: string
}

/**
 * Writes a split, over one that is there. The same split gives the same bytes, with the same version of DuckDB.
 * @param directory made if it is not there
 * @throws OutputError when it cannot be written
 */
export async function writeSplit(split: Split, directory: string, signal?: AbortSignal): Promise<void> {
  await makeDirectory(directory)
  try {
    await writeFiles(split, directory, signal)
  } catch (error) {
    signal?.throwIfAborted()
    throw cannotWrite(directory, error)
  }
}

async function writeFiles(split: Split, directory: string, signal: AbortSignal | undefined): Promise<void> {
  // while files are being replaced, nothing may vouch for them
  await rm(join(directory, MANIFEST), { force: true })
  const { train } = split
  await withDatabase(signal, async database => {
    // one thread: row groups in one order, and so one sequence of bytes
    await database.run('SET threads = 1')
    await writeIds(database, 'users', 'user_id', train.userIds, directory)
    await writeIds(database, 'items', 'item_id', train.itemIds, directory)
    await writePairs(database, pairsOf(train), join(directory, 'train.parquet'))
    for (const part of ['valid', 'test'] as const) {
      const pattern = openTruth(split[part])
      const pairs = { users: rowOfEntry(pattern), items: pattern.indices }
      await writePairs(database, pairs, join(directory, `${part}.parquet`))
    }
  })
  const manifest: Manifest = { format: 'dualtree split', version: 1, hash: split.hash }
  await writeFile(join(directory, MANIFEST), `${JSON.stringify(manifest, null, 2)}\n`)
}

/**
 * Reads what `writeSplit` wrote, with the same internal ids.
 * @throws DataError when a file is missing, damaged, or not what was written
 */
export async function readSplit(directory: string, signal?: AbortSignal): Promise<Split> {
  const { hash } = await readManifest(directory)
  const split = await withDatabase(signal, async database => {
    const userIds = await readIds(database, 'users', 'user_id', directory)
    const itemIds = await readIds(database, 'items', 'item_id', directory)
    const read = (part: string) => readPairs(database, join(directory, `${part}.parquet`))
    const train = createDataset(await read('train'), userIds, itemIds)
    const pattern = ({ users, items }: Pairs): CsrPattern => buildCsr(users, items, train.users, train.items).pattern
    return createSplit(train, pattern(await read('valid')), pattern(await read('test')))
  })
  if (split.hash !== hash)
    throw new DataError(
      `${directory}: the files are not those that ${MANIFEST} was written with (hash ${split.hash.slice(0, 12)}, expected ${hash.slice(0, 12)}); write the split again`,
    )
  return split
}

async function readManifest(directory: string): Promise<Manifest> {
  const path = join(directory, MANIFEST)
  const text = await readFile(path, 'utf8').catch(error => {
    throw new DataError(`${path}: there is no complete split in this directory; write it again`, { cause: error })
  })
  try {
    const manifest: Manifest = JSON.parse(text)
    if (manifest.format === 'dualtree split' && manifest.version === 1) return manifest
  } catch (error) {
    throw new DataError(`${path}: not valid JSON: ${messageOf(error)}; write the split again`, { cause: error })
  }
  throw new DataError(`${path}: expected "format": "dualtree split" and "version": 1; write the split again`)
}

/** Makes the table `name` (code, column) of a vocabulary and writes its ids in internal order. */
async function writeIds(
  database: Database,
  name: string,
  column: string,
  { ids }: Vocabulary,
  directory: string,
): Promise<void> {
  const integers = ids.every(id => typeof id === 'number')
  await database.run(`CREATE TABLE ${name} (code INTEGER, ${column} ${integers ? 'BIGINT' : 'VARCHAR'})`)
  const toValue = integers ? BigInt : String
  await append(database, name, ids.length, [row => row, row => toValue(ids[row])])
  await copy(database, `SELECT ${column} FROM ${name} ORDER BY code`, join(directory, `${name}.parquet`))
}

async function writePairs(
  database: Database,
  { users, items, timestamps, weights }: Pairs,
  path: string,
): Promise<void> {
  const columns: Column[] = [row => row, row => users[row], row => items[row]]
  if (timestamps) columns.push(row => timestamps[row])
  if (weights) columns.push(row => weights[row])
  const extra = `${timestamps ? ', timestamp DOUBLE' : ''}${weights ? ', weight FLOAT' : ''}`
  await database.run(`CREATE OR REPLACE TABLE pairs (position INTEGER, u INTEGER, i INTEGER${extra})`)
  await append(database, 'pairs', users.length, columns)
  const list = `user_id, item_id${timestamps ? ', timestamp' : ''}${weights ? ', weight' : ''}`
  const from = 'pairs JOIN users ON users.code = u JOIN items ON items.code = i'
  await copy(database, `SELECT ${list} FROM ${from} ORDER BY position`, path)
}

type Column = (row: number) => number | bigint | string

const CHUNK_ROWS = 2048

/** Fills a table, a chunk at a time. */
async function append(database: Database, table: string, rows: number, columns: readonly Column[]): Promise<void> {
  const { DuckDBDataChunk } = await import('@duckdb/node-api')
  const appender = await database.connection.createAppender(table)
  const types = columns.map((_, column) => appender.columnType(column))
  for (let start = 0; start < rows; start += CHUNK_ROWS) {
    const length = Math.min(CHUNK_ROWS, rows - start)
    const chunk = DuckDBDataChunk.create(types, length)
    columns.forEach((valueAt, column) => {
      chunk.setColumnValues(
        column,
        Array.from({ length }, (_, index) => valueAt(start + index)),
      )
    })
    appender.appendDataChunk(chunk)
  }
  appender.closeSync()
}

async function copy(database: Database, select: string, path: string): Promise<void> {
  await database.run(`COPY (${select}) TO ${literal(path)} (FORMAT parquet, COMPRESSION zstd)`)
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
    for (let index = 0; index < chunk.rowCount; index++) {
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
  const users = growing(Int32Array)
  const items = growing(Int32Array)
  const timestamps = has('timestamp') ? growing(Float64Array) : undefined
  const weights = has('weight') ? growing(Float64Array) : undefined
  const list = `users.code, items.code, ${timestamps ? 'timestamp' : '0::DOUBLE'}, ${weights ? 'weight' : '1::FLOAT'}`
  const joins = 'JOIN users ON users.id = user_id JOIN items ON items.id = item_id'
  await readable(path, () =>
    database.stream(`SELECT ${list} FROM ${from} ${joins} ORDER BY file_row_number`, chunk => {
      const [user, item, timestamp, weight] = [0, 1, 2, 3].map(column => chunk.getColumnVector(column))
      for (let index = 0; index < chunk.rowCount; index++) {
        users.push(user.getItem(index) as number)
        items.push(item.getItem(index) as number)
        timestamps?.push(timestamp.getItem(index) as number)
        weights?.push(weight.getItem(index) as number)
      }
    }),
  )
  return {
    users: users.values(),
    items: items.values(),
    ...(timestamps && { timestamps: timestamps.values() }),
    ...(weights && { weights: weights.values() }),
  }
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
