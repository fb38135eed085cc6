import { open } from 'node:fs/promises'
import { z } from 'zod'
import { DataError } from '../../errors.ts'
import { chooseByName, describeColumns, mapColumns } from '../columns.ts'
import { type Database, firstLine, identifier, pathLiteral, withDatabase } from '../duckdb.ts'
import type { DataFile } from '../files.ts'
import { defineFormat } from './format.ts'
import { encodeRows, selectList } from './relation.ts'

const MAGIC = Buffer.from('PAR1')

export const parquet = defineFormat({
  name: 'parquet',
  summary: 'Apache Parquet, any compression; ids may be integers or text, times numbers, dates or timestamps.',
  source: 'parquet.apache.org, file format',
  options: z.object({}),
  detect({ head, extension }) {
    if (head.subarray(0, 4).equals(MAGIC)) return 'it begins with "PAR1"'
    // read() then says what is wrong with it
    return extension === 'parquet' || extension === 'pq' ? `its name ends in .${extension}` : undefined
  },
  async read({ sniff, wishes, signal, decide }) {
    const { file } = sniff
    await checkMagic(file, sniff.head)
    return withDatabase(signal, async database => {
      const from = `read_parquet(${pathLiteral(file.path)}, binary_as_string = true, file_row_number = true)`
      const { names, types } = await describe(database, file, from)
      const chosen = chooseByName(names, wishes, file.label)
      decide(`${file.label}: columns ${describeColumns(chosen, names)}.`)
      const columns = mapColumns(chosen, position => ({ name: names[position], type: types[position] }))
      await database.run(
        `CREATE TEMP VIEW source AS SELECT file_row_number AS row, ${selectList(columns)} FROM ${from}`,
      )
      const has = { rating: chosen.rating !== undefined, time: chosen.time !== undefined }
      const encoded = await encodeRows(database, 'source', 'row', has).catch(error => {
        signal?.throwIfAborted()
        throw damaged(file, error)
      })
      return {
        ...encoded,
        names: mapColumns(chosen, position => `column "${names[position]}"`),
        locate: row =>
          locate(
            from,
            mapColumns(chosen, position => names[position]),
            row,
          ),
      }
    })
  },
})

async function describe(database: Database, file: DataFile, from: string) {
  try {
    const columns = (await database.rows(`DESCRIBE SELECT * EXCLUDE (file_row_number) FROM ${from}`)).map(row =>
      row.map(String),
    )
    return { names: columns.map(([name]) => name), types: columns.map(([, type]) => type) }
  } catch (error) {
    throw damaged(file, error as Error)
  }
}

/** @throws DataError for other files under this name, and for one whose end is missing */
async function checkMagic({ path, label, bytes }: DataFile, head: Buffer): Promise<void> {
  if (!head.subarray(0, 4).equals(MAGIC)) {
    const found = JSON.stringify(head.subarray(0, 12).toString('latin1'))
    throw new DataError(
      `${label}: not a Parquet file: it begins with ${found}, not "PAR1"; give --format, or write the file again`,
    )
  }
  const handle = await open(path)
  try {
    const { buffer } = await handle.read(Buffer.alloc(4), 0, 4, Math.max(0, bytes - 4))
    if (buffer.equals(MAGIC) && bytes >= 12) return
  } finally {
    await handle.close()
  }
  throw new DataError(
    `${label}: a Parquet file without its end ("PAR1"), ${bytes} bytes; it was cut off: write or copy it again`,
  )
}

function damaged(file: DataFile, error: Error): DataError {
  return new DataError(`${file.label}: a damaged Parquet file: ${firstLine(error.message)}; write it again`, {
    cause: error,
  })
}

async function locate(from: string, names: Partial<Record<string, string>>, row: number) {
  const roles = Object.keys(names)
  const list = roles.map(role => `CAST(${identifier(names[role]!)} AS VARCHAR)`).join(', ')
  const [values] = await withDatabase(undefined, database =>
    database.rows(`SELECT ${list} FROM ${from} WHERE file_row_number = ${row}`),
  )
  const texts = roles.flatMap((role, index) => (values[index] === null ? [] : [[role, String(values[index])]]))
  return { place: `row ${row + 1}`, values: Object.fromEntries(texts) }
}
