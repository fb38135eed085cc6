/** What was read and decided, in words and numbers. JSON-serialisable. */
import type { FileRecord } from './files.ts'

export interface DataCounts {
  /** with at least one interaction in train */
  users: number
  items: number
  /** interactions read from the files, repeated ones included */
  rows: number
  train: number
  valid: number
  test: number
  /** rows that say a pair which another row of the same part says */
  duplicates: number
  belowMinRating: number
  /** interactions removed by the k-core */
  outsideCore: number
  /** held-out interactions left out, since their user has none in train */
  heldOutUnknownUsers: number
  /** the same for items; their users are known */
  heldOutUnknownItems: number
  /** held-out interactions left out, since train has them */
  heldOutAlreadySeen: number
  /** test interactions left out, since valid has them */
  testAlreadyInValid: number
}

export interface DataReport {
  /** plain English sentences, in the order of the decisions */
  decisions: string[]
  counts: DataCounts
  files: FileRecord[]
}

export function emptyCounts(): DataCounts {
  return {
    users: 0,
    items: 0,
    rows: 0,
    train: 0,
    valid: 0,
    test: 0,
    duplicates: 0,
    belowMinRating: 0,
    outsideCore: 0,
    heldOutUnknownUsers: 0,
    heldOutUnknownItems: 0,
    heldOutAlreadySeen: 0,
    testAlreadyInValid: 0,
  }
}

/** 171,621 */
export function formatCount(count: number): string {
  return count.toLocaleString('en-US')
}

/** "3 users", "1 user" */
export function plural(count: number, noun: string): string {
  return `${formatCount(count)} ${noun}${count === 1 ? '' : 's'}`
}
