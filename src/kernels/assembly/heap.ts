// Heaps of items and their scores, side by side in memory. The root is the worst entry; better = larger score, then
// smaller tieRank. An empty entry is item −1 with −∞.

/** Empties entries begin … end − 1. */
export function startHeap(items: usize, scores: usize, size: i32): void {
  for (let i = 0; i < size; i++) {
    store<i32>(items + (<usize>i << 2), -1)
    store<f32>(scores + (<usize>i << 2), -f32.POSITIVE_INFINITY)
  }
}

// @ts-ignore: decorator
@inline
export function isBetter(scoreA: f32, itemA: i32, scoreB: f32, itemB: i32, tieRank: usize): bool {
  if (scoreA != scoreB) return scoreA > scoreB
  if (itemA < 0 || itemB < 0) return itemB < itemA
  return load<i32>(tieRank + (<usize>itemA << 2)) < load<i32>(tieRank + (<usize>itemB << 2))
}

/** Puts (score, item) at `at` of a heap of `size` entries and lets it sink while a child is worse. */
export function siftDown(items: usize, scores: usize, size: i32, at: i32, score: f32, item: i32, tieRank: usize): void {
  while (true) {
    let child = 2 * at + 1
    if (child >= size) break
    let childScore = load<f32>(scores + (<usize>child << 2))
    let childItem = load<i32>(items + (<usize>child << 2))
    if (child + 1 < size) {
      const otherScore = load<f32>(scores + (<usize>child << 2), 4)
      const otherItem = load<i32>(items + (<usize>child << 2), 4)
      if (isBetter(childScore, childItem, otherScore, otherItem, tieRank)) {
        child++
        childScore = otherScore
        childItem = otherItem
      }
    }
    if (!isBetter(score, item, childScore, childItem, tieRank)) break
    store<f32>(scores + (<usize>at << 2), childScore)
    store<i32>(items + (<usize>at << 2), childItem)
    at = child
  }
  store<f32>(scores + (<usize>at << 2), score)
  store<i32>(items + (<usize>at << 2), item)
}

/** Puts entries that stand in any order into the order of a heap. */
export function makeHeap(items: usize, scores: usize, size: i32, tieRank: usize): void {
  for (let at = (size >> 1) - 1; at >= 0; at--) {
    const place = <usize>at << 2
    siftDown(items, scores, size, at, load<f32>(scores + place), load<i32>(items + place), tieRank)
  }
}

/** Heap to list, best first. */
export function finishHeap(items: usize, scores: usize, k: i32, tieRank: usize): void {
  for (let last = k - 1; last > 0; last--) {
    const score = load<f32>(scores + (<usize>last << 2))
    const item = load<i32>(items + (<usize>last << 2))
    store<f32>(scores + (<usize>last << 2), load<f32>(scores))
    store<i32>(items + (<usize>last << 2), load<i32>(items))
    siftDown(items, scores, last, 0, score, item, tieRank)
  }
}
