/** The lines of a file of words, split where the bytes of words end. */
import { type Account, tally } from '../columns/rows.ts'
import type { DataFile } from '../files/disk.ts'
import { quote, readBlocks } from '../files/text.ts'
import { isBlank } from './tables/bytes.ts'
import { createFields, type Fields } from './tables/fields.ts'

const [LINE_FEED, HASH, PERCENT] = [10, 35, 37]

/** What a byte is that is no part of a word: between words, or behind a line. */
const [BETWEEN, BEHIND] = [1, 2]

/** In place of marks: all that is no digit separates. */
export const NO_DIGIT = 'no digit'

/** Takes the words of a line. @returns for one that is no row: where it is counted, and as what */
export type WordVisit = (fields: Fields, line: number) => readonly [Account['skipped'], what: string] | undefined

/**
 * Visits the lines of a file that are neither blank nor comments, split into words between blanks, and at the marks of lists if
 * there are any.
 */
export async function readWordLines(
  file: DataFile,
  marks: string,
  account: Account,
  visit: WordVisit,
  signal?: AbortSignal,
): Promise<void> {
  const separates = new Uint8Array(256)
  const isMark = (byte: number) =>
    marks === NO_DIGIT ? byte < 48 || byte > 57 : marks.includes(String.fromCharCode(byte))
  for (let byte = 0; byte < 256; byte++) separates[byte] = isBlank(byte) || isMark(byte) ? BETWEEN : 0
  separates[LINE_FEED] = BEHIND
  const scan = createScanner(separates, account, visit)
  let line = 1
  for await (const bytes of readBlocks(file, signal)) line = scan(bytes, line)
}

/** @returns what visits the lines of a block, of which the first has a number, and says the number of the line behind */
function createScanner(separates: Uint8Array, account: Account, visit: WordVisit) {
  let fields = createFields(64)
  return (bytes: Buffer, firstLine: number): number => {
    const { length } = bytes
    let line = firstLine
    for (let start = 0; start < length; line++) {
      let count = 0
      let at = start
      for (;;) {
        while (at < length && separates[bytes[at]] === BETWEEN) at++
        if (at >= length || bytes[at] === LINE_FEED) break
        const from = at
        while (at < length && separates[bytes[at]] === 0) at++
        if (count === fields.starts.length) fields = widened(fields)
        fields.starts[count] = from
        fields.ends[count++] = at
      }
      if (count > 0) {
        fields.bytes = bytes
        fields.count = count
        const isComment = bytes[start] === HASH || bytes[start] === PERCENT
        const noRow = isComment ? ([account.skipped, 'comment'] as const) : visit(fields, line)
        if (noRow) tally(...noRow, `line ${line}`, shownAs(bytes, start, at))
      }
      start = at + 1
    }
    return line
  }
}

const shownAs = (bytes: Buffer, start: number, end: number) => () =>
  quote(bytes.toString('utf8', start, Math.min(end, start + 200)).trim())

function widened(fields: Fields): Fields {
  const wider = createFields(2 * fields.starts.length)
  wider.starts.set(fields.starts)
  wider.ends.set(fields.ends)
  return wider
}
