import { open } from 'node:fs/promises'
import { z } from 'zod'
import { DataError } from '../../errors.ts'
import { createValueCollector } from '../columns/collect-values.ts'
import { type ChosenColumns, chooseByName, mapColumns } from '../columns/columns.ts'
import { describeColumns } from '../columns/describe.ts'
import { isUsualName } from '../columns/names.ts'
import { createAccount, type Role, type Rows } from '../columns/rows.ts'
import { isParquet } from '../files/containers.ts'
import type { DataFile } from '../files/disk.ts'
import { type Database, firstLine, identifier, pathLiteral, withDatabase } from '../files/duckdb.ts'
import { notUnderstood } from '../filters/where.ts'
import { defineFormat, type ReadRequest, SAMPLED_ROWS } from './format.ts'
import { insideOf, refuseNested, textOf, valuesOf } from './json/paths.ts'
import type { JsonObject } from './json/tree.ts'

const NUMBER = /^U?(TINY|SMALL|BIG|HUGE)?INT(EGER)?$|^(DOUBLE|FLOAT|DECIMAL)/
const DATE = /^(DATE|TIMESTAMP)/
const NESTED = /\[\d*\]$|^(STRUCT|MAP|UNION|JSON)/

export const parquet = defineFormat({
  name: 'parquet',
  summary: 'Apache Parquet, any compression.',
  source: 'parquet.apache.org, file format',
  options: z.object({}),
  detect({ head, extension }) {
    if (isParquet(head)) return 'it begins with "PAR1"'
    // read() then says what is wrong with it
    return extension === 'parquet' || extension === 'pq' ? `its name ends in .${extension}` : undefined
  },
  async read(request) {
    const { sniff, signal } = request
    const { file } = sniff
    await checkMagic(file, sniff.head)
    return withDatabase(signal, async database => {
      // one thread keeps the order of the rows
      await database.run('SET threads = 1')
      try {
        return await readColumns(database, request)
      } catch (error) {
        signal?.throwIfAborted()
        if (!(error instanceof Error) || !/^(\w+ )+Error: /.test(error.message)) throw error
        throw new DataError(`${file.label}: a damaged Parquet file: ${firstLine(error.message)}; write it again`, {
          cause: error,
        })
      }
    })
  },
})

interface Table {
  readonly database: Database
  /** a table function */
  readonly from: string
  readonly label: string
  readonly names: readonly string[]
  readonly types: readonly string[]
}

async function readColumns(database: Database, { sniff, wishes, where, decide }: ReadRequest): Promise<Rows> {
  const { label, path } = sniff.file
  const from = `read_parquet(${pathLiteral(path)}, hive_partitioning = false)`
  const described = await database.describe(from)
  const names = described.map(([name]) => name)
  const types = described.map(([, type]) => type)
  const table = { database, from, label, names, types }
  const samples = await sampleOf(table)
  const chosen = chooseByName(names, wishes, label, samples, insideOf(await nestedOf(table)))
  if (chosen.time !== undefined && chosen.paths?.time === undefined && !isTime(types[chosen.time]))
    throw new DataError(
      `${label}: column "${names[chosen.time]}" is of type ${types[chosen.time]}, which is no time; ignore it with --time none`,
    )
  const noTimes = names.filter((name, position) => isUsualName(name, 'time') && !isTime(types[position]))
  for (const name of noTimes)
    decide(`${label}: column "${name}" is of type ${types[names.indexOf(name)]}, which is no time, and is not used.`)
  decide(`${label}: columns ${describeColumns(chosen, names, samples, wishes)}.`)

  const roles = Object.keys(mapColumns(chosen, String)) as Role[]
  const expressions = await Promise.all(roles.map(role => valueSql(table, chosen, role, decide)))
  if (where !== undefined) expressions.push(`coalesce((${where}), false)`)
  const account = createAccount()
  const collector = createValueCollector(chosen, names, { what: 'column', unit: 'row', account })
  const passes: number[] = []
  let place = 0
  const visit: Parameters<Database['stream']>[1] = chunk => {
    const vectors = expressions.map((_, column) => chunk.getColumnVector(column))
    let row = 0
    const valueAt = (role: Role) => {
      const value = vectors[roles.indexOf(role)].getItem(row)
      const type = types[chosen[role]!]
      if (NESTED.test(type)) return typeof value === 'string' ? JSON.parse(value) : null
      return role === 'time' && DATE.test(type) && typeof value === 'number' ? new Date(value) : value
    }
    for (; row < chunk.rowCount; row++) {
      const added = collector.add(valueAt, ++place)
      if (where !== undefined)
        for (let time = 0; time < added; time++) passes.push(vectors.at(-1)!.getItem(row) ? 1 : 0)
    }
  }
  await database.stream(`SELECT ${expressions.join(', ')} FROM ${from}`, visit).catch(error => {
    if (where !== undefined && /^(Binder|Parser|Conversion) Error/.test(error.message))
      throw notUnderstood(where, label, names, error)
    throw error
  })
  return { ...collector.rows(), ...(where !== undefined && { passes: Uint8Array.from(passes) }) }
}

