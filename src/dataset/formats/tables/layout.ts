/** How one table of text is laid out: its separator and quotes, what stands before its first row, its header. */
import type { ColumnWishes } from '../../columns/columns.ts'
import { namesUserAndItem } from '../../columns/names.ts'
import { createAccount } from '../../columns/rows.ts'
import { createFields, type Dialect, fieldTexts, splitFields } from './fields.ts'
import { headerBefore, isHeader, isRunning, TYPE } from './header.ts'
import { createScanner, type TableShape } from './records.ts'

export interface Layout extends TableShape {
  readonly hasHeader: boolean
  /** which column the header has no name for, where it has one too few */
  readonly unnamed?: 'first' | 'last'
  /** share of the first lines with as many fields as most */
  readonly agreement: number
  /** names of the header, or "0", "1", … */
  readonly names: readonly string[]
  /** the line of the header, or else of the first row */
  readonly firstLine: number
  /** the first rows */
  readonly samples: readonly (readonly string[])[]
  /** lines before the first row that are no rows, and what they are */
  readonly preamble: readonly { readonly what: string; readonly line: number; readonly text: string }[]
}

const SAMPLED_LINES = 400
const MOST_COLUMNS = 2048
/** of one record in the sample */
const MOST_SAMPLED_LINES = 20
const QUOTES = { double: 34, single: 39 }

