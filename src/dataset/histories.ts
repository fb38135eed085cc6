/** What rankings are made from: for each row the items that somebody has interacted with, and how long ago. */
import type { CsrPattern, Floats, SparseRows } from '../kernels/interface/kernels.ts'
import { gather, joined } from './csr.ts'
import type { Dataset } from './dataset.ts'

/**
 * A row is anybody's history, whether or not a model was trained on it. Items of a row ascend, each once: `ages` tells their
 * order in time, so that a sum over a history has one order of terms however the history was handed over.
 */
export interface Histories extends SparseRows {
  /** what an interaction counts, along `indices`; 1 when absent */
  readonly values?: Floats
  /** how many interactions of the row are newer, along `indices`: 0 for the newest. Absent where there is no order. */
  readonly ages?: Floats
  /** days before the newest interaction of the row, along `indices`. Absent where there is no clock. */
  readonly days?: Floats
}

const DAY = 86_400_000

interface Timed extends Pick<Dataset, 'byUser'> {
  readonly timestamps?: Dataset['timestamps'] | undefined
  readonly timeKind?: Dataset['timeKind'] | undefined
}

/** The histories of all users of a data set. The weights of its interactions belong to a loss and do not enter. */
export function historiesOf({ byUser, timestamps, timeKind }: Timed): Histories {
  if (!timestamps) return byUser
  const { ages, days } = agesOf(byUser, timestamps)
  return { ...byUser, ages, ...(timeKind === 'clock' && { days }) }
}

function agesOf({ offsets }: CsrPattern, times: Float64Array) {
  const [ages, days] = [new Float32Array(times.length), new Float32Array(times.length)]
  for (let row = 0; row + 1 < offsets.length; row++) {
    const first = offsets[row]
    const newestFirst = Array.from({ length: offsets[row + 1] - first }, (_, at) => first + at)
    newestFirst.sort((a, b) => times[b] - times[a])
    newestFirst.forEach((entry, place) => {
      const before = newestFirst[place - 1]
      ages[entry] = place > 0 && times[before] === times[entry] ? ages[before] : place
      days[entry] = (times[newestFirst[0]] - times[entry]) / DAY
    })
  }
  return { ages, days }
}

/** Some rows, in their order: row n is that of rows[n]. */
export function rowsOf({ offsets, indices, values, ages, days }: Histories, rows: Int32Array): Histories {
  const own = new Int32Array(rows.length + 1)
  rows.forEach((row, at) => {
    own[at + 1] = own[at] + offsets[row + 1] - offsets[row]
  })
  const entries = new Int32Array(own[rows.length])
  rows.forEach((row, at) => {
    for (let entry = offsets[row], to = own[at]; entry < offsets[row + 1]; entry++) entries[to++] = entry
  })
  return {
    offsets: own,
    indices: gather(indices, entries, Int32Array),
    ...(values && { values: gather(values, entries, Float32Array) }),
    ...(ages && { ages: gather(ages, entries, Float32Array) }),
    ...(days && { days: gather(days, entries, Float32Array) }),
  }
}

/** The rows of `other` where it has any, else those that are there; ages and days where both have them. */
export function overlaid(histories: Histories, other: Histories): Histories {
  const rows = histories.offsets.length - 1
  const shift = histories.indices.length
  const join = (a?: Floats, b?: Floats) => a && b && joined([a, b], Float32Array)
  const ages = join(histories.ages, other.ages)
  const days = join(histories.days, other.days)
  const both = {
    offsets: joined([histories.offsets, other.offsets.slice(1).map(offset => offset + shift)], Int32Array),
    indices: joined([histories.indices, other.indices], Int32Array),
    ...(ages && { ages }),
    ...(days && { days }),
  }
  const hasOwn = (row: number) => other.offsets[row + 1] > other.offsets[row]
  const chosen = Int32Array.from({ length: rows }, (_, row) => (hasOwn(row) ? rows + row : row))
  return rowsOf(both, chosen)
}

/** Rows begin … end − 1. */
export function sliceRows({ offsets, indices, values, ages, days }: Histories, begin: number, end: number): Histories {
  const [from, to] = [offsets[begin], offsets[end]]
  return {
    offsets: offsets.slice(begin, end + 1).map(offset => offset - from),
    indices: indices.subarray(from, to),
    ...(values && { values: values.subarray(from, to) }),
    ...(ages && { ages: ages.subarray(from, to) }),
    ...(days && { days: days.subarray(from, to) }),
  }
}
