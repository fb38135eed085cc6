/** Texts as they lie in a file, without a string for each: ids encoded, numbers parsed, straight from bytes. */

import { isAscii } from 'node:buffer'

/** Integers below, of seven digits at most, have their code in a table of their own. */
const DIRECT = 1 << 21

/** Texts that are decoded at once. */
const DECODED = 1024

/**
 * Gives each different text a code, in the order of first sight. Open addressing over FNV-1a hashes; the texts lie one after
 * the other in one array. A class, since its methods are compiled once for all columns, as closures are not.
 */
export class ByteDictionary {
  private count = 0
  private hashed = 0
  private slots = new Int32Array(1 << 12)
  /** by code; of integers in `direct` none */
  private hashes = new Int32Array(1 << 11)
  /** where text c begins; text c ends where c + 1 begins */
  private offsets = new Int32Array((1 << 11) + 1)
  private arena = Buffer.alloc(1 << 14)
  private scratch = Buffer.alloc(1 << 10)
  /** code + 1 of small integers */
  private direct = new Int32Array(1 << 10)

  /** The code of the text between two positions, blanks around it left out. */
  encode(bytes: Uint8Array, start: number, end: number): number {
    const integer = smallInteger(bytes, start, end)
    if (integer < 0) return this.encodeOther(bytes, start, end)
    const known = integer < this.direct.length ? this.direct[integer] : 0
    return known > 0 ? known - 1 : this.addInteger(integer, bytes, start, end)
  }

  encodeText(text: string): number {
    if (this.scratch.length < 3 * text.length) this.scratch = Buffer.alloc(3 * text.length)
    return this.encode(this.scratch, 0, this.scratch.write(text))
  }

  /** by code */
  texts(): string[] {
    const { arena, offsets, count } = this
    const texts: string[] = []
    for (let first = 0; first < count; first += DECODED) {
      // of bytes below 128 each is a letter, so that many texts are made by one call
      const piece = arena.subarray(offsets[first], offsets[Math.min(first + DECODED, count)])
      const letters = isAscii(piece) ? piece.toString('latin1') : undefined
      for (let code = first; code < Math.min(first + DECODED, count); code++) {
        const start = offsets[code] - offsets[first]
        const end = offsets[code + 1] - offsets[first]
        texts.push(letters?.slice(start, end) ?? piece.toString('utf8', start, end))
      }
    }
    return texts
  }

  /** What is in the table of integers is not looked for by its hash, and has none. */
  private addInteger(integer: number, bytes: Uint8Array, start: number, end: number): number {
    if (integer >= this.direct.length) this.direct = copied(this.direct, new Int32Array(Math.min(DIRECT, 2 * integer)))
    const code = this.append(bytes, start, end)
    this.direct[integer] = code + 1
    return code
  }

  private encodeOther(bytes: Uint8Array, from: number, to: number): number {
    let start = from
    let end = to
    while (start < end && isBlank(bytes[start])) start++
    while (end > start && isBlank(bytes[end - 1])) end--
    if (bytes[start] >= 128 || bytes[end - 1] >= 128) {
      const trimmed = withoutUnseen(bytes, start, end)
      if (trimmed) return this.encode(bytes, ...trimmed)
    }
    return start > from || end < to ? this.encode(bytes, start, end) : this.encodeBytes(bytes, start, end)
  }

  private encodeBytes(bytes: Uint8Array, start: number, end: number): number {
    const { slots, hashes, offsets, arena } = this
    let hash = 0x811c9dc5 | 0
    for (let at = start; at < end; at++) hash = Math.imul(hash ^ bytes[at], 0x01000193)
    const mask = slots.length - 1
    const length = end - start
    for (let slot = (hash ^ (hash >>> 15)) & mask; slots[slot] !== 0; slot = (slot + 1) & mask) {
      const code = slots[slot] - 1
      const offset = offsets[code]
      if (hashes[code] !== hash || offsets[code + 1] - offset !== length) continue
      let at = 0
      while (at < length && arena[offset + at] === bytes[start + at]) at++
      if (at === length) return code
    }
    return this.addHashed(hash, bytes, start, end)
  }

  private addHashed(hash: number, bytes: Uint8Array, start: number, end: number): number {
    if (2 * this.hashed === this.slots.length) this.spread()
    const code = this.append(bytes, start, end)
    this.hashes[code] = hash
    this.place(code)
    this.hashed++
    return code
  }

