/** A line of a table of text as fields between separators, quoted or not; positions in the bytes, no strings. */
import { isBlank } from './bytes.ts'

export interface Dialect {
  /** one or two ASCII characters */
  readonly separator: string
  /** the byte that fields may be quoted with */
  readonly quote: number
}

/** The fields of one record; overwritten by the next. */
export interface Fields {
  bytes: Buffer
  /** how many the record has; those beyond the capacity are counted, not kept */
  count: number
  readonly starts: Int32Array
  readonly ends: Int32Array
  /** the quote where such are doubled or escaped inside, else 0 */
  readonly escaped: Uint8Array
  /** the first field whose quote is not closed before the end of the text; −1 when all are */
  openField: number
}

/**
 * How quotes are taken. Strict: a quoted field ends at its first quote that is not doubled or escaped, and is no quoted
 * field when something else than a separator follows. Lenient: it ends at the first quote that a separator follows, a
 * backslash before it or not.
 * Literal: quotes are characters like others.
 */
export type Quoting = 'strict' | 'lenient' | 'literal'

export function createFields(capacity: number): Fields {
  return {
    bytes: Buffer.alloc(0),
    count: 0,
    starts: new Int32Array(capacity),
    ends: new Int32Array(capacity),
    escaped: new Uint8Array(capacity),
    openField: -1,
  }
}

const BACKSLASH = 92

/**
 * Splits the line that begins at `start` when it has no quotes. @returns where it ends, at its line feed or the end of the
 * bytes, or −1 for a line with quotes
 */
export function splitPlain(bytes: Buffer, start: number, separator: number, quote: number, out: Fields): number {
  const { starts, ends, escaped } = out
  let count = 0
  let from = start
  let at = start
  for (; at < bytes.length; at++) {
    const byte = bytes[at]
    if (byte === 10) break
    if (byte === quote) return -1
    if (byte !== separator) continue
    if (count < starts.length) {
      starts[count] = from
      ends[count] = at
      escaped[count] = 0
    }
    count++
    from = at + 1
  }
  if (count < starts.length) {
    starts[count] = from
    ends[count] = at > from && bytes[at - 1] === 13 ? at - 1 : at
    escaped[count] = 0
  }
  out.bytes = bytes
  out.count = count + 1
  out.openField = -1
  return at
}

/** Splits `bytes[start, end)`, which holds no line end outside of quotes. @returns the number of fields */
export function splitFields(
  bytes: Buffer,
  start: number,
  end: number,
  { separator, quote }: Dialect,
  quoting: Quoting,
  out: Fields,
): number {
  const first = separator.charCodeAt(0)
  const second = separator.length > 1 ? separator.charCodeAt(1) : -1
  const width = separator.length
  const separates = (at: number) => bytes[at] === first && (second < 0 || bytes[at + 1] === second)
  const endsField = (at: number) => {
    let next = at
    while (next < end && isBlank(bytes[next]) && bytes[next] !== first) next++
    return next >= end || separates(next) ? next : -1
  }
  const { starts, ends, escaped } = out
  const capacity = starts.length
  out.bytes = bytes
  out.openField = -1
  let count = 0
  let at = start
  for (;;) {
    let from = at
    let to = -1
    let escapes = 0
    if (quoting !== 'literal') {
      let opening = at
      while (opening < end && isBlank(bytes[opening]) && bytes[opening] !== first) opening++
      if (opening < end && bytes[opening] === quote) {
        let next = opening + 1
        for (; next < end; next++) {
          const byte = bytes[next]
          const isEscape = byte === BACKSLASH && next + 1 < end && bytes[next + 1] === quote
          if (isEscape && (quoting === 'strict' || endsField(next + 2) < 0)) {
            escapes = quote
            next++
          } else if (byte === quote) {
            if (next + 1 < end && bytes[next + 1] === quote) {
              escapes = quote
              next++
              continue
            }
            const after = endsField(next + 1)
            if (after >= 0) {
              from = opening + 1
              to = next
              at = after
              break
            }
            if (quoting === 'strict') break
          }
        }
        if (to < 0 && next >= end && out.openField < 0) out.openField = count
      }
    }
    if (to < 0) {
      escapes = 0
      while (at < end && !separates(at)) at++
      to = at
    }
    if (count < capacity) {
      starts[count] = from
      ends[count] = to
      escaped[count] = escapes
    }
    count++
    if (at >= end) break
    at += width
  }
  out.count = count
  return count
}

/** A field as text, without blanks around it and with its escapes undone. */
export function fieldText({ bytes, starts, ends, escaped }: Fields, field: number): string {
  const text = bytes.toString('utf8', starts[field], ends[field]).trim()
  if (!escaped[field]) return text
  const quote = String.fromCharCode(escaped[field])
  return text.replaceAll(`\\${quote}`, quote).replaceAll(quote + quote, quote)
}

export function fieldTexts(fields: Fields): string[] {
  return Array.from({ length: Math.min(fields.count, fields.starts.length) }, (_, field) => fieldText(fields, field))
}
