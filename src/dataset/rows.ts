/** The interactions of one file as a format hands them over: columns, ids still in the file's own spelling. */

/** What a column of a table may mean. */
export type Role = 'user' | 'item' | 'rating' | 'time'

/** Ids, each text once; the text of row r is `texts[codes[r]]`. */
export interface IdColumn {
  readonly texts: readonly string[]
  /** −1 where the id is missing or blank */
  readonly codes: Int32Array
}

/** Times of a clock, before their unit is known. */
export interface ClockColumn {
  readonly kind: 'clock'
  /** the number in the file, or ms since 1970 where `dated`; NaN where it can be read as neither */
  readonly values: Float64Array
  /** 1 where the value was written as a date */
  readonly dated: Uint8Array
}

/** The place of each interaction in its user's history, 0 first. */
export interface PositionColumn {
  readonly kind: 'position'
  readonly values: Float64Array
}

export interface Rows {
  readonly count: number
  readonly users: IdColumn
  readonly items: IdColumn
  /** NaN where the rating is not a number */
  readonly ratings?: Float64Array
  readonly times?: ClockColumn | PositionColumn
  /** `column "item_id"`: how a message calls the column of a role */
  readonly names: Partial<Record<Role, string>>
  /** Where row r stands (`line 41`) and what it says, to report a fault; absent where no value can be at fault. */
  locate?(row: number): Promise<{ place: string; values: Partial<Record<Role, string>> }>
}

/** Gives each different text a code, in the order of first sight. */
export interface Dictionary {
  readonly texts: string[]
  encode(text: string): number
}

export function createDictionary(): Dictionary {
  const codes = new Map<string, number>()
  const texts: string[] = []
  return {
    texts,
    encode(text) {
      const known = codes.get(text)
      if (known !== undefined) return known
      codes.set(text, texts.length)
      return texts.push(text) - 1
    },
  }
}

/** A typed array that grows as it is filled. */
export interface Growing<T> {
  push(value: number): void
  /** what was pushed, without a copy */
  values(): T
}

export function growing<T extends Int32Array | Float64Array | Uint8Array>(make: new (length: number) => T): Growing<T> {
  let values = new make(1024)
  let length = 0
  return {
    push(value) {
      if (length === values.length) {
        const larger = new make(2 * length)
        larger.set(values)
        values = larger
      }
      values[length++] = value
    },
    values: () => values.subarray(0, length) as T,
  }
}
