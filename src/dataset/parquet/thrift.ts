/**
 * The compact protocol of Thrift, in which Parquet says what its pages and columns are.
 * @source thrift-compact-protocol.md of Apache Thrift; differs: what Parquet does not use is left out
 */

const [I32, I64, BINARY, LIST, STRUCT] = [5, 6, 8, 9, 12]

/** A value with its type, for writing. */
export type Typed =
  | { readonly type: 'i32' | 'i64'; readonly value: number }
  | { readonly type: 'text'; readonly value: string }
  | { readonly type: 'list'; readonly value: readonly Typed[] }
  | { readonly type: 'struct'; readonly value: Fields }

/** Fields of a struct by their numbers, which ascend. */
export type Fields = readonly (readonly [id: number, value: Typed])[]

export const i32 = (value: number): Typed => ({ type: 'i32', value })
export const i64 = (value: number): Typed => ({ type: 'i64', value })
export const text = (value: string): Typed => ({ type: 'text', value })
export const list = (value: readonly Typed[]): Typed => ({ type: 'list', value })
export const struct = (...value: Fields): Typed => ({ type: 'struct', value })

const CODES = { i32: I32, i64: I64, text: BINARY, list: LIST, struct: STRUCT }

export function encodeStruct(fields: Fields): Buffer {
  const bytes: number[] = []
  putStruct(bytes, fields)
  return Buffer.from(bytes)
}

function putStruct(out: number[], fields: Fields): void {
  let last = 0
  for (const [id, value] of fields) {
    out.push(((id - last) << 4) | CODES[value.type])
    put(out, value)
    last = id
  }
  out.push(0)
}

function put(out: number[], { type, value }: Typed): void {
  if (type === 'struct') putStruct(out, value)
  else if (type === 'list') {
    const code = value.length > 0 ? CODES[value[0].type] : STRUCT
    if (value.length < 15) out.push((value.length << 4) | code)
    else {
      out.push(0xf0 | code)
      putVarint(out, value.length)
    }
    for (const entry of value) put(out, entry)
  } else if (type === 'text') {
    const bytes = Buffer.from(value)
    putVarint(out, bytes.length)
    for (const byte of bytes) out.push(byte)
  } else putVarint(out, value >= 0 ? 2 * value : -2 * value - 1)
}

/** Seven bits a byte, the lowest first. */
export function putVarint(out: number[], value: number): void {
  let rest = value
  for (; rest > 127; rest = Math.floor(rest / 128)) out.push((rest % 128) | 128)
  out.push(rest)
}

/** A value as it is read: integers, texts, lists and structs. */
export type Value = number | string | Value[] | Struct
export interface Struct {
  readonly [id: number]: Value
}

/** Where reading is. */
export interface Cursor {
  readonly bytes: Buffer
  at: number
}

export function readVarint(cursor: Cursor): number {
  let value = 0
  for (let scale = 1; ; scale *= 128) {
    const byte = cursor.bytes[cursor.at++]
    value += (byte & 127) * scale
    if (!(byte & 128)) return value
  }
}

export function readStruct(cursor: Cursor): Struct {
  const fields: Record<number, Value> = {}
  let id = 0
  for (;;) {
    const head = cursor.bytes[cursor.at++]
    if (!head) return fields
    id = head >> 4 ? id + (head >> 4) : unzigzag(readVarint(cursor))
    fields[id] = readValue(cursor, head & 15)
  }
}

function readValue(cursor: Cursor, type: number): Value {
  if (type === I32 || type === I64) return unzigzag(readVarint(cursor))
  if (type === STRUCT) return readStruct(cursor)
  if (type === BINARY) {
    const length = readVarint(cursor)
    cursor.at += length
    return cursor.bytes.toString('utf8', cursor.at - length, cursor.at)
  }
  if (type === LIST) {
    const head = cursor.bytes[cursor.at++]
    const length = head >> 4 === 15 ? readVarint(cursor) : head >> 4
    return Array.from({ length }, () => readValue(cursor, head & 15))
  }
  throw new Error(`Thrift type ${type} is not one that tables have`)
}

const unzigzag = (value: number) => (value % 2 ? -(value + 1) / 2 : value / 2)
