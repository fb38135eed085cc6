/** Values one after the other, as pages and dictionaries hold them. */
import { BYTE_ARRAY, DOUBLE, FLOAT, INT32, INT64 } from './schema.ts'

export type Word = number | bigint | string

export function encodePlain(physical: number, cells: ArrayLike<Word>): Buffer {
  if (physical === BYTE_ARRAY) return plainTexts(cells as ArrayLike<string>)
  const bytes = Buffer.alloc(cells.length * (physical === INT32 || physical === FLOAT ? 4 : 8))
  for (let at = 0; at < cells.length; at++) {
    const cell = cells[at]
    if (physical === INT64) putLong(bytes, cell as number | bigint, 8 * at)
    else if (physical === INT32) bytes.writeInt32LE(Number(cell), 4 * at)
    else if (physical === FLOAT) bytes.writeFloatLE(cell as number, 4 * at)
    else if (physical === DOUBLE) bytes.writeDoubleLE(cell as number, 8 * at)
  }
  return bytes
}

function putLong(bytes: Buffer, cell: number | bigint, at: number): void {
  if (typeof cell === 'bigint') return void bytes.writeBigInt64LE(cell, at)
  const high = Math.floor(cell / 2 ** 32)
  bytes.writeUInt32LE(cell - high * 2 ** 32, at)
  bytes.writeInt32LE(high, at + 4)
}

function plainTexts(texts: ArrayLike<string>): Buffer {
  const pieces: Buffer[] = []
  for (let at = 0; at < texts.length; at++) {
    const bytes = Buffer.from(texts[at])
    const length = Buffer.alloc(4)
    length.writeUInt32LE(bytes.length)
    pieces.push(length, bytes)
  }
  return Buffer.concat(pieces)
}

/** Integers as numbers. */
export function decodePlain(bytes: Buffer, physical: number, count: number): Float64Array | string[] {
  if (physical === BYTE_ARRAY) {
    let at = 0
    return Array.from({ length: count }, () => {
      const length = bytes.readUInt32LE(at)
      at += 4 + length
      return bytes.toString('utf8', at - length, at)
    })
  }
  const values = new Float64Array(count)
  for (let at = 0; at < count; at++) {
    if (physical === INT64) values[at] = bytes.readInt32LE(8 * at + 4) * 2 ** 32 + bytes.readUInt32LE(8 * at)
    else if (physical === INT32) values[at] = bytes.readInt32LE(4 * at)
    else if (physical === FLOAT) values[at] = bytes.readFloatLE(4 * at)
    else if (physical === DOUBLE) values[at] = bytes.readDoubleLE(8 * at)
  }
  return values
}