  private append(bytes: Uint8Array, start: number, end: number): number {
    if (this.count === this.hashes.length) {
      this.hashes = copied(this.hashes, new Int32Array(2 * this.count))
      this.offsets = copied(this.offsets, new Int32Array(2 * this.count + 1))
    }
    const offset = this.offsets[this.count]
    const past = offset + end - start
    if (past > this.arena.length) this.arena = copied(this.arena, Buffer.alloc(2 * past))
    for (let at = start; at < end; at++) this.arena[offset + at - start] = bytes[at]
    this.offsets[this.count + 1] = past
    return this.count++
  }

  private place(code: number): void {
    const { slots, hashes } = this
    const mask = slots.length - 1
    let slot = (hashes[code] ^ (hashes[code] >>> 15)) & mask
    while (slots[slot] !== 0) slot = (slot + 1) & mask
    slots[slot] = code + 1
  }

  private spread(): void {
    const filled = this.slots.filter(slot => slot !== 0)
    this.slots = new Int32Array(2 * this.slots.length)
    for (const slot of filled) this.place(slot - 1)
  }
}

/** The value of a text that is the one spelling of an integer below `DIRECT`, else −1. */
function smallInteger(bytes: Uint8Array, start: number, end: number): number {
  const length = end - start
  if (length <= 0 || length > 7 || (length > 1 && bytes[start] === 48)) return -1
  let integer = 0
  for (let at = start; at < end; at++) {
    const digit = bytes[at] - 48
    if (digit < 0 || digit > 9) return -1
    integer = 10 * integer + digit
  }
  return integer < DIRECT ? integer : -1
}

function copied<T extends Int32Array | Buffer>(from: T, to: T): T {
  to.set(from)
  return to
}

/** Where a text begins and ends without the blanks of Unicode around it; undefined when it has none. */
function withoutUnseen(bytes: Uint8Array, start: number, end: number): [number, number] | undefined {
  const ahead = unseenAt(bytes, start)
  if (ahead > 0 && start + ahead <= end) return [start + ahead, end]
  for (const length of [2, 3])
    if (end - start >= length && unseenAt(bytes, end - length) === length) return [start, end - length]
  return
}

/** Bytes of a non-breaking or wide blank, a mark of byte order or direction, or a letter without width; 0 for others. */
export function unseenAt(bytes: Uint8Array, at: number): number {
  const [first, second, third] = [bytes[at], bytes[at + 1], bytes[at + 2]]
  if (first === 0xc2) return second === 0xa0 ? 2 : 0
  if (first === 0xef) return second === 0xbb && third === 0xbf ? 3 : 0
  if (first === 0xe3) return second === 0x80 && third === 0x80 ? 3 : 0
  if (first !== 0xe2) return 0
  return (second === 0x80 && (third <= 0x8f || third === 0xaf)) || (second === 0x81 && third === 0xa0) ? 3 : 0
}

export function isBlank(byte: number): boolean {
  return byte === 32 || byte === 9 || byte === 13 || byte === 10
}

/** A plain decimal of at most 15 digits, blanks around it left out; NaN for what is written in another way. */
export function parseDecimal(bytes: Uint8Array, from: number, to: number): number {
  let start = from
  let end = to
  while (start < end && isBlank(bytes[start])) start++
  while (end > start && isBlank(bytes[end - 1])) end--
  const negative = bytes[start] === 45
  if (negative) start++
  if (start === end || end - start > 16) return Number.NaN
  let value = 0
  let decimals = -1
  for (let at = start; at < end; at++) {
    const digit = bytes[at] - 48
    if (digit >= 0 && digit <= 9) {
      value = value * 10 + digit
      if (decimals >= 0) decimals++
    } else if (bytes[at] === 46 && decimals < 0 && at > start) decimals = 0
    else return Number.NaN
  }
  if (end - start - (decimals >= 0 ? 1 : 0) > 15) return Number.NaN
  // powers of ten up to 10^15 are exact, and so is the quotient of two exact numbers, rounded once
  if (decimals > 0) value /= POWERS[decimals]
  return negative ? -value : value
}

const POWERS = Array.from({ length: 16 }, (_, exponent) => Number(`1e${exponent}`))
