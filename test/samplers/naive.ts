/** What samplers compute, once more in f64 and as plainly as can be: nothing here calls a kernel. */
import type { Batch, Codes, Tables } from '../../src/kernels/interface/kernels.ts'

/** row · row of two tables */
function dot(a: ArrayLike<number>, rowA: number, b: ArrayLike<number>, rowB: number, dimensions: number): number {
  let sum = 0
  for (let d = 0; d < dimensions; d++) sum += a[rowA * dimensions + d] * b[rowB * dimensions + d]
  return sum
}

/** ū · the pooled vector of an item. */
export function pooledScore({ pooled, users, dimensions }: Tables, user: number, item: number): number {
  return dot(pooled, user, pooled, users + item, dimensions)
}

/** ū · the vector of an item in hop h. */
export function hopScore({ hop, pooled, users, items, dimensions }: Tables, h: number, user: number, item: number) {
  return dot(pooled, user, hop, h * (users + items) + users + item, dimensions)
}

/** Steps from the root that two items share, over the shorter of their paths. */
export function similarity({ values, depth }: Codes, a: number, b: number): number {
  const path = (item: number) => Array.from(values.subarray(item * depth, (item + 1) * depth)).filter(step => step >= 0)
  const [left, right] = [path(a), path(b)]
  const shorter = Math.min(left.length, right.length)
  const parting = left.findIndex((step, at) => step !== right[at])
  return shorter === 0 ? 0 : Math.min(parting < 0 ? shorter : parting, shorter) / shorter
}

/** (x − min) / (max − min + 1e-8) */
export function minMax(values: readonly number[]): number[] {
  const low = Math.min(...values)
  return values.map(value => (value - low) / (Math.max(...values) - low + 1e-8))
}

/** One row of scores: slot and hop, its user and positive, its N candidates. */
export interface ScoreRow {
  readonly slot: number
  readonly h: number
  readonly user: number
  readonly positive: number
  readonly candidates: readonly number[]
}

/** The rows that hold candidates, in the order of the score table. */
export function scoreRows(batch: Batch, candidates: Int32Array, perPositive: number, perSlot: number, hops: number) {
  const rows: ScoreRow[] = []
  for (let slot = 0; slot < batch.size * perPositive; slot++) {
    const own = [...candidates.subarray(slot * perSlot, (slot + 1) * perSlot)]
    if (own[0] < 0) continue
    const b = Math.floor(slot / perPositive)
    for (let h = 0; h < hops; h++)
      rows.push({ slot, h, user: batch.users[b], positive: batch.positives[b], candidates: own })
  }
  return rows
}
