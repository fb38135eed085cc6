/** Text files as blocks of whole lines: unpacked, in UTF-8, every line ended by a line feed. */
import { isUtf8 } from 'node:buffer'
import { DataError } from '../../errors.ts'
import { unpacked } from './containers.ts'
import type { DataFile } from './disk.ts'

export interface LineBatch {
  /** number of the first line, from 1 */
  readonly first: number
  /** without the line feed; the carriage return of a CRLF stays */
  readonly lines: readonly string[]
}

const LINE_FEED = 10
const CARRIAGE_RETURN = 13
const MARK = Buffer.from('\ufeff')

/** No line of a table is that long; a file without line ends would fill the memory. */
const LONGEST_LINE = 64 << 20

/**
 * Blocks of about a megabyte: whole lines, of which the last of a file may lack its line feed; without a byte order mark.
 * @throws DataError naming the first line that is not text of the file's encoding, or one that never ends
 */
export async function* readBlocks(file: DataFile, signal?: AbortSignal): AsyncGenerator<Buffer> {
  let isFirst = true
  let rest: Buffer[] = []
  let held = 0
  const whole = async (last: Buffer): Promise<Buffer> => {
    const joined = rest.length > 0 ? Buffer.concat([...rest, last]) : last
    const bytes = isFirst ? withoutMark(joined) : joined
    if (!isUtf8(bytes)) throw await notUtf8(file)
    isFirst = false
    return bytes
  }
  for await (const chunk of lineFed(decoded(file, signal))) {
    const end = chunk.lastIndexOf(LINE_FEED) + 1
    if (end > 0) {
      yield await whole(chunk.subarray(0, end))
      rest = []
      held = 0
    }
    if (end === chunk.length) continue
    rest.push(chunk.subarray(end))
    held += chunk.length - end
    if (held > LONGEST_LINE)
      throw new DataError(`${file.label}: a line without an end within 64 MB; is it a text file?`)
  }
  if (held > 0) yield whole(Buffer.alloc(0))
}

/** The lines as strings; many at a time, since a million awaits are slow. */
export async function* readLines(file: DataFile, signal?: AbortSignal): AsyncGenerator<LineBatch> {
  let first = 1
  for await (const bytes of readBlocks(file, signal)) {
    const lines = linesOf(bytes)
    yield { first, lines }
    first += lines.length
  }
}

/** The lines of a block, without the empty one after its last line feed. */
export function linesOf(bytes: Buffer): string[] {
  const lines = bytes.toString('utf8').split('\n')
  if (lines.at(-1) === '') lines.pop()
  return lines
}

export function withoutMark(bytes: Buffer): Buffer {
  return bytes.subarray(0, MARK.length).equals(MARK) ? bytes.subarray(MARK.length) : bytes
}

async function* decoded(file: DataFile, signal?: AbortSignal): AsyncGenerator<Buffer> {
  if (file.encoding === 'utf-8') return yield* unpacked(file, signal)
  const decoder = new TextDecoder(file.encoding)
  for await (const chunk of unpacked(file, signal)) yield Buffer.from(decoder.decode(chunk, { stream: true }))
  yield Buffer.from(decoder.decode())
}

/** A carriage return that no line feed follows becomes one, as old Macs and some exports end their lines. */
async function* lineFed(chunks: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  let pending = false
  for await (const chunk of chunks) {
    if (chunk.length === 0) continue
    const bytes: Buffer = pending ? Buffer.concat([Buffer.of(CARRIAGE_RETURN), chunk]) : chunk
    pending = bytes[bytes.length - 1] === CARRIAGE_RETURN
    yield endLines(pending ? bytes.subarray(0, -1) : bytes)
  }
  if (pending) yield Buffer.of(LINE_FEED)
}

/** In place. */
export function endLines(bytes: Buffer): Buffer {
  for (let at = bytes.indexOf(CARRIAGE_RETURN); at >= 0; at = bytes.indexOf(CARRIAGE_RETURN, at + 1))
    if (bytes[at + 1] !== LINE_FEED) bytes[at] = LINE_FEED
  return bytes
}

/** The first line that is not text; the file is read again for its number. */
export async function notUtf8(file: DataFile): Promise<DataError> {
  let line = 1
  let rest: Buffer = Buffer.alloc(0)
  for await (const chunk of lineFed(decoded(file))) {
    const bytes: Buffer = Buffer.concat([rest, chunk])
    let start = 0
    for (let end = bytes.indexOf(LINE_FEED); end >= 0; end = bytes.indexOf(LINE_FEED, start)) {
      if (!isUtf8(bytes.subarray(start, end))) return notTextAt(file, line, bytes.subarray(start, end))
      line++
      start = end + 1
    }
    rest = bytes.subarray(start)
  }
  return notTextAt(file, line, rest)
}

function notTextAt({ label }: DataFile, line: number, content: Buffer): DataError {
  // the faulty byte is the first that a lenient reading does not give back
  const again = Buffer.from(content.toString('utf8'))
  const byte = content.find((value, position) => value !== again[position]) ?? 0
  return new DataError(
    `${label} line ${line}: byte 0x${byte.toString(16).padStart(2, '0')} is not UTF-8 text; save the file as UTF-8, or name its encoding, such as --encoding windows-1252${severalAtOnce(content) ? ', shift_jis, gbk or euc-kr' : ''}`,
  )
}

/** Letters of several bytes stand in a row; accents of Western letters stand alone. */
function severalAtOnce(content: Buffer): boolean {
  return /[\x80-\xff]{4}/.test(content.toString('latin1'))
}

/** A text from a file as messages show it: in quotes, on one line, not too long. */
export function quote(text: string): string {
  return JSON.stringify(text.length > 60 ? `${text.slice(0, 60)}…` : text)
}

/** As CSV has it. */
export function quoteCell(text: string): string {
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
}

export function splitWords(line: string): string[] {
  const trimmed = line.trim()
  return trimmed === '' ? [] : trimmed.split(/\s+/)
}
