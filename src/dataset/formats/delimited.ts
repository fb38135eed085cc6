/** Tables of text with one row a line and a separator between the fields: what csv and tsv share. */
import { z } from 'zod'
import { DataError } from '../../errors.ts'
import {
  type ChosenColumns,
  type ColumnWishes,
  chooseByName,
  chooseByPosition,
  describeColumns,
  isUsualName,
  mapColumns,
} from '../columns.ts'
import { firstLine, literal, pathLiteral, withDatabase } from '../duckdb.ts'
import type { DataFile } from '../files.ts'
import type { Rows } from '../rows.ts'
import { readLines, readRecords, recordAt, separatedRecords, type TextRecord } from '../text.ts'
import { parseNumber } from '../time.ts'
import { defineFormat, type FormatDefinition, type ReadRequest, type Sniff } from './format.ts'
import { encodeRows, selectList } from './relation.ts'

/** How one file is laid out. */
interface Layout {
  readonly separator: string
  readonly hasHeader: boolean
  /** names of the header, or "0", "1", … */
  readonly names: readonly string[]
  /** the first record; where the header stands, if there is one */
  readonly first: TextRecord
  readonly samples: readonly (readonly string[])[]
}

const SEPARATOR_WORDS: Record<string, string> = { '\t': 'tab', ' ': 'space' }

const SAMPLED_ROWS = 100

export function defineDelimited(settings: {
  name: string
  summary: string
  source: string
  separators: readonly string[]
  accepts(layout: { separator: string; hasHeader: boolean }, sniff: Sniff): boolean
}): FormatDefinition {
  const { separators, accepts, ...part } = settings
  return defineFormat({
    ...part,
    options: z.object({}),
    detect(sniff) {
      const layout = findLayout(sniff, separators, {})
      if (!layout || !accepts(layout, sniff)) return
      const { length } = layout.first.fields
      return `its first line has ${length} fields separated by ${describeSeparator(layout.separator)}`
    },
    async read(request) {
      const layout = findLayout(request.sniff, separators, request.wishes)
      if (layout) return readDelimited(request, layout)
      const words = separators.map(describeSeparator).join(', ')
      throw new DataError(
        `${request.sniff.file.label} line 1: expected fields separated by ${words}, found one column; give --format`,
      )
    },
  })
}

function describeSeparator(separator: string): string {
  return SEPARATOR_WORDS[separator] ?? `"${separator}"`
}

/** The separator that divides most of the sniffed rows as it divides the first; of equals, into the most fields. */
function findLayout({ lines }: Sniff, separators: readonly string[], wishes: ColumnWishes): Layout | undefined {
  let best: { layout: Layout; agreement: number } | undefined
  for (const separator of separators) {
    const records = sampleRecords(lines, separator)
    const first = records[0]
    if (!first || first.fields.length < 2) continue
    const samples = records.slice(1).map(({ fields }) => fields)
    const hasHeader = isHeader(first.fields, samples, wishes)
    // words divided by single blanks are the business of other formats, unless a header says that this is a table
    if (separator === ' ' && !namesUserAndItem(first.fields)) continue
    const names = first.fields.map((name, position) => (hasHeader ? name.trim() : String(position)))
    const layout = { separator, hasHeader, names, first, samples: hasHeader ? samples : [first.fields, ...samples] }
    const agreement = records.filter(({ fields }) => fields.length === names.length).length / records.length
    const better =
      !best || agreement > best.agreement || (agreement === best.agreement && names.length > best.layout.names.length)
    if (better) best = { layout, agreement }
  }
  return best?.layout
}

function sampleRecords(lines: readonly string[], separator: string): TextRecord[] {
  const parser = separatedRecords(separator)
  const records: TextRecord[] = []
  for (let index = 0; index < lines.length && records.length <= SAMPLED_ROWS; index++) {
    const record = parser.push(lines[index], index + 1)
    if (record) records.push(record)
  }
  return records
}

/** A first row with a number in it is data; one that names what the options or people usually name is a header. */
function isHeader(first: readonly string[], rest: readonly (readonly string[])[], wishes: ColumnWishes): boolean {
  const names = first.map(name => name.trim())
  const wished = Object.values(wishes)
  if (names.some(name => wished.includes(name) && !isNumber(name))) return true
  if (names.some(name => isUsualName(name, 'user') || isUsualName(name, 'item'))) return true
  if (names.some(isNumber)) return false
  const byPosition = wished.some(isNumber)
  const numbersBelow = rest.some(fields => fields.some(isNumber))
  return numbersBelow || !byPosition
}

