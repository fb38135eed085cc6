/** Columns of the Parquet files that `write.ts` makes, without a database; not of lists. */
import { open } from 'node:fs/promises'
import { zstdDecompressSync } from 'node:zlib'
import { gather, joined } from '../csr.ts'
import { decodePlain } from './plain.ts'
import { decodeRuns } from './runs.ts'
import { CREATED_BY, DICTIONARY, DICTIONARY_PAGE, MAGIC } from './schema.ts'
import { type Cursor, readStruct, type Struct } from './thrift.ts'

/** Numbers without a null among them, or whatever else a column holds. */
export type Cells = Float64Array | (number | string | null)[]

export interface ParquetFile {
  readonly rows: number
  readonly names: readonly string[]
  /** @throws Error for a column that is not there, and where the file is damaged */
  column(name: string): Promise<Cells>
}

/**
 * Lends a file to `body`.
 * @returns undefined for a file that something else has written
 * @throws Error where there is no file, or no Parquet in it
 */
export async function withParquet<T>(path: string, body: (file: ParquetFile) => Promise<T>): Promise<T | undefined> {
  const file = await open(path)
  try {
    const { size } = await file.stat()
    const take = async (from: number, length: number) => {
      const bytes = Buffer.alloc(length)
      const { bytesRead } = await file.read(bytes, 0, length, from)
      if (bytesRead < length) throw new Error('the file is too short')
      return bytes
    }
    const tail = await take(Math.max(0, size - 8), 8)
    const length = tail.readUInt32LE()
    if (tail.toString('latin1', 4) !== MAGIC || length + 8 > size) throw new Error('this is no Parquet file')
    const bytes = await take(size - 8 - length, length)
    // the last field; what others write may have types that are not read here
    if (bytes.toString('latin1', length - 1 - CREATED_BY.length, length - 1) !== CREATED_BY) return undefined
    const footer = readStruct({ bytes, at: 0 })
    const [, ...schema] = footer[2] as Struct[]
    const groups = footer[4] as Struct[]
    return await body({
      rows: footer[3] as number,
      // columns of lists are groups
      names: schema.filter(({ 1: type }) => type !== undefined).map(({ 4: name }) => name as string),
      async column(name) {
        const parts: Cells[] = []
        for (const group of groups) {
          const metas = (group[1] as Struct[]).map(chunk => chunk[3] as Struct)
          const meta = metas.find(({ 3: path }) => (path as string[]).length === 1 && (path as string[])[0] === name)
          if (!meta) throw new Error(`there is no column "${name}"`)
          const from = (meta[11] ?? meta[9]) as number
          parts.push(readChunk(await take(from, meta[7] as number), meta[1] as number, meta[5] as number))
        }
        return inOne(parts)
      },
    })
  } finally {
    await file.close()
  }
}

function inOne(parts: readonly Cells[]): Cells {
  if (parts.length === 1) return parts[0]
  const numbers = parts.filter(part => part instanceof Float64Array)
  return numbers.length === parts.length ? joined(numbers, Float64Array) : parts.flatMap(part => [...part])
}

function readChunk(bytes: Buffer, physical: number, count: number): Cells {
  const cursor: Cursor = { bytes, at: 0 }
  let words: Cells | undefined
  for (;;) {
    const header = readStruct(cursor)
    const page = zstdDecompressSync(bytes.subarray(cursor.at, cursor.at + (header[3] as number)))
    cursor.at += header[3] as number
    if (header[1] === DICTIONARY_PAGE) {
      words = decodePlain(page, physical, (header[7] as Struct)[1] as number)
      continue
    }
    const length = page.readUInt32LE()
    const present = decodeRuns(page, 4, 1, count)
    const filled = present.reduce((sum, one) => sum + one, 0)
    const content = page.subarray(4 + length)
    const values =
      (header[5] as Struct)[2] === DICTIONARY
        ? looked(words!, decodeRuns(content, 1, content[0], filled))
        : decodePlain(content, physical, filled)
    if (filled === count) return values
    let next = 0
    return Array.from(present, one => (one ? values[next++] : null))
  }
}

function looked(words: Cells, codes: Int32Array): Cells {
  if (words instanceof Float64Array) return gather(words, codes, Float64Array)
  return Array.from(codes, code => words[code])
}
