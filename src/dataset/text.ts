/** Text files as numbered lines, and lines as fields. */
import { pipeline } from 'node:stream'
import { createGunzip } from 'node:zlib'
import { DataError, messageOf } from '../errors.ts'
import { type DataFile, readBytes } from './files.ts'

export interface LineBatch {
  /** number of the first line, from 1 */
  readonly first: number
  /** without the line feed; a carriage return stays */
  readonly lines: readonly string[]
}

const LINE_FEED = 10
const MARK = '\ufeff'

/**
 * The lines of a file, unpacked, without a byte order mark; many at a time, since a million awaits are slow.
 * @throws DataError naming the first line that is not UTF-8
 */
export async function* readLines(file: DataFile, signal?: AbortSignal): AsyncGenerator<LineBatch> {
  let first = 1
  let rest: Buffer = Buffer.alloc(0)
  for await (const chunk of readChunks(file, signal)) {
    const end = chunk.lastIndexOf(LINE_FEED)
    if (end < 0) {
      rest = Buffer.concat([rest, chunk])
      continue
    }
    const lines = decode(Buffer.concat([rest, chunk.subarray(0, end)]), file.label, first).split('\n')
    yield { first, lines }
    first += lines.length
    rest = chunk.subarray(end + 1)
  }
  if (rest.length > 0) yield { first, lines: decode(rest, file.label, first).split('\n') }
}

async function* readChunks({ path, label, gzip }: DataFile, signal?: AbortSignal): AsyncGenerator<Buffer> {
  const bytes = readBytes(path, signal)
  if (!gzip) return yield* bytes
  try {
    // errors of either stream end the iteration, so the callback has nothing to do
    yield* pipeline(bytes, createGunzip(), () => {}) as AsyncIterable<Buffer>
  } catch (error) {
    signal?.throwIfAborted()
    throw new DataError(`${label}: damaged gzip data: ${messageOf(error)}; compress the file again`, { cause: error })
  }
}

/**
 * Unpacks a gzip file to its end: DuckDB takes one that was cut off for a shorter one.
 * @throws DataError when it is damaged
 */
export async function checkGzip(file: DataFile, signal?: AbortSignal): Promise<void> {
  for await (const _ of readChunks(file, signal));
}

/** `bytes` is a number of whole lines, so no character is cut. */
function decode(bytes: Buffer, label: string, first: number): string {
  const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })
  try {
    const text = decoder.decode(bytes)
    return first === 1 && text.startsWith(MARK) ? text.slice(1) : text
  } catch {
    const { line, byte } = firstFault(bytes, decoder)
    const hex = byte.toString(16).padStart(2, '0')
    throw new DataError(`${label} line ${first + line}: byte 0x${hex} is not UTF-8 text; save the file as UTF-8`)
  }
}

function firstFault(bytes: Buffer, decoder: TextDecoder): { line: number; byte: number } {
  let start = 0
  for (let line = 0; ; line++) {
    const end = bytes.indexOf(LINE_FEED, start)
    const content = bytes.subarray(start, end < 0 ? bytes.length : end)
    try {
      decoder.decode(content)
    } catch {
      // the faulty byte is the first that a lenient reading does not give back
      const again = Buffer.from(content.toString('utf8'))
      return { line, byte: content.find((value, position) => value !== again[position]) ?? 0 }
    }
    start = end + 1
  }
}

/** A text from a file as messages show it: in quotes, on one line, not too long. */
export function quote(text: string): string {
  return JSON.stringify(text.length > 60 ? `${text.slice(0, 60)}…` : text)
}

/** One row of a text table. */
export interface TextRecord {
  /** the line it starts on */
  readonly line: number
  readonly fields: readonly string[]
}

/** Takes lines, gives records; a quoted field may go over several lines. */
export interface RecordParser {
  /** @returns the record that ends with this line; nothing for a blank line or inside quotes */
  push(line: string, number: number): TextRecord | undefined
  /** the line of a quote that is still open */
  readonly openQuote: number | undefined
}

/** Rows of fields between separators, quoted as in RFC 4180; also for separators of more than one character. */
export function separatedRecords(separator: string): RecordParser {
  let fields: string[] = []
  let quoted = ''
  let openQuote: number | undefined
  return {
    get openQuote() {
      return openQuote
    },
    push(raw, number) {
      const line = raw.endsWith('\r') ? raw.slice(0, -1) : raw
      if (openQuote === undefined && line === '') return
      const start = openQuote ?? number
      let at = 0
      if (openQuote !== undefined) quoted += '\n'
      for (;;) {
        if (openQuote === undefined && line[at] === '"') {
          openQuote = start
          quoted = ''
          at++
        }
        if (openQuote !== undefined) {
          const quote = line.indexOf('"', at)
          if (quote < 0) {
            quoted += line.slice(at)
            return
          }
          quoted += line.slice(at, quote)
          at = quote + 1
          if (line[at] === '"') {
            quoted += '"'
            at++
            continue
          }
          openQuote = undefined
        } else quoted = ''
        const next = line.indexOf(separator, at)
        fields.push(quoted + (next < 0 ? line.slice(at) : line.slice(at, next)))
        quoted = ''
        if (next < 0) break
        at = next + separator.length
      }
      const record = { line: start, fields }
      fields = []
      return record
    },
  }
}

/** Rows of words between blanks or tabs. */
export function wordRecords(): RecordParser {
  return {
    openQuote: undefined,
    push(line, number) {
      const fields = splitWords(line)
      return fields.length ? { line: number, fields } : undefined
    },
  }
}

export function splitWords(line: string): string[] {
  const trimmed = line.trim()
  return trimmed === '' ? [] : trimmed.split(/\s+/)
}

/** The records of a text file, one by one; for finding a place, not for reading data. */
export async function* readRecords(file: DataFile, parser: RecordParser): AsyncGenerator<TextRecord> {
  for await (const { first, lines } of readLines(file)) {
    for (let index = 0; index < lines.length; index++) {
      const record = parser.push(lines[index], first + index)
      if (record) yield record
    }
  }
}

/** The record at a position, from 0. */
export async function recordAt(file: DataFile, parser: RecordParser, position: number): Promise<TextRecord> {
  let seen = 0
  for await (const record of readRecords(file, parser)) if (seen++ === position) return record
  throw new DataError(`${file.label}: the file has changed while it was read; try again`)
}