function namesUserAndItem(names: readonly string[]): boolean {
  return names.some(name => isUsualName(name, 'user')) && names.some(name => isUsualName(name, 'item'))
}

function isNumber(text: string): boolean {
  return !Number.isNaN(parseNumber(text))
}

async function readDelimited({ sniff, wishes, signal, decide }: ReadRequest, layout: Layout): Promise<Rows> {
  const { file } = sniff
  const { separator, hasHeader, names, first, samples } = layout
  const place = `${file.label} line ${first.line}`
  const chosen = hasHeader
    ? chooseByName(names, wishes, place, ', or by position ("0" for the first) if the file has no header')
    : chooseByPosition(names.length, samples, wishes, place)
  decide(
    `${file.label}: separator ${describeSeparator(separator)}, ${hasHeader ? 'a header' : 'no header'}; ` +
      `columns ${describeColumns(chosen, names)}.`,
  )
  const columns = mapColumns(chosen, position => ({ name: `c${position}`, type: 'VARCHAR' }))
  const has = { rating: chosen.rating !== undefined, time: chosen.time !== undefined }
  const encoded = await withDatabase(signal, async database => {
    const types = names.map((_, position) => `'c${position}': 'VARCHAR'`).join(', ')
    try {
      await database.run(
        `CREATE TEMP TABLE source AS SELECT ${selectList(columns)} FROM read_csv(${pathLiteral(file.path)}, ` +
          `auto_detect = false, delim = ${literal(separator)}, quote = '"', escape = '"', header = ${hasHeader}, ` +
          `compression = '${file.gzip ? 'gzip' : 'none'}', columns = {${types}})`,
      )
    } catch (error) {
      signal?.throwIfAborted()
      throw await explain(file, layout, error as Error)
    }
    return encodeRows(database, 'source', 'rowid', has)
  })
  return {
    ...encoded,
    names: mapColumns(chosen, position => `column "${names[position]}"`),
    locate: row => locate(file, layout, chosen, row),
  }
}

async function locate(file: DataFile, { separator, hasHeader }: Layout, chosen: ChosenColumns, row: number) {
  const { line, fields } = await recordAt(file, separatedRecords(separator), row + (hasHeader ? 1 : 0))
  return { place: `line ${line}`, values: mapColumns(chosen, position => fields[position]) }
}

/** DuckDB reads in parallel and cannot always say where a fault is: the file is read again, plainly, until it shows. */
async function explain(file: DataFile, { separator, names, first }: Layout, error: Error): Promise<DataError> {
  const parser = separatedRecords(separator)
  for await (const { line, fields } of readRecords(file, parser)) {
    // one empty field too many is a separator at the end of the line, and harmless
    const count = fields.length === names.length + 1 && fields.at(-1) === '' ? names.length : fields.length
    if (count === names.length) continue
    return new DataError(
      `${file.label} line ${line}: expected ${names.length} fields as in line ${first.line}, found ${count}; ` +
        `fix the row, or quote a field that holds the separator ${describeSeparator(separator)}`,
      { cause: error },
    )
  }
  if (parser.openQuote !== undefined)
    return new DataError(
      `${file.label} line ${parser.openQuote}: a quote (") is opened and never closed; close it, or double it inside a quoted field`,
      { cause: error },
    )
  return (await mixedLineEndings(file)) ?? new DataError(`${file.label}: ${firstLine(error.message)}`, { cause: error })
}

async function mixedLineEndings(file: DataFile): Promise<DataError | undefined> {
  let expected: boolean | undefined
  for await (const { first, lines } of readLines(file)) {
    // the last line may have no ending at all
    for (let index = 0; index < lines.length - 1; index++) {
      const carriage = lines[index].endsWith('\r')
      expected ??= carriage
      if (carriage === expected) continue
      const [there, here] = carriage ? ['LF', 'CRLF'] : ['CRLF', 'LF']
      return new DataError(
        `${file.label} line ${first + index}: this line ends in ${here}, those before in ${there}; write the file with one kind of line ending`,
      )
    }
  }
  return
}
