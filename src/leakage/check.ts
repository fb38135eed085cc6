/** What a check of an audit is, and the questions to pairs that several of them ask. */
import { has } from '../dataset/patterns.ts'
import { columnsOf } from '../kernels/csr.ts'
import type { CsrPattern } from '../kernels/interface/kernels.ts'
import type { LeakageData } from './data.ts'

/** `fault`: the files do not belong together, so the other checks mean nothing; `note`: worth knowing, no leak. */
export type Verdict = 'ok' | 'note' | 'leak' | 'fault' | 'skipped'

export interface Finding {
  readonly verdict: Verdict
  /** one line: what was found, with its figures */
  readonly text: string
  readonly figures: Readonly<Record<string, number>>
}

export interface Check {
  readonly name: string
  /** what it asks */
  readonly summary: string
  run(data: LeakageData): Finding
}

export function skipped(reason: string): Finding {
  return { verdict: 'skipped', text: reason, figures: {} }
}

/** Entries of `pattern` for which `test` holds. */
export function countPairs({ offsets, indices }: CsrPattern, test: (row: number, column: number) => boolean): number {
  let count = 0
  for (let row = 0; row + 1 < offsets.length; row++)
    for (let entry = offsets[row]; entry < offsets[row + 1]; entry++) if (test(row, indices[entry])) count++
  return count
}

/** Entries of both patterns. */
export function countShared(a: CsrPattern, b: CsrPattern): number {
  return countPairs(a, (row, column) => has(b, row, column))
}

/** The entries of `from` that `other` does not hold. */
export function withoutPairs(from: CsrPattern, other: CsrPattern): CsrPattern {
  const offsets = new Int32Array(from.offsets.length)
  const indices: number[] = []
  for (let row = 0; row + 1 < from.offsets.length; row++) {
    for (const column of columnsOf(from, row)) if (!has(other, row, column)) indices.push(column)
    offsets[row + 1] = indices.length
  }
  return { offsets, indices: Int32Array.from(indices) }
}
