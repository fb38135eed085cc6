/** Stages that are made user by user, so that machines can make shards of them: the rows of some users each. */
import type { Tensor } from '../models/safetensors.ts'

/** What is made for some users, in their order. */
export interface UserRows {
  /** arrays of the same length per user */
  readonly arrays: Readonly<Record<string, Tensor['values']>>
  /** what is the same for all users: why there are no rows, or whose verdicts they are */
  readonly note?: string
}

export interface ShardedRows {
  /** whose rows are made, ascending internal ids */
  users(): Int32Array
  /** @param users some of them, ascending; their rows do not depend on who else there is */
  rows(users: Int32Array, progress: (done: number, total: number) => void): Promise<UserRows>
  /** One note of those of all shards; without it they have to be the same. */
  joinNotes?(notes: readonly string[]): string
}

/** Takes the place of the rows in the stages that it wants. */
export interface Sharding {
  /** @param stage its name without the suffix of a repeat */
  wants(stage: string): boolean
  /** What is done in place of the stage, which is then not made: to plan a job, or to work on one shard. */
  visit?(folder: string, key: string, rows: ShardedRows): Promise<void>
  /** What the shards have made of the stage. */
  merged?(folder: string, key: string, rows: ShardedRows): Promise<MergedRows>
}

export interface MergedRows extends UserRows {
  readonly users: Int32Array
  /** that the shards took */
  readonly seconds: number
}

/** The rows of some users out of a table [U × k]. */
export function rowsOfUsers<T extends Tensor['values'] | Int8Array>(table: T, users: Int32Array, k: number): T {
  const rows = new (table.constructor as new (length: number) => T)(users.length * k)
  users.forEach((user, row) => {
    rows.set(table.subarray(user * k, (user + 1) * k), row * k)
  })
  return rows
}

/** Writes rows back to where their users have them in a table [U × k]. */
export function spreadRows(rows: ArrayLike<number>, users: Int32Array, k: number, table: Tensor['values'] | Int8Array) {
  users.forEach((user, row) => {
    for (let place = 0; place < k; place++) table[user * k + place] = rows[row * k + place]
  })
}
