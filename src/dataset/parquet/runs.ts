/**
 * Small integers as Parquet writes levels and places in a dictionary: runs of one value, and groups of eight that are packed
 * bit by bit.
 * @source "RLE / Bit-packing hybrid" of Parquet's Encodings.md
 */
import { putVarint, readVarint } from './thrift.ts'

/** A run that is this long is written as one. */
const GROUP = 8

/** Bits that the largest of `count` codes takes; one at least. */
export function widthOf(count: number): number {
  return Math.max(1, 32 - Math.clz32(count - 1))
}

export function encodeRuns(values: ArrayLike<number>, width: number): Buffer {
  const out: number[] = []
  let from = 0
  let at = 0
  const pack = (end: number) => {
    if (end === from) return
    const groups = Math.ceil((end - from) / GROUP)
    putVarint(out, 2 * groups + 1)
    let bits = 0
    let held = 0
    for (let place = from; place < from + groups * GROUP; place++) {
      bits += (place < end ? values[place] : 0) * 2 ** held
      for (held += width; held >= 8; held -= 8) {
        out.push(bits % 256)
        bits = Math.floor(bits / 256)
      }
    }
  }
  while (at < values.length) {
    let end = at + 1
    while (end < values.length && values[end] === values[at]) end++
    if (end - at < GROUP) {
      at = Math.min(at + GROUP, values.length)
      continue
    }
    pack(at)
    putVarint(out, 2 * (end - at))
    for (let rest = values[at], bits = 0; bits < width; bits += 8, rest >>>= 8) out.push(rest & 255)
    at = end
    from = end
  }
  pack(at)
  return Buffer.from(out)
}

export function decodeRuns(bytes: Buffer, from: number, width: number, count: number): Int32Array {
  const values = new Int32Array(count)
  const cursor = { bytes, at: from }
  for (let place = 0; place < count; ) {
    const head = readVarint(cursor)
    const length = Math.floor(head / 2)
    if (head % 2 === 0) {
      let value = 0
      for (let bits = 0; bits < width; bits += 8) value += bytes[cursor.at++] * 2 ** bits
      values.fill(value, place, place + length)
      place += length
      continue
    }
    let bits = 0
    let held = 0
    const end = cursor.at + length * width
    for (let left = length * GROUP; left > 0 && place < count; left--) {
      for (; held < width; held += 8) bits += bytes[cursor.at++] * 2 ** held
      values[place++] = bits % 2 ** width
      bits = Math.floor(bits / 2 ** width)
      held -= width
    }
    cursor.at = end
  }
  return values
}