function isTime(type: string): boolean {
  return NUMBER.test(type) || DATE.test(type) || type === 'VARCHAR'
}

/** What is asked of DuckDB for a role, so that JavaScript gets a number, a text or JSON. */
async function valueSql(
  { database, from, label, names, types }: Table,
  chosen: ChosenColumns,
  role: Role,
  decide: (sentence: string) => void,
): Promise<string> {
  const position = chosen[role]!
  const [column, type] = [identifier(names[position]), types[position]]
  if (NESTED.test(type)) {
    const name = `${names[position]}${chosen.paths?.[role] ?? ''}`
    const rows = await database.rows(
      `SELECT to_json(${column}) FROM ${from} WHERE ${column} IS NOT NULL LIMIT ${SAMPLED_ROWS}`,
    )
    const values = rows.flatMap(([value]) => valuesOf(JSON.parse(String(value)), chosen.paths?.[role]))
    refuseNested(values, `${label}: column "${name}"`, name, `--${role}`)
    return `CAST(to_json(${column}) AS VARCHAR)`
  }
  if (role === 'time' && DATE.test(type)) return `epoch_us(CAST(${column} AS TIMESTAMPTZ)) / 1000.0`
  if (role === 'time' || role === 'rating' || role === 'weight')
    return NUMBER.test(type) ? `CAST(${column} AS DOUBLE)` : `CAST(${column} AS VARCHAR)`
  if (type === 'BLOB') {
    const [[bad]] = await database.rows(
      `SELECT count(*) FROM ${from} WHERE ${column} IS NOT NULL AND coalesce(regexp_matches(TRY(decode(${column})), '[\\x00-\\x08\\x0e-\\x1f]'), true)`,
    )
    if (Number(bad) === 0) return `decode(${column})`
    decide(`${label}: column "${names[position]}" holds bytes that are no text: its ids are their hexadecimal digits.`)
    return `lower(hex(${column}))`
  }
  // DECIMAL, HUGEINT and their like are spelled as text; what is an integer has its code from the number
  return /^(U?(TINY|SMALL)?INT|U?INTEGER|BIGINT|DOUBLE)$/.test(type) ? column : `CAST(${column} AS VARCHAR)`
}

async function sampleOf({ database, from, names, types }: Table): Promise<string[][]> {
  const isOpaque = (type: string) => type === 'BLOB' || NESTED.test(type)
  const list = names.map((name, at) => (isOpaque(types[at]) ? "'…'" : `CAST(${identifier(name)} AS VARCHAR)`))
  const rows = await database.rows(`SELECT ${list.join(', ')} FROM ${from} LIMIT ${SAMPLED_ROWS}`)
  return rows.map(values => values.map(textOf))
}

/** The first rows of the columns that hold lists or objects. */
async function nestedOf({ database, from, names, types }: Table): Promise<JsonObject[]> {
  const nested = names.filter((_, at) => NESTED.test(types[at]))
  if (nested.length === 0) return []
  const list = nested.map(name => `to_json(${identifier(name)})`)
  const rows = await database.rows(`SELECT ${list.join(', ')} FROM ${from} LIMIT ${SAMPLED_ROWS}`)
  return rows.map(values => Object.fromEntries(nested.map((name, at) => [name, JSON.parse(String(values[at]))])))
}

/** @throws DataError for other files under this name, and for one whose end is missing */
async function checkMagic({ path, label, bytes }: DataFile, head: Buffer): Promise<void> {
  if (!isParquet(head)) {
    const found = JSON.stringify(head.subarray(0, 12).toString('latin1'))
    throw new DataError(
      `${label}: not a Parquet file: it begins with ${found}, not "PAR1"; give --format, or write the file again`,
    )
  }
  const handle = await open(path)
  try {
    const { buffer } = await handle.read(Buffer.alloc(4), 0, 4, Math.max(0, bytes - 4))
    if (isParquet(buffer) && bytes >= 12) return
  } finally {
    await handle.close()
  }
  throw new DataError(
    `${label}: a Parquet file without its end ("PAR1"), ${bytes} bytes; it was cut off: write or copy it again`,
  )
}
