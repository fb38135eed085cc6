// Rankings by sums of sparse rows, without the scores of all items for a block of users: a thread adds one user's rows up in a
// dense row of its own that is zeros before and after, and looks at the items that were met alone.
import { isBetter, makeHeap, siftDown, startHeap } from './heap'
import { countScratchBytes, lineUp, mark } from './neighbors'
import { finish, hideSeen, listOf, offer } from './ranking'

/** With more entries than one for so many items, all items are looked at, four at a time. */
const FEW: i32 = 8

/** Bytes that a thread of topKBySums needs, zeros before and after: a bitmap, sums, and the items met. */
export function sumScratchBytes(items: i32): i32 {
  return countScratchBytes(items) + 2 * lineUp(items << 2)
}

/** The rankings of topKByScores by the sums of sumSparseRows, for rows begin … end − 1. */
export function topKBySums(
  begin: i32, end: i32, chosenOffsets: usize, chosenIndices: usize, chosenValues: usize, offsets: usize, indices: usize,
  values: usize, columns: i32, users: usize, seenOffsets: usize, seenIndices: usize, tieRank: usize, k: i32,
  itemsOut: usize, scoresOut: usize, scratch: usize,
): void {
  const sums = scratch + countScratchBytes(columns)
  const met = sums + lineUp(columns << 2)
  for (let row = begin; row < end; row++) {
    const chosen = chosenOffsets + (<usize>row << 2)
    const first = load<i32>(chosen), last = load<i32>(chosen, 4)
    let entries = 0
    for (let e = first; e < last; e++) {
      const own = offsets + (<usize>load<i32>(chosenIndices + (<usize>e << 2)) << 2)
      entries += load<i32>(own, 4) - load<i32>(own)
    }
    const few = entries < columns / FEW
    for (let e = first; e < last; e++) {
      const own = offsets + (<usize>load<i32>(chosenIndices + (<usize>e << 2)) << 2)
      const weight = chosenValues ? load<f32>(chosenValues + (<usize>e << 2)) : <f32>1
      for (let f = load<i32>(own), stop = load<i32>(own, 4); f < stop; f++) {
        const item = load<i32>(indices + (<usize>f << 2))
        const sum = sums + (<usize>item << 2)
        const value = values ? load<f32>(values + (<usize>f << 2)) : <f32>1
        store<f32>(sum, load<f32>(sum) + weight * value)
        if (few) mark(scratch, item)
      }
    }
    const user = load<i32>(users + (<usize>row << 2))
    hideSeen(user, 0, columns, seenOffsets, seenIndices, sums)
    const listed = listOf(itemsOut, row, k)
    const best = listOf(scoresOut, row, k)
    startHeap(listed, best, k)
    let filled = 0
    const count = few ? takeMarked(scratch, columns, met) : 0
    if (few) filled = offerSome(met, count, sums, k, tieRank, listed, best)
    // items that were not met score 0: they count where too few were, or not all of the best are above
    if (!few || filled < k || load<f32>(best) <= 0) {
      startHeap(listed, best, k)
      filled = offer(row, 0, columns, sums, k, 0, tieRank, itemsOut, scoresOut)
    }
    finish(row, k, filled, tieRank, itemsOut, scoresOut)
    if (!few) memory.fill(sums, 0, <usize>columns << 2)
    else {
      clearAt(sums, met, count)
      const seen = seenOffsets + (<usize>user << 2)
      clearAt(sums, seenIndices + (<usize>load<i32>(seen) << 2), load<i32>(seen, 4) - load<i32>(seen))
    }
  }
}

/** Lists the items that are marked; none is after it. */
function takeMarked(bitmap: usize, items: i32, out: usize): i32 {
  const start = out
  for (let word = 0, words = (items + 63) >> 6; word < words; word++) {
    const at = bitmap + (<usize>word << 3)
    let bits = load<u64>(at)
    if (!bits) continue
    store<u64>(at, 0)
    for (; bits; bits &= bits - 1, out += 4) store<i32>(out, (word << 6) + <i32>ctz<u64>(bits))
  }
  return <i32>((out - start) >> 2)
}

/** Puts the scores of some items into a list, a heap once it is full. @returns how many are in it */
function offerSome(some: usize, count: i32, scores: usize, k: i32, tieRank: usize, items: usize, best: usize): i32 {
  let filled = 0
  for (const end = some + (<usize>count << 2); some < end; some += 4) {
    const item = load<i32>(some)
    const score = load<f32>(scores + (<usize>item << 2))
    // −∞ is what seen items have
    if (score == -f32.POSITIVE_INFINITY) continue
    if (filled < k) {
      store<f32>(best + (<usize>filled << 2), score)
      store<i32>(items + (<usize>filled << 2), item)
      if (++filled == k) makeHeap(items, best, k, tieRank)
    } else if (isBetter(score, item, load<f32>(best), load<i32>(items), tieRank)) {
      siftDown(items, best, k, 0, score, item, tieRank)
    }
  }
  return filled
}

function clearAt(sums: usize, some: usize, count: i32): void {
  for (const end = some + (<usize>count << 2); some < end; some += 4) {
    store<f32>(sums + (<usize>load<i32>(some) << 2), 0)
  }
}
