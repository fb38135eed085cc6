/** What a file format is: how a file is known by its content, and how it is read. */
import { isUtf8 } from 'node:buffer'
import type { z } from 'zod'
import { type Part, partFields } from '../../registry.ts'
import { callable, checkRequest } from '../../requests.ts'
import type { ColumnWishes } from '../columns/columns.ts'
import type { Rows } from '../columns/rows.ts'
import { extensionOf, readContentHead } from '../files/containers.ts'
import type { DataFile } from '../files/disk.ts'
import { endLines, linesOf, notUtf8, withoutMark } from '../files/text.ts'

/** The beginning of a file, by which formats are told apart. */
export interface Sniff {
  readonly file: DataFile
  /** lower case, without dot, and without `gz` and its like: a hint at most */
  readonly extension: string
  /** up to 256 KB, unpacked */
  readonly head: Buffer
  /** the whole lines of `head` in UTF-8, each ended by a line feed; empty for binary content */
  readonly text: Buffer
  /** the same, read leniently */
  readonly lines: readonly string[]
}

export interface ReadRequest {
  readonly sniff: Sniff
  /** of the files that belong to this one: parts of one table, or train beside test */
  readonly beside?: readonly Sniff[]
  readonly wishes: ColumnWishes
  /** a condition over the columns, in DuckDB's SQL; rows that do not meet it are marked in `passes` */
  readonly where?: string
  readonly signal?: AbortSignal
  /** takes a sentence about what was decided */
  decide(sentence: string): void
}

export interface FormatDefinition extends Part {
  /** Why the file is of this format, to follow "because"; nothing when it is not. */
  detect(sniff: Sniff, beside?: readonly Sniff[]): string | undefined
  /** @throws DataError naming file, line, value and remedy for content that is not of this format */
  read(request: ReadRequest): Promise<Rows>
}

const FIELDS = {
  ...{ ...partFields, detect: callable, read: callable },
} satisfies Record<keyof FormatDefinition, z.ZodType>

/** Declares a format. @throws UsageError for a field that is missing or misspelt */
export function defineFormat(definition: FormatDefinition): FormatDefinition {
  checkRequest('defineFormat', FIELDS, definition)
  return definition
}

/** Rows of a file by which its columns are told apart. */
export const SAMPLED_ROWS = 400

export const SNIFFED_BYTES = 1 << 18

export async function sniffFile(file: DataFile): Promise<Sniff> {
  const head = await readContentHead(file, SNIFFED_BYTES)
  const text = textOf(head, file.encoding)
  if (file.encoding === 'utf-8' && text.includes(10) && !isUtf8(text)) throw await notUtf8(file)
  return { file, extension: extensionOf(file.path), head, text, lines: linesOf(text) }
}

/** Zero bytes, but for a few in a field, or a run of them at the end of a file that a crash has left too long. */
export function isBinary(bytes: Buffer): boolean {
  let end = bytes.length
  while (end > 0 && bytes[end - 1] === 0) end--
  let zeros = 0
  for (let at = bytes.indexOf(0); at >= 0 && at < end && 200 * zeros <= end; at = bytes.indexOf(0, at + 1)) zeros++
  return end === 0 || 200 * zeros > end
}

function textOf(head: Buffer, encoding: string): Buffer {
  const decoded = encoding === 'utf-8' ? Buffer.from(head) : Buffer.from(new TextDecoder(encoding).decode(head))
  if (isBinary(decoded)) return Buffer.alloc(0)
  const text = withoutMark(endLines(decoded))
  // the last line is cut, unless this is the whole file, or all there is
  const end = head.length < SNIFFED_BYTES ? text.length : text.lastIndexOf(10) + 1
  return end > 0 ? text.subarray(0, end) : text
}
