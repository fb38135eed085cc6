/**
 * Tables as Parquet, without a database: nullable columns, groups of rows, a page per column and group, zstd. Columns of ids
 * and words have a dictionary where that is shorter.
 * @source parquet.apache.org, file format 2 with data pages of version 1
 */
import type { FileHandle } from 'node:fs/promises'
import { zstdCompressSync } from 'node:zlib'
import { growing } from '../columns/rows.ts'
import { encodePlain, type Word } from './plain.ts'
import { encodeRuns, widthOf } from './runs.ts'
import {
  type Column,
  CREATED_BY,
  DATA_PAGE,
  DICTIONARY,
  DICTIONARY_PAGE,
  FLOAT,
  MAGIC,
  PHYSICAL,
  PLAIN,
  RUNS,
  ZSTD,
} from './schema.ts'
import { encodeStruct, type Fields, i32, i64, list, struct, type Typed, text } from './thrift.ts'

/** As DuckDB has them; fewer where rows are long. */
const GROUP_ROWS = 122_880
const LIST_ROWS = 16_384
/** Each column goes through so many rows after the other: callers may hold no more of theirs. */
const PIECE_ROWS = 2048

/** Writes rows 0 … rows − 1 in order; the same rows give the same bytes. */
export async function writeParquet(file: FileHandle, columns: readonly Column[], rows: number): Promise<void> {
  let position = 0
  const write = async (bytes: Uint8Array) => {
    await file.writeFile(bytes)
    position += bytes.length
  }
  await write(Buffer.from(MAGIC))
  const groups: Typed[] = []
  const groupRows = columns.some(({ type }) => type === 'FLOAT[]') ? LIST_ROWS : GROUP_ROWS
  for (let start = 0; start < rows; start += groupRows) {
    const count = Math.min(groupRows, rows - start)
    const own = columns.map(createChunk)
    for (let piece = start; piece < start + count; piece += PIECE_ROWS)
      for (const { add } of own)
        for (let row = piece; row < Math.min(piece + PIECE_ROWS, start + count); row++) add(row)
    const chunks: Typed[] = []
    const begin = position
    for (const [index, column] of columns.entries()) {
      const { pages, values } = own[index].encode()
      const at = position
      for (const { bytes } of pages) await write(bytes)
      const [first, second] = pages
      const meta = struct(
        [1, i32(PHYSICAL[column.type])],
        [2, list([i32(RUNS), i32(second ? DICTIONARY : PLAIN)])],
        [3, list(pathOf(column).map(text))],
        [4, i32(ZSTD)],
        [5, i64(values)],
        [6, i64(pages.reduce((sum, { raw }) => sum + raw, 0))],
        [7, i64(position - at)],
        [9, i64(second ? at + first.bytes.length : at)],
        ...(second ? ([[11, i64(at)]] as const) : []),
      )
      chunks.push(struct([2, i64(at)], [3, meta]))
    }
    groups.push(struct([1, list(chunks)], [2, i64(position - begin)], [3, i64(count)]))
  }
  const footer = encodeStruct([
    [1, i32(1)],
    [2, list([struct([4, text('schema')], [5, i32(columns.length)]), ...columns.flatMap(schemaOf)])],
    [3, i64(rows)],
    [4, list(groups)],
    [6, text(CREATED_BY)],
  ])
  const tail = Buffer.alloc(8, MAGIC)
  tail.writeUInt32LE(footer.length)
  tail.write(MAGIC, 4)
  await write(footer)
  await write(tail)
}

const [OPTIONAL, REPEATED] = [1, 2]

function schemaOf({ name, type }: Column): Typed[] {
  const leaf = (own: string, more: Fields = []) =>
    struct([1, i32(PHYSICAL[type])], [3, i32(OPTIONAL)], [4, text(own)], ...more)
  // 0 says that the bytes are UTF-8, 3 that the group is a list
  if (type !== 'FLOAT[]') return [leaf(name, type === 'VARCHAR' ? [[6, i32(0)]] : [])]
  return [
    struct([3, i32(OPTIONAL)], [4, text(name)], [5, i32(1)], [6, i32(3)]),
    struct([3, i32(REPEATED)], [4, text('list')], [5, i32(1)]),
    leaf('element'),
  ]
}