/** A line that only says which separator the file has, as Excel writes it. */
const COMMENT = /^\s*(#|\/\/|%)/
const SEPARATOR_LINE = /^"?sep=(.)"?\s*$/i
const LETTER = /\p{L}/u

/** The separator that makes the best table of the sniffed lines, if any makes one. */
export function findLayout(
  text: Buffer,
  separators: readonly string[],
  wishes: ColumnWishes,
  extension = '',
): Layout | undefined {
  const lines = text
    .toString('utf8')
    .split('\n', SAMPLED_LINES)
    .map(line => line.replace(/\r$/, ''))
  const told = SEPARATOR_LINE.exec(lines.find(line => line.trim() !== '') ?? '')?.[1]
  let best: { layout: Layout; score: number } | undefined
  const hasNames = lines.some(line => LETTER.test(line))
  for (const separator of told && separators.includes(told) ? [told] : separators) {
    if (!lines.some(line => line.includes(separator)) || (separator === ' ' && !hasNames)) continue
    const layout = layoutFor(text, lines, separator, wishes)
    // words between single blanks are the business of other formats, unless a header says that this is a table
    if (!layout || (separator === ' ' && !namesUserAndItem(layout.names))) continue
    const score = scoreOf(layout, separator, separators, extension) + (separator === told ? 100 : 0)
    if (!best || score > best.score) best = { layout, score }
  }
  return best?.layout
}

/** A header that names users and items outweighs all; then lines that agree, then fields without other separators. */
function scoreOf(layout: Layout, separator: string, all: readonly string[], extension: string): number {
  const usual = layout.hasHeader && namesUserAndItem(layout.names) ? 10 : 0
  const rows = layout.samples.slice(0, 100)
  const others = all.filter(other => other !== separator && other !== ' ')
  const mixed = rows.filter(fields => fields.slice(0, 2).some(field => others.some(other => field.includes(other))))
  const dirt = rows.length ? mixed.length / rows.length : 0
  const expected = (extension === 'tsv' && separator === '\t') || (extension === 'csv' && separator === ',') ? 0.5 : 0
  return usual + 4 * layout.agreement - 3 * dirt + expected
}

function layoutFor(
  text: Buffer,
  lines: readonly string[],
  separator: string,
  wishes: ColumnWishes,
): Layout | undefined {
  const dialect: Dialect = { separator, quote: quoteOf(lines, separator) }
  const scratch = createFields(MOST_COLUMNS)
  const split = (line: string): string[] => {
    const bytes = Buffer.from(line)
    splitFields(bytes, 0, bytes.length, dialect, 'strict', scratch)
    return scratch.openField >= 0 ? [] : fieldTexts(scratch)
  }
  const filled = lines.map((line, index) => ({ line, number: index + 1 })).filter(({ line }) => line.trim() !== '')
  const headed = split(filled[0]?.line ?? '').length
  const rows = filled
    .map(({ line, number }) => ({ line, number, fields: split(line) }))
    .flatMap((row, index) => {
      if (row.fields.length > 0 || headed < 2) return [row]
      // a field over several lines counts where it makes as many fields as the first line has
      for (let end = index + 2; end <= Math.min(index + MOST_SAMPLED_LINES, filled.length); end++) {
        const lines = filled.slice(index, end).map(({ line }) => line)
        const fields = split(lines.join('\n'))
        if (fields.length > 0) return fields.length === headed ? [{ ...row, fields }] : []
      }
      return []
    })
    .filter(row => row.fields.length)
  const width = commonest(rows.map(({ fields }) => fields.length))
  if (width < 2) return
  const agreement = rows.filter(({ fields }) => fields.length === width).length / rows.length
  const hashes = rows.filter(({ line }) => line.startsWith('#')).length
  const isComment = (line: string) => 2 * hashes < rows.length && COMMENT.test(line)
  // a preamble: lines before the first that has as many fields as most, and comments
  const named = rows.slice(0, 20).findIndex(({ fields }) => fields.length === width && isNamed(fields))
  let first = 0
  while (first < rows.length - 1 && first < 50 && isPreamble(rows[first])) first++
  function isPreamble({ line, fields }: { line: string; fields: string[] }): boolean {
    if (SEPARATOR_LINE.test(line)) return true
    if (isComment(line)) return !isNamed(uncommented(line))
    // the title of a sheet, with empty cells up to the width of the table below
    if (fields.length === width && fields.includes('') && named > first) return true
    return fields.length !== width && !isNamed(fields) && !(fields.length === width + 1 && fields.at(-1) === '')
  }
  function isNamed(names: readonly string[]): boolean {
    return namesUserAndItem(names) && Math.abs(names.length - width) <= 1
  }
  function uncommented(line: string): string[] {
    return split(line.replace(/^\s*(#|\/\/|%)\s*/, ''))
  }
  const start = rows[first]
  const commented = isComment(start.line) && isNamed(uncommented(start.line))
  const head = commented ? uncommented(start.line) : start.fields
  const below = rows
    .slice(first + 1)
    .map(({ fields }) => fields)
    .filter(fields => fields.length === width)
  const topped = commented || isHeader(head, below, wishes)
  // a header of numbers gives no names
  const hasHeader = topped && !isRunning(head)
  // R writes row names, which never come twice, without a name for their column; others leave the last one without a name
  const isShort = hasHeader && head.length === width - 1
  const endsEmpty = below.every(fields => fields.at(-1) === '')
  const areRowNames = new Set(below.map(fields => fields[0])).size === below.length
  const header = isShort
    ? endsEmpty || !areRowNames
      ? [...head, endsEmpty ? '' : String(width - 1)]
      : ['', ...head]
    : head.slice(0, width)
  const nameAt = (position: number) => (hasHeader ? header[position]?.trim() || '' : String(position))
  const names = Array.from({ length: width }, (_, position) => nameAt(position))
  const next = rows[first + 1]
  const isRuler = (fields: readonly string[]) =>
    fields.every(field => /^\s*:?[-=]{2,}:?\s*$|^\s*$/.test(field)) || fields.every(field => TYPE.test(field.trim()))
  const isSecond = next && namesUserAndItem(next.fields) && below.length > 2
  const ruler = topped && next && (isSecond || isRuler(next.fields)) ? next : undefined
  const shape: TableShape = {
    dialect,
    width,
    skippedLines: ruler?.number ?? (topped ? start.number : start.number - 1),
    ...(topped && { header: Buffer.from(start.line) }),
  }
  const ahead = hasHeader ? undefined : headerBefore(lines.slice(0, start.number - 1), separator, width)
  const samples: string[][] = []
  const scan = createScanner(shape, createAccount(), fields => samples.push(fieldTexts(fields).slice(0, width)))
  scan(firstLines(text), 1, true)
  const isAhead = (line: string) => ahead !== undefined && line.trim() === lines[start.number - 2]?.trim()
  return {
    ...shape,
    agreement,
    hasHeader: hasHeader || ahead !== undefined,
    names: ahead ?? names,
    ...(isShort && !endsEmpty && { unnamed: areRowNames ? 'first' : 'last' }),
    firstLine: start.number,
    samples,
    preamble: [
      ...filled
        .filter(({ number, line }) => number < start.number && !isAhead(line))
        .map(row => preambleOf(kindOfPreamble(row.line), row)),
      ...(topped && !hasHeader ? [preambleOf('line that numbers the columns', start)] : []),
      ...(ruler ? [preambleOf(isSecond ? 'second header' : 'ruler', ruler)] : []),
    ],
  }
}

function firstLines(text: Buffer): Buffer {
  let end = 0
  for (let count = 0; count < SAMPLED_LINES && end < text.length; count++) {
    const feed = text.indexOf(10, end)
    end = feed < 0 ? text.length : feed + 1
  }
  return text.subarray(0, end)
}

const preambleOf = (what: string, { line, number }: { line: string; number: number }) => ({ what, line: number, text: line }) // biome-ignore format: one line

/** What a line before the table is called. */
function kindOfPreamble(line: string): string {
  if (SEPARATOR_LINE.test(line)) return 'line that names the separator'
  return COMMENT.test(line) ? 'comment' : 'line before the table'
}

/** Fields in single quotes, where most fields of a line have them. */
function quoteOf(lines: readonly string[], separator: string): number {
  const filled = lines.filter(line => line.trim() !== '').slice(0, 100)
  const single = filled.filter(line => line.split(separator).some(field => /^\s*'.*'\s*$/.test(field)))
  return 2 * single.length > filled.length && !filled.some(line => line.includes('"')) ? QUOTES.single : QUOTES.double
}

function commonest(counts: readonly number[]): number {
  const times = new Map<number, number>()
  for (const count of counts) times.set(count, (times.get(count) ?? 0) + 1)
  let best = 0
  for (const [count, seen] of times) if (seen > (times.get(best) ?? 0)) best = count
  return best
}
