import { z } from 'zod'
import { DataError } from '../../errors.ts'
import { type ChosenColumns, chooseByName, describeColumns, mapColumns } from '../columns.ts'
import { firstLine, literal, pathLiteral, withDatabase } from '../duckdb.ts'
import type { DataFile } from '../files.ts'
import { quote, readLines } from '../text.ts'
import { defineFormat } from './format.ts'
import { encodeRows, selectList } from './relation.ts'

export const jsonl = defineFormat({
  name: 'jsonl',
  summary: 'One JSON object a line (JSON Lines, NDJSON); also .gz.',
  source: 'jsonlines.org',
  options: z.object({}),
  detect({ lines }) {
    return lines
      .find(line => line.trim() !== '')
      ?.trimStart()
      .startsWith('{')
      ? 'its first line begins with "{"'
      : undefined
  },
  async read({ sniff, wishes, signal, decide }) {
    const { file } = sniff
    const names = fieldsOf(sniff.lines)
    // nothing to be read in the first lines: say where, rather than that columns are missing
    if (names.length === 0) throw await explain(file, new Error('no JSON object was found'))
    const chosen = chooseByName(names, wishes, `${file.label} line 1`)
    decide(`${file.label}: fields ${describeColumns(chosen, names)}.`)
    const columns = mapColumns(chosen, position => ({ name: names[position], type: 'VARCHAR' }))
    const has = { rating: chosen.rating !== undefined, time: chosen.time !== undefined }
    const encoded = await withDatabase(signal, async database => {
      const types = Object.values(columns).map(({ name }) => `${literal(name)}: 'VARCHAR'`)
      try {
        await database.run(
          `CREATE TEMP TABLE source AS SELECT ${selectList(columns)} FROM read_json(${pathLiteral(file.path)}, ` +
            `format = 'newline_delimited', records = true, compression = '${file.gzip ? 'gzip' : 'uncompressed'}', ` +
            `columns = {${types.join(', ')}})`,
        )
      } catch (error) {
        signal?.throwIfAborted()
        throw await explain(file, error as Error)
      }
      return encodeRows(database, 'source', 'rowid', has)
    })
    return {
      ...encoded,
      names: mapColumns(chosen, position => `field "${names[position]}"`),
      locate: row => locate(file, names, chosen, row),
    }
  },
})

/** The keys of the objects in the first lines, in the order of their first sight. */
function fieldsOf(lines: readonly string[]): string[] {
  const names = new Set<string>()
  for (const line of lines.slice(0, 1000)) {
    const value = parseObject(line)
    if (value) for (const name of Object.keys(value)) names.add(name)
  }
  return [...names]
}

function parseObject(line: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(line)
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : undefined
  } catch {
    // the caller reports the line, or DuckDB finds it when all are read
    return undefined
  }
}

async function* readFilled(file: DataFile): AsyncGenerator<{ number: number; line: string }> {
  for await (const { first, lines } of readLines(file))
    for (let index = 0; index < lines.length; index++)
      if (lines[index].trim() !== '') yield { number: first + index, line: lines[index] }
}

async function locate(file: DataFile, names: readonly string[], chosen: ChosenColumns, row: number) {
  let seen = 0
  for await (const { number, line } of readFilled(file)) {
    if (seen++ !== row) continue
    const value = parseObject(line) ?? {}
    const texts = mapColumns(chosen, position => {
      const field = value[names[position]]
      return typeof field === 'string' ? field : JSON.stringify(field)
    })
    return { place: `line ${number}`, values: texts }
  }
  throw new DataError(`${file.label}: the file has changed while it was read; try again`)
}

/** The first line that is not a JSON object, which DuckDB reports by block rather than by line. */
async function explain(file: DataFile, error: Error): Promise<DataError> {
  for await (const { number, line } of readFilled(file)) {
    if (parseObject(line)) continue
    return new DataError(
      `${file.label} line ${number}: expected a JSON object, found ${quote(line.trim())}; fix or remove the line`,
      {
        cause: error,
      },
    )
  }
  if (/BOM/.test(error.message))
    return new DataError(
      `${file.label} line 1: a byte order mark, which JSON does not know, stands before the first object; save the file without it`,
      { cause: error },
    )
  return new DataError(`${file.label}: ${firstLine(error.message)}`, { cause: error })
}
