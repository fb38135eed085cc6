/** Tables as our own writer makes them, read by DuckDB, which knows nothing of it, and by our own reader. */
import { open } from 'node:fs/promises'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { pathLiteral, withDatabase } from '../../src/dataset/files/duckdb.ts'
import { withParquet } from '../../src/dataset/parquet/read.ts'
import { decodeRuns, encodeRuns, widthOf } from '../../src/dataset/parquet/runs.ts'
import type { Column } from '../../src/dataset/parquet/schema.ts'
import { writeParquet } from '../../src/dataset/parquet/write.ts'
import { readTable } from '../../src/dataset/table.ts'
import { temporaryDirectory } from '../support/directory.ts'
import { copyByDuckDB } from '../support/interactions.ts'

/** More than one group of rows. */
const MANY = 130_000

async function written(columns: readonly Column[], rows: number): Promise<string> {
  const path = join(await temporaryDirectory(), 'own.parquet')
  const file = await open(path, 'w')
  await writeParquet(file, columns, rows).finally(() => file.close())
  return path
}

const byDuckDB = (path: string, sql: string) =>
  withDatabase(undefined, database => database.rows(sql.replace('<own>', `read_parquet(${pathLiteral(path)})`)))

const cells: [type: Column['type'], values: ReturnType<Column['value']>[]][] = [
  ['INTEGER', [0, -1, 2 ** 31 - 1, null, -(2 ** 31), 7]],
  ['BIGINT', [0, -1, 2 ** 32, null, -(2 ** 40) - 3, Number.MAX_SAFE_INTEGER, Number.MIN_SAFE_INTEGER]],
  ['VARCHAR', ['', 'a', null, 'Zoë "q"\n', '雪', 'a'.repeat(300)]],
  ['FLOAT', [0.5, null, -3.25, 2 ** 100, -0]],
  ['DOUBLE', [0.1, null, 1e300, -5e-324, 1577872800123.456]],
]

describe('columns come back as they were', () => {
  // few rows are written as they are, many by a dictionary, more in groups
  for (const [type, values] of cells)
    for (const rows of [0, 1, values.length, 1000, MANY])
      it(`${type}, ${rows} rows`, async () => {
        const path = await written([{ name: 'own "x"', type, value: row => values[row % values.length] }], rows)
        const expected = Array.from({ length: rows }, (_, row) => values[row % values.length])
        expect((await readTable(path, ['own "x"']))['own "x"']).toEqual(expected)
        expect(await byDuckDB(path, 'SELECT typeof("own ""x""") FROM <own> LIMIT 1')).toEqual(rows ? [[type]] : [])
        const found = (await byDuckDB(path, 'FROM <own>')).map(([cell]) => (typeof cell === 'bigint' ? Number(cell) : cell)) // biome-ignore format: one line
        expect(found).toEqual(expected)
      })

  it('all different texts and integers', async () => {
    const columns: Column[] = [
      { name: 'text', type: 'VARCHAR', value: row => `id ${row}` },
      { name: 'integer', type: 'BIGINT', value: row => row * 2 ** 33 },
      { name: 'large', type: 'BIGINT', value: row => 2n ** 60n + BigInt(row) },
    ]
    const path = await written(columns, 5000)
    const check = 'SELECT count(*) FROM <own> WHERE text = \'id \' || file_row_number AND integer = file_row_number * 8589934592 AND large = 1152921504606846976 + file_row_number' // biome-ignore format: one line
    expect(
      await withDatabase(undefined, database =>
        database.rows(check.replace('<own>', `read_parquet(${pathLiteral(path)}, file_row_number = true)`)),
      ),
    ).toEqual([[5000n]])
    expect((await readTable(path, ['text'])).text[4999]).toBe('id 4999')
  })

  it('lists of floats, empty and absent ones too, beside other columns', async () => {
    const lists = [[1, -2.5], [], null, [0.25]]
    const columns: Column[] = [
      { name: 'vector', type: 'FLOAT[]', value: row => lists[row % 4] },
      { name: 'row', type: 'INTEGER', value: row => row },
    ]
    const path = await written(columns, 4000)
    expect(await byDuckDB(path, 'SELECT vector[2], len(vector), row FROM <own> LIMIT 4 OFFSET 2000')).toEqual([
      [-2.5, 2n, 2000],
      [null, 0n, 2001],
      [null, null, 2002],
      [null, 1n, 2003],
    ])
    expect(await byDuckDB(path, 'SELECT sum(list_sum(vector)) FROM <own>')).toEqual([[-1250]])
    expect((await readTable(path, ['row'])).row[3999]).toBe(3999)
  })
})

it('runs: any integers of any width come back', () => {
  const run = fc.tuple(fc.nat(), fc.integer({ min: 1, max: 40 }))
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 31 }), fc.array(run, { maxLength: 30 }), (width, pieces) => {
      const values = pieces.flatMap(([value, length]) => Array<number>(length).fill(value % 2 ** width))
      const bytes = encodeRuns(values, width)
      expect([...decodeRuns(bytes, 0, width, values.length)]).toEqual(values)
    }),
  )
  expect([1, 2, 3, 256, 257].map(widthOf)).toEqual([1, 1, 2, 8, 9])
  // one run is one number, not as many as it has values
  expect(encodeRuns(new Int32Array(10_000).fill(3), 2).length).toBe(4)
})

it('files of others are left to DuckDB, and read by it', async () => {
  const path = join(await temporaryDirectory(), 'other.parquet')
  await copyByDuckDB('SELECT range AS row FROM range(3)', path)
  expect(await withParquet(path, async () => 'ours')).toBeUndefined()
  expect(await readTable(path, ['row'])).toEqual({ row: [0, 1, 2] })
})

it('a column that is not there, and a file that ends too early', async () => {
  const path = await written([{ name: 'row', type: 'INTEGER', value: row => row }], 10)
  await expect(readTable(path, ['other'])).rejects.toThrow(
    `${path}: cannot be read: there is no column "other"; run the stage again`,
  )
  const file = await open(path, 'r+')
  await file.truncate(50)
  await file.close()
  await expect(readTable(path, ['row'])).rejects.toThrow(/own\.parquet: cannot be read: this is no Parquet file; run/)
})
