/** Lists of users: room for them, what a recommender may get wrong in them, and where they hit. */
import { RunError } from '../errors.ts'
import { columnsOf } from '../kernels/csr.ts'
import type { CsrPattern } from '../kernels/interface/kernels.ts'
import type { Recommendations } from '../models/recommender.ts'

export function emptyLists(users: number, k: number): Recommendations {
  return { k, items: new Int32Array(users * k), scores: new Float32Array(users * k) }
}

/** What a model of one's own may get wrong: `marks` has, by item, the list that it was in or was to be left out of. */
export function checkLists(
  { items }: Recommendations,
  seen: CsrPattern,
  k: number,
  begin: number,
  marks: Int32Array,
): void {
  const lists = seen.offsets.length - 1
  if (items.length !== lists * k)
    throw new RunError(`recommend: expected ${k} places for each of ${lists} users, got ${items.length}`)
  for (let row = 0; row < lists; row++) {
    const mark = begin + row + 1
    for (const item of columnsOf(seen, row)) marks[item] = mark
    for (let place = row * k; place < (row + 1) * k; place++) {
      const item = items[place]
      if (item === -1) continue
      if (!(item >= 0 && item < marks.length))
        throw new RunError(`recommend: expected items 0 to ${marks.length - 1}, or −1 where none is left, got ${item}`)
      if (marks[item] === mark)
        throw new RunError(`recommend: item ${item} stands twice in the list of a user, or was seen; leave it out`)
      marks[item] = mark
    }
  }
}

/** Places of the list that hold a held-out item. `marks` [I] is zero before and after. */
export function hitPlaces(list: Int32Array, heldOut: Int32Array, marks: Uint8Array): number[] {
  const places: number[] = []
  for (const item of heldOut) marks[item] = 1
  for (let place = 0; place < list.length; place++) if (list[place] >= 0 && marks[list[place]]) places.push(place)
  for (const item of heldOut) marks[item] = 0
  return places
}
