// Two lists of each user as one: see `fuseLists` in interface/ranking.ts. Sums are f64, in the order of the lists.
import { lineUp } from './neighbors'

/** Bytes that a thread of fuseLists needs, zeros before and after: sums and marks of all items, and those listed. */
export function fuseScratchBytes(items: i32, k: i32): i32 {
  return lineUp(items << 3) + lineUp(items) + lineUp(k << 3)
}

/** Rows begin … end − 1 of `out`, from two lists of k places each. */
export function fuseLists(
  begin: i32, end: i32, items: i32, k: i32, depth: i32, firstItems: usize, firstScores: usize, firstWeight: f64,
  secondItems: usize, secondScores: usize, secondWeight: f64, tieRank: usize, wanted: i32, itemsOut: usize, scoresOut: usize,
  scratch: usize,
): void {
  const marks = scratch + lineUp(items << 3)
  const listed = marks + lineUp(items)
  for (let row = begin; row < end; row++) {
    const at = <usize>(row * k) << 2
    let count = addList(firstItems + at, firstScores + at, k, depth, firstWeight, scratch, marks, listed, 0)
    count = addList(secondItems + at, secondScores + at, k, depth, secondWeight, scratch, marks, listed, count)
    const own = <usize>(row * wanted) << 2
    listBest(listed, count, scratch, tieRank, wanted, itemsOut + own, scoresOut + own)
    for (let n = 0; n < count; n++) {
      const item = load<i32>(listed + (<usize>n << 2))
      store<f64>(scratch + (<usize>item << 3), 0)
      store<u8>(marks + item, 0)
    }
  }
}

/**
 * Adds weight · (s − min) / (max − min) of the first `depth` places to the sums; items after them are listed alone.
 * @returns how many are listed now
 */
function addList(
  items: usize, scores: usize, k: i32, depth: i32, weight: f64, sums: usize, marks: usize, listed: usize, count: i32,
): i32 {
  let length = 0
  while (length < k && load<i32>(items + (<usize>length << 2)) >= 0) length++
  if (length == 0) return count
  const lowest = <f64>load<f32>(scores + (<usize>(min(length, depth) - 1) << 2))
  const span = <f64>load<f32>(scores) - lowest
  for (let place = 0; place < length; place++) {
    const item = load<i32>(items + (<usize>place << 2))
    if (!load<u8>(marks + item)) {
      store<u8>(marks + item, 1)
      store<i32>(listed + (<usize>count << 2), item)
      count++
    }
    if (span > 0 && place < depth) {
      const sum = sums + (<usize>item << 3)
      store<f64>(sum, load<f64>(sum) + (weight * (<f64>load<f32>(scores + (<usize>place << 2)) - lowest)) / span)
    }
  }
  return count
}

/** By insertion: lists come nearly in order, and few of them are wanted. */
function listBest(listed: usize, count: i32, sums: usize, tieRank: usize, wanted: i32, items: usize, scores: usize): void {
  let kept = 0
  for (let n = 0; n < count; n++) {
    const item = load<i32>(listed + (<usize>n << 2))
    if (kept == wanted && !isAbove(item, load<i32>(items + (<usize>(kept - 1) << 2)), sums, tieRank)) continue
    let place = kept < wanted ? kept++ : kept - 1
    for (; place > 0; place--) {
      const before = load<i32>(items + (<usize>(place - 1) << 2))
      if (!isAbove(item, before, sums, tieRank)) break
      store<i32>(items + (<usize>place << 2), before)
    }
    store<i32>(items + (<usize>place << 2), item)
  }
  for (let place = 0; place < wanted; place++) {
    const at = <usize>place << 2
    if (place >= kept) store<i32>(items + at, -1)
    const score = place < kept ? <f32>load<f64>(sums + (<usize>load<i32>(items + at) << 3)) : -f32.POSITIVE_INFINITY
    store<f32>(scores + at, score)
  }
}

// @ts-ignore: decorator
@inline
function isAbove(a: i32, b: i32, sums: usize, tieRank: usize): bool {
  const left = load<f64>(sums + (<usize>a << 3))
  const right = load<f64>(sums + (<usize>b << 3))
  if (left != right) return left > right
  return load<i32>(tieRank + (<usize>a << 2)) < load<i32>(tieRank + (<usize>b << 2))
}
