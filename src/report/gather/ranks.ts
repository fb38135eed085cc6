/** Where a method's lists have an item. */
import { join } from 'node:path'
import type { HeldOutPart, Split } from '../../dataset/split.ts'
import { evaluatedUsers } from '../../evaluation/protocols.ts'
import { readLists } from '../../run/stages/evaluation-files.ts'

export interface RankedMethod {
  readonly method: string
  /** length of its lists */
  readonly k: number
  /** that the lists are for; what is held out elsewhere may be masked in them */
  readonly part: HeldOutPart
  /** from 1; undefined for what is in no list of the user */
  rankOf(user: number, item: number): number | undefined
}

/**
 * @param folder of the method's evaluation, below the run directory
 * @param part that was evaluated on
 * @param k length of the lists that were kept
 */
export async function readRanks(
  directory: string,
  { method, folder, part, k }: { method: string; folder: string; part: HeldOutPart; k: number },
  split: Split,
): Promise<RankedMethod> {
  const users = evaluatedUsers(split[part])
  const lists = await readLists(join(directory, folder), k, users, split.train)
  const rowOf = new Map(Array.from(users, (user, row) => [user, row]))
  return {
    method,
    k,
    part,
    rankOf(user, item) {
      const row = rowOf.get(user)
      if (row === undefined) return undefined
      const place = lists.subarray(row * k, (row + 1) * k).indexOf(item)
      return place < 0 ? undefined : place + 1
    },
  }
}
