/** The interactions of one file as a format hands them over: columns, ids still in the file's own spelling. */

/** What a column of a table may mean. */
export type Role = 'user' | 'item' | 'rating' | 'time' | 'event' | 'weight'

/** Ids, each text once; the text of row r is `texts[codes[r]]`. */
export interface IdColumn {
  readonly texts: readonly string[]
  /** −1 where there is none */
  readonly codes: Int32Array
  /** the first number beyond 2^53 that was read as a float */
  readonly rounded?: string | undefined
}

/** Times of a clock, before their unit is known. */
export interface ClockColumn {
  readonly kind: 'clock'
  /** the number in the file, or ms since 1970 where `dated`; NaN where there is none, ∞ where it cannot be read */
  readonly values: Float64Array
  /** 0 for a number, else one of `DATED` of time.ts */
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
  /** NaN where there is none, ∞ where it is not a number */
  readonly ratings?: Float64Array
  readonly times?: ClockColumn | PositionColumn
  /** kind of event */
  readonly events?: IdColumn
  /** as ratings */
  readonly weights?: Float64Array
  /** 1 where the condition of `--where` holds */
  readonly passes?: Uint8Array
  /** `column "item_id"`: how a message calls the column of a role */
  readonly names: Partial<Record<Role, string>>
  /** where row r stands: `line 41` */
  place?(row: number): string
  /** the text of a number or time that cannot be read */
  found?(row: number, role: Role): string | undefined
  readonly account?: Account
}

/** How often something was found, and where first. */
export interface Tally {
  count: number
  readonly place: string
  /** a remark on the first: what was found */
  readonly example: string
}

/** What a file holds beside the rows that were read. */
export interface Account {
  /** rows that could not be read, by reason */
  readonly refused: Map<string, Tally>
  /** lines that are no rows, by kind: comments, repeated headers */
  readonly skipped: Map<string, Tally>
  /** rows that were read in an unusual way, by what it was */
  readonly notes: Map<string, Tally>
}

export function createAccount(): Account {
  return { refused: new Map(), skipped: new Map(), notes: new Map() }
}

export function tally(tallies: Map<string, Tally>, what: string, place: string, example = () => ''): void {
  const known = tallies.get(what)
  if (known) known.count++
  else tallies.set(what, { count: 1, place, example: example() })
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
  readonly length: number
  /** what was pushed, without a copy */
  values(): T
}

type TypedArray = Int32Array | Float64Array | Uint8Array

/** Values from which an array only doubles. */
const MANY = 1 << 19

// a class, whose method is compiled into the loops that call it, as a closure is not
class GrowingArray<T extends TypedArray> implements Growing<T> {
  length = 0
  private array: T
  private readonly make: new (
    length: number,
  ) => T

  constructor(make: new (length: number) => T) {
    this.make = make
    this.array = new make(1024)
  }

  push(value: number): void {
    if (this.length === this.array.length) this.grow()
    this.array[this.length++] = value
  }

  private grow(): void {
    // few and large steps while the array is small: room that nothing is written to takes no memory
    const larger = new this.make((this.length < MANY ? 8 : 2) * this.length)
    larger.set(this.array)
    this.array = larger
  }

  values(): T {
    return this.array.subarray(0, this.length) as T
  }
}

export function growing<T extends TypedArray>(make: new (length: number) => T): Growing<T> {
  return new GrowingArray(make)
}
