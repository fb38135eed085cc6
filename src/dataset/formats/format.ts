/** What a file format is: how a file is known by its content, and how it is read. */
import type { Part } from '../../registry.ts'
import type { ColumnWishes } from '../columns.ts'
import { type DataFile, readContentHead } from '../files.ts'
import type { Rows } from '../rows.ts'

/** The beginning of a file, by which formats are told apart. */
export interface Sniff {
  readonly file: DataFile
  /** lower case, without dot, and without `gz`: a hint at most */
  readonly extension: string
  /** up to 256 KB, unpacked */
  readonly head: Buffer
  /** the whole lines of `head`, read leniently; none for binary content */
  readonly lines: readonly string[]
}

export interface ReadRequest {
  readonly sniff: Sniff
  readonly wishes: ColumnWishes
  readonly signal?: AbortSignal
  /** takes a sentence about what was decided */
  decide(sentence: string): void
}

export interface FormatDefinition extends Part {
  /** Why the file is of this format, to follow "because"; nothing when it is not. */
  detect(sniff: Sniff): string | undefined
  /** @throws DataError naming file, line, value and remedy for content that is not of this format */
  read(request: ReadRequest): Promise<Rows>
}

export function defineFormat(definition: FormatDefinition): FormatDefinition {
  return definition
}

export async function sniffFile(file: DataFile): Promise<Sniff> {
  const { head, complete } = await readContentHead(file)
  const name = file.path.toLowerCase().replace(/\.gz$/, '')
  return { file, extension: /\.([^./\\]+)$/.exec(name)?.[1] ?? '', head, lines: textLines(head, complete) }
}

function textLines(head: Buffer, complete: boolean): string[] {
  if (head.includes(0)) return []
  const lines = head
    .toString('utf8')
    .replace(/^\ufeff/, '')
    .split('\n')
  // the last line is cut, unless this is the whole file, or all there is
  if (!complete && lines.length > 1) lines.pop()
  return lines
}
