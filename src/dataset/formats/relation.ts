/** A DuckDB relation read as columns, its ids dictionary-encoded there rather than row by row here. */
import { type Database, identifier } from '../duckdb.ts'
import type { Role, Rows } from '../rows.ts'

export interface RelationColumn {
  readonly name: string
  /** as DESCRIBE says it */
  readonly type: string
}

/** SQL of the columns u, i, r, t and d (true where t was a date) that `encodeRows` takes. */
export function selectList({ user, item, rating, time }: Partial<Record<Role, RelationColumn>>): string {
  const parts = [`${idSql(user!)} AS u`, `${idSql(item!)} AS i`]
  if (rating) parts.push(`TRY_CAST(${identifier(rating.name)} AS DOUBLE) AS r`)
  if (time) parts.push(`${timeSql(time)} AS t`, `${datedSql(time)} AS d`)
  return parts.join(', ')
}

const INTEGER = /^U?(TINY|SMALL|BIG|HUGE)?INT(EGER)?$/
const FRACTION = /^(DOUBLE|FLOAT|DECIMAL)/
const DATE = /^(DATE|TIMESTAMP)/

/** Integers stay what they are; the rest is text without blanks around, NULL when nothing is left. */
function idSql({ name, type }: RelationColumn): string {
  const column = identifier(name)
  if (INTEGER.test(type)) return column
  // a column of ids with gaps comes as 5.0 from other tools
  if (FRACTION.test(type))
    return `CASE WHEN ${column} = trunc(${column}) AND abs(${column}) <= 9007199254740991 THEN CAST(CAST(${column} AS BIGINT) AS VARCHAR) WHEN NOT isnan(CAST(${column} AS DOUBLE)) THEN CAST(${column} AS VARCHAR) END`
  return `nullif(trim(CAST(${column} AS VARCHAR), e' \\t\\r\\n'), '')`
}

function timeSql({ name, type }: RelationColumn): string {
  const column = identifier(name)
  const date = `epoch_us(TRY_CAST(${column} AS TIMESTAMPTZ)) / 1000.0`
  if (DATE.test(type)) return date
  return isText(type) ? `coalesce(TRY_CAST(${column} AS DOUBLE), ${date})` : `CAST(${column} AS DOUBLE)`
}

function datedSql({ name, type }: RelationColumn): string {
  if (DATE.test(type)) return 'true'
  return isText(type) ? `TRY_CAST(${identifier(name)} AS DOUBLE) IS NULL` : 'false'
}

function isText(type: string): boolean {
  return type === 'VARCHAR'
}

/**
 * @param source a table or view with the columns of `selectList`
 * @param row its column with the number of the row, from 0
 */
export async function encodeRows(
  database: Database,
  source: string,
  row: string,
  has: { rating: boolean; time: boolean },
): Promise<Pick<Rows, 'count' | 'users' | 'items' | 'ratings' | 'times'>> {
  const count = Number((await database.rows(`SELECT count(*) FROM ${source}`))[0][0])
  const users = { texts: await encode(database, source, 'u', 'users'), codes: new Int32Array(count) }
  const items = { texts: await encode(database, source, 'i', 'items'), codes: new Int32Array(count) }
  const ratings = has.rating ? new Float64Array(count) : undefined
  const values = new Float64Array(has.time ? count : 0)
  const dated = new Uint8Array(has.time ? count : 0)
  const nan = "'NaN'::DOUBLE"
  const sql =
    `SELECT source.${row}::INTEGER, coalesce(users.code, -1), coalesce(items.code, -1), ` +
    `${ratings ? `coalesce(r, ${nan})` : '0'}::DOUBLE, ${has.time ? `coalesce(t, ${nan})` : '0'}::DOUBLE, ${has.time ? 'd' : 'false'} ` +
    `FROM ${source} AS source LEFT JOIN users ON source.u = users.id LEFT JOIN items ON source.i = items.id`
  // joins give rows in any order: each is put where it belongs
  await database.stream(sql, chunk => {
    const [at, user, item, rating, time, date] = [0, 1, 2, 3, 4, 5].map(column => chunk.getColumnVector(column))
    for (let index = 0, rows = chunk.rowCount; index < rows; index++) {
      const position = at.getItem(index) as number
      users.codes[position] = user.getItem(index) as number
      items.codes[position] = item.getItem(index) as number
      if (ratings) ratings[position] = finite(rating.getItem(index) as number)
      if (!has.time) continue
      values[position] = finite(time.getItem(index) as number)
      dated[position] = date.getItem(index) ? 1 : 0
    }
  })
  return {
    count,
    users,
    items,
    ...(ratings && { ratings }),
    ...(has.time && { times: { kind: 'clock', values, dated } }),
  }
}

function finite(value: number): number {
  return Number.isFinite(value) ? value : Number.NaN
}

/** Numbers the different values of a column in the table `name` and gives them back as text, in that order. */
async function encode(database: Database, source: string, column: string, name: string): Promise<string[]> {
  await database.run(
    `CREATE OR REPLACE TEMP TABLE ${name} AS SELECT id, (row_number() OVER () - 1)::INTEGER AS code FROM (SELECT DISTINCT ${column} AS id FROM ${source} WHERE ${column} IS NOT NULL)`,
  )
  const texts: string[] = []
  await database.stream(`SELECT code, CAST(id AS VARCHAR) FROM ${name}`, chunk => {
    const [code, text] = [chunk.getColumnVector(0), chunk.getColumnVector(1)]
    for (let index = 0; index < chunk.rowCount; index++)
      texts[code.getItem(index) as number] = text.getItem(index) as string
  })
  return texts
}
