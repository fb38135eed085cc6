/** The rows of a JSON file, however they are written: one per line, in an array, one after another, or in one object. */
import { DataError } from '../../../errors.ts'
import { type Account, createAccount, tally } from '../../columns/rows.ts'
import type { DataFile } from '../../files/disk.ts'
import { quote, readBlocks, readLines } from '../../files/text.ts'
import { SNIFFED_BYTES, type Sniff } from '../format.ts'
import { type JsonObject, looksLikeTree, rowsOfTree } from './tree.ts'

export interface JsonRow {
  readonly row: JsonObject
  /** the line it begins on */
  readonly line: number
}

/** `lines`: each line is an object. `stream`: an array of objects, or objects over several lines. `tree`: one object. */
export type JsonShape = 'lines' | 'stream' | 'tree'

/** A file of one object is read at once, and so must fit into memory. */
const LARGEST_TREE = 256 << 20

const COMMENT = /^\s*(\/\/|#)/
const NOTHING = /^\s*null\s*,?\s*$/

/** Ahead of each text of a sequence, as RFC 7464 has it. */
const SEPARATOR = '\u001e'
const bare = (text: string) => (text.startsWith(SEPARATOR) ? text.slice(1) : text).trim()

export function shapeOfJson({ text, head, lines }: Pick<Sniff, 'text' | 'head' | 'lines'>): JsonShape | undefined {
  const whole = head.length < SNIFFED_BYTES
  const begin = lines.findIndex(line => bare(line) !== '' && !COMMENT.test(bare(line)) && !NOTHING.test(bare(line)))
  const line = bare(lines[begin] ?? '')
  if (!/^\s*(\{|\[\s*([[{"\d\]-]|$))/.test(line)) return
  const first = parseRow(line)
  // one row alone is a line; an array of objects, or an object of lists, is more than one row
  const isAlone = () => lines.slice(begin + 1).every(other => bare(other) === '')
  if (first && (!whole || !looksLikeTree(first) || !isAlone())) return 'lines'
  if (/^\s*\[/.test(line)) return 'stream'
  const rows = createSplitter(createAccount())(text, false)
  return rows.length > 1 || (rows.length === 1 && !looksLikeTree(rows[0].row)) ? 'stream' : 'tree'
}

/** Visits the rows; what is none is counted. @throws DataError for a file that is damaged as a whole */
export async function readJson(
  file: DataFile,
  shape: JsonShape,
  account: Account,
  visit: (row: JsonRow) => void,
  signal?: AbortSignal,
): Promise<void> {
  if (shape === 'tree') return readTree(file, visit, signal)
  if (shape === 'lines') {
    for await (const { lines, first } of readLines(file, signal))
      for (let index = 0; index < lines.length; index++) {
        const line = lines[index]
        const row = parseRow(line)
        if (row) visit({ row, line: first + index })
        else if (COMMENT.test(line))
          tally(account.skipped, 'comment', `line ${first + index}`, () => quote(line.trim()))
        else if (!/^[\s[\],]*$/.test(line)) refuse(account, line, first + index)
      }
    return
  }
  const split = createSplitter(account)
  for await (const bytes of readBlocks(file, signal)) for (const row of split(bytes, false)) visit(row)
  for (const row of split(Buffer.alloc(0), true)) visit(row)
}

function refuse(account: Account, text: string, line: number): void {
  const reason = /^\s*\{\s*u?'/.test(text)
    ? 'Python instead of JSON (write the rows with json.dumps)'
    : 'no JSON object'
  tally(account.refused, reason, `line ${line}`, () => quote(text.trim()))
}

/** An object, or an array as the object of its positions; nothing for other text. */
export function parseRow(text: string): JsonObject | undefined {
  const trimmed = bare(text).replace(/,$/, '')
  if (!/^[{[]/.test(trimmed)) return
  const value =
    parse(trimmed) ??
    (/:\s*(NaN|-?Infinity)\b/.test(trimmed) ? parse(trimmed.replace(/:\s*(NaN|-?Infinity)\b/g, ':null')) : undefined)
  if (typeof value !== 'object' || value === null) return
  if (!Array.isArray(value)) return value as JsonObject
  // of an array of rows, each entry is an object or an array
  return value.some(entry => entry !== null && typeof entry !== 'object') ? { ...value } : undefined
}

function parse(text: string): unknown {
  try {
    // an integer that a double cannot hold keeps its digits as text
    return /\d{16}/.test(text)
      ? JSON.parse(text, exactly as (key: string, value: unknown) => unknown)
      : JSON.parse(text)
  } catch {
    // the caller counts what is no JSON
    return
  }
}

function exactly(_key: string, value: unknown, context: { source?: string }): unknown {
  const isRounded = typeof value === 'number' && !Number.isSafeInteger(value) && /^-?\d+$/.test(context?.source ?? '')
  return isRounded ? context.source : value
}

const [OPEN_LIST, OPEN, CLOSE, CLOSE_LIST, STRING, ESCAPE] = Array.from('[{}]"\\', mark => mark.charCodeAt(0))

/** Takes text block by block and gives the objects that end in it, at the top or in an array there. */
function createSplitter(account: Account) {
  let pending: Buffer[] = []
  let line = 1
  let startLine = 1
  let depth = 0
  let base = 0
  let inString = false
  let escaped = false
  let begun = false

  return (block: Buffer, final: boolean): JsonRow[] => {
    const rows: JsonRow[] = []
    let start = pending.length > 0 ? 0 : -1
    for (let at = 0; at < block.length; at++) {
      const byte = block[at]
      if (byte === 10) line++
      if (inString) {
        if (escaped) escaped = false
        else if (byte === ESCAPE) escaped = true
        else if (byte === STRING) inString = false
      } else if (byte === STRING) inString = true
      else if (byte === OPEN || byte === OPEN_LIST) {
        // the outermost array is not a row
        if (!begun && byte === OPEN_LIST) base = 1
        begun = true
        if (depth === base && (base === 0 || depth > 0)) {
          start = at
          startLine = line
        }
        depth++
      } else if (byte === CLOSE || byte === CLOSE_LIST) {
        depth = Math.max(0, depth - 1)
        if (depth !== base || start < 0) continue
        const text = Buffer.concat([...pending, block.subarray(start, at + 1)]).toString('utf8')
        pending = []
        start = -1
        const row = parseRow(text)
        if (row) rows.push({ row, line: startLine })
        else refuse(account, text, startLine)
      }
    }
    if (start >= 0) pending.push(Buffer.from(block.subarray(start)))
    if (final && pending.length > 0) {
      const beginning = Buffer.concat(pending).toString('utf8', 0, 200)
      tally(account.refused, 'a JSON object that never ends', `line ${startLine}`, () => quote(beginning))
      pending = []
    }
    return rows
  }
}

async function readTree(file: DataFile, visit: (row: JsonRow) => void, signal?: AbortSignal): Promise<void> {
  const blocks: Buffer[] = []
  let size = 0
  for await (const bytes of readBlocks(file, signal)) {
    blocks.push(bytes)
    size += bytes.length
    if (size > LARGEST_TREE)
      throw new DataError(`${file.label}: one JSON object of more than 256 MB; write one object a line (jq -c ".[]")`)
  }
  const text = Buffer.concat(blocks).toString('utf8')
  const value = parse(text)
  if (typeof value !== 'object' || value === null)
    throw new DataError(
      `${file.label}: ${/^\s*\{\s*u?'/.test(text) ? 'Python instead of JSON; write the rows with json.dumps' : /:\s*(ObjectId|NumberLong|ISODate)\(/.test(text) ? 'as the shell of MongoDB prints it; write it by mongoexport' : 'no valid JSON; write one object a line (jq -c ".[]")'}`,
    )
  for (const row of rowsOfTree(value as JsonObject)) visit({ row, line: 1 })
}
