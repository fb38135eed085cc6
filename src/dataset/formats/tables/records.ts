/** The records of a table of text, one by one; what is no record is counted with its reason. */

import { type Account, tally } from '../../columns/rows.ts'
import type { DataFile } from '../../files/disk.ts'
import { quote, readBlocks } from '../../files/text.ts'
import { isBlank, unseenAt } from './bytes.ts'
import { createFields, type Dialect, type Fields, splitFields, splitPlain } from './fields.ts'

export interface TableShape {
  readonly dialect: Dialect
  /** fields of a record */
  readonly width: number
  /** lines before the first record: a preamble and the header */
  readonly skippedLines: number
  /** the header as it is written, which may come again where files were joined */
  readonly header?: Buffer
}

const LINE_FEED = 10
const CARRIAGE_RETURN = 13

/** A quoted field that goes on for more is not one: its quote stands for itself. */
const MOST_LINES = 500

const OPEN_QUOTE = 'a quote (") that is opened and not closed, taken as a character'

/** What terminals of databases and dumps write below a table. */
export const FOOTER = /^\s*([([]?[\d,]+ rows?\b|\\\.\s*$|only showing top \d|\p{Cc}\s*$)/u

type Visit = (fields: Fields, line: number) => void

export async function readRecords(
  file: DataFile,
  shape: TableShape,
  account: Account,
  visit: Visit,
  signal?: AbortSignal,
): Promise<void> {
  const scanner = createScanner(shape, account, visit)
  let rest: Buffer = Buffer.alloc(0)
  let line = 1
  for await (const bytes of readBlocks(file, signal)) {
    const data = rest.length > 0 ? Buffer.concat([rest, bytes]) : bytes
    const scanned = scanner(data, line, false)
    rest = data.subarray(scanned.end)
    line = scanned.line
  }
  scanner(rest, line, true)
}

/**
 * Visits the records of `data`, whose first line has the number `line`. A record that may go on beyond the data is left
 * for the next call, unless this is the last. @returns where the records end, and the number of the line there
 */
export function createScanner({ dialect, width, skippedLines, header }: TableShape, account: Account, visit: Visit) {
  const fields = createFields(width + 1)
  const ahead = createFields(width + 1)
  /** One empty field too many is a separator at the end of the line, and harmless. */
  const fits = (out: Fields) => out.count === width || (out.count === width + 1 && isEmpty(out, width))

  const plainSeparator = dialect.separator.length === 1 ? dialect.separator.charCodeAt(0) : -1
  const isHeaderAgain = (data: Buffer, start: number, end: number) =>
    header !== undefined && sameText(data, start, data[end - 1] === CARRIAGE_RETURN ? end - 1 : end, header)
  /** Nothing is open, and the field that was is between quotes now. */
  const closes = ({ bytes, starts, ends, openField }: Fields, field: number) =>
    openField < 0 && bytes[starts[field] - 1] === dialect.quote && bytes[ends[field]] === dialect.quote

  return (data: Buffer, firstLine: number, final: boolean): { end: number; line: number } => {
    let line = firstLine
    const lineEnd = (from: number) => {
      const feed = data.indexOf(LINE_FEED, from)
      return feed < 0 ? data.length : feed
    }
    const stripped = (from: number, to: number) => (to > from && data[to - 1] === CARRIAGE_RETURN ? to - 1 : to)
    const place = () => `line ${line}`
    const shown = (from: number, to: number) => () => quote(data.toString('utf8', from, Math.min(to, from + 200)))

    /** The end of a record with an open quote; 0 when its quote stands for itself; −1 when that cannot be known yet. */
    const endOfOpen = (from: number, firstEnd: number): number => {
      const { openField } = fields
      const literalFits = splitFields(data, from, stripped(from, firstEnd), dialect, 'literal', ahead) && fits(ahead)
      let alone = 0
      let end = firstEnd
      for (let lines = 1; lines <= MOST_LINES; lines++) {
        if (end >= data.length) return final ? 0 : -1
        const next = end + 1
        end = lineEnd(next)
        if (end >= data.length && !final) return -1
        splitFields(data, next, stripped(next, end), dialect, 'strict', ahead)
        const fitsAlone = fits(ahead) && ahead.openField < 0
        if (fitsAlone) alone++
        splitFields(data, from, stripped(from, end), dialect, 'strict', fields)
        if (fits(fields) && closes(fields, openField))
          return literalFits && fitsAlone && dialect.separator === '\t' ? 0 : end
        // a line that is a whole record is no part of a text, unless the record before cannot do without it
        if (fitsAlone && (literalFits || alone > 2)) return 0
      }
      return 0
    }

    /** Rows without any value, as spreadsheets write below a table, are none. */
    const visitFilled = (start: number, stop: number) => {
      if (isEmpty(fields, 0) && allEmpty(fields)) tally(account.skipped, 'empty row', place(), shown(start, stop))
      else visit(fields, line)
    }

    let at = 0
    while (at < data.length) {
      // a mark of byte order in the middle, where files were joined
      if (data[at] === 0xef) at += unseenAt(data, at)
      // most lines have no quotes, and the right number of fields
      let end =
        plainSeparator >= 0 && line > skippedLines ? splitPlain(data, at, plainSeparator, dialect.quote, fields) : -1
      if (end >= 0 && fields.count === width && (end < data.length || final) && !isHeaderAgain(data, at, end)) {
        if (!isBlankLine(data, at, end)) visitFilled(at, end)
        line++
        at = end + 1
        continue
      }
      end = lineEnd(at)
      if (end >= data.length && !final) break
      let stop = stripped(at, end)
      if (line <= skippedLines || isBlankLine(data, at, stop)) {
        at = end + 1
        line++
        continue
      }
      let lines = 1
      splitFields(data, at, stop, dialect, 'strict', fields)
      // a field that ends in a backslash
      if (fields.openField >= 0 && data.subarray(at, stop).includes(92))
        splitFields(data, at, stop, dialect, 'lenient', fields)
      if (fields.openField >= 0) {
        const recordEnd = endOfOpen(at, end)
        if (recordEnd < 0) break
        if (recordEnd > 0) {
          for (let feed = end; feed < recordEnd; feed = lineEnd(feed + 1)) lines++
          end = recordEnd
          stop = stripped(at, end)
        } else {
          splitFields(data, at, stop, dialect, 'literal', fields)
          if (fits(fields)) tally(account.notes, OPEN_QUOTE, place(), shown(at, stop))
        }
      }
      for (const quoting of ['lenient', 'literal'] as const)
        if (!fits(fields)) splitFields(data, at, stop, dialect, quoting, fields)
      if (isHeaderAgain(data, at, stop)) tally(account.skipped, 'repeated header', place(), shown(at, stop))
      else if (fits(fields)) visitFilled(at, stop)
      else if (data[at] === 35) tally(account.skipped, 'comment', place(), shown(at, stop))
      else if (isRuler(data, at, stop)) tally(account.skipped, 'ruler', place(), shown(at, stop))
      else if (FOOTER.test(data.toString('latin1', at, Math.min(stop, at + 80))))
        tally(account.skipped, 'footer', place(), shown(at, stop))
      else {
        const found = splitFields(data, at, stop, dialect, 'strict', fields)
        const reason =
          fields.openField >= 0 ? 'a quote (") that is opened and never closed' : `${found} fields instead of ${width}`
        tally(account.refused, reason, place(), shown(at, stop))
      }
      line += lines
      at = end + 1
    }
    return { end: Math.min(at, data.length), line }
  }
}

function isEmpty({ starts, ends }: Fields, field: number): boolean {
  return starts[field] >= ends[field]
}

function allEmpty({ count, starts, ends }: Fields): boolean {
  for (let field = 0; field < count; field++) if (ends[field] > starts[field]) return false
  return true
}

/** +------+------+ */
function isRuler(data: Buffer, start: number, end: number): boolean {
  return end - start > 2 && /^[\s+|:=-]+$/.test(data.toString('latin1', start, end))
}

function isBlankLine(data: Buffer, start: number, end: number): boolean {
  for (let at = start; at < end; at++) if (!isBlank(data[at])) return false
  return true
}

function sameText(data: Buffer, start: number, end: number, text: Buffer): boolean {
  return end - start === text.length && data[start] === text[0] && text.equals(data.subarray(start, end))
}