const pathOf = ({ name, type }: Column) => (type === 'FLOAT[]' ? [name, 'list', 'element'] : [name])

/** A header and what it is of, compressed. */
interface Page {
  readonly bytes: Buffer
  /** bytes before compression */
  readonly raw: number
}

/** A column of one group of rows. */
interface Chunk {
  add(row: number): void
  /** the dictionary, where there is one, then the data, with the count of its values and nulls */
  encode(): { readonly pages: readonly Page[]; readonly values: number }
}

function createChunk({ type, value }: Column): Chunk {
  if (type === 'FLOAT[]') return listChunk(value as (row: number) => number[] | null)
  if (type === 'FLOAT' || type === 'DOUBLE') return numberChunk(PHYSICAL[type], value as (row: number) => number | null)
  return wordChunk(PHYSICAL[type], value as (row: number) => Word | null)
}

function listChunk(value: (row: number) => number[] | null): Chunk {
  const [repetitions, definitions, values] = [growing(Uint8Array), growing(Uint8Array), growing(Float64Array)]
  return {
    add(row) {
      const own = value(row)
      own?.forEach((number, at) => {
        repetitions.push(Math.min(at, 1))
        definitions.push(3)
        values.push(number)
      })
      if (own?.length) return
      repetitions.push(0)
      definitions.push(own ? 1 : 0)
    },
    encode() {
      const parts = [
        levels(repetitions.values(), 1),
        levels(definitions.values(), 2),
        encodePlain(FLOAT, values.values()),
      ]
      return { pages: [dataPage(parts, definitions.length, PLAIN)], values: definitions.length }
    },
  }
}

function numberChunk(physical: number, value: (row: number) => number | null): Chunk {
  const [present, values] = [growing(Uint8Array), growing(Float64Array)]
  return {
    add(row) {
      const number = value(row)
      present.push(number === null ? 0 : 1)
      if (number !== null) values.push(number)
    },
    encode() {
      const parts = [levels(present.values(), 1), encodePlain(physical, values.values())]
      return { pages: [dataPage(parts, present.length, PLAIN)], values: present.length }
    },
  }
}

function wordChunk(physical: number, value: (row: number) => Word | null): Chunk {
  const [present, codes] = [growing(Uint8Array), growing(Int32Array)]
  const codeOf = new Map<Word, number>()
  return {
    add(row) {
      const word = value(row)
      present.push(word === null ? 0 : 1)
      if (word === null) return
      const code = codeOf.get(word) ?? codeOf.size
      if (code === codeOf.size) codeOf.set(word, code)
      codes.push(code)
    },
    encode() {
      const [words, own] = [[...codeOf.keys()], codes.values()]
      const before = levels(present.values(), 1)
      if (2 * words.length > own.length) {
        const cells = Array.from(own, code => words[code])
        return {
          pages: [dataPage([before, encodePlain(physical, cells)], present.length, PLAIN)],
          values: present.length,
        }
      }
      const width = widthOf(words.length)
      const dictionary = page(encodePlain(physical, words), DICTIONARY_PAGE, 7, [
        [1, i32(words.length)],
        [2, i32(PLAIN)],
      ])
      const data = dataPage([before, Buffer.of(width), encodeRuns(own, width)], present.length, DICTIONARY)
      return { pages: [dictionary, data], values: present.length }
    },
  }
}

function dataPage(parts: readonly Buffer[], values: number, encoding: number): Page {
  return page(Buffer.concat(parts), DATA_PAGE, 5, [
    [1, i32(values)],
    [2, i32(encoding)],
    [3, i32(RUNS)],
    [4, i32(RUNS)],
  ])
}

/** @param field of the header that `head` belongs into */
function page(content: Buffer, kind: number, field: number, head: Fields): Page {
  const packed = zstdCompressSync(content)
  const header = encodeStruct([
    [1, i32(kind)],
    [2, i32(content.length)],
    [3, i32(packed.length)],
    [field, struct(...head)],
  ])
  return { bytes: Buffer.concat([header, packed]), raw: header.length + content.length }
}

/** Levels of a page, after their length. */
function levels(values: ArrayLike<number>, width: number): Buffer {
  const runs = encodeRuns(values, width)
  const length = Buffer.alloc(4)
  length.writeUInt32LE(runs.length)
  return Buffer.concat([length, runs])
}
