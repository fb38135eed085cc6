// The k best unseen items per user.
//
// Items are packed in panels of 8, [I / 8][D][8], so that one load serves 4 users and no lanes are summed across. A
// tile of 4 users × TILE items is scored, seen items in it are set to −∞, and only scores that reach the user's
// current k-th best enter its heap (heap.ts): after the first tiles that is rare. Sports, 1,024 users, K = 50, one thread: 38 ms,
// 42 ms when scores were compared one by one instead of four at a time; from given scores 18 and 21 ms.
import { finishHeap, isBetter, makeHeap, siftDown, startHeap } from './heap'

/** Items scored at a time; 4 users × 512 floats stay in the L1 cache. */
const TILE: i32 = 512

/** Bytes of scratch that a call of topKByVectors needs: a tile of scores, and how much of each row's list is filled. */
export function rankingScratchBytes(): i32 {
  return 4 * TILE * 4 + 64
}

/** packed[i / 8][d][i % 8] = vectors[i][d], for panels begin … end − 1; missing items are 0. */
export function packItems(begin: i32, end: i32, vectors: usize, items: i32, dimensions: i32, packed: usize): void {
  for (let panel = begin; panel < end; panel++) {
    const out = packed + ((<usize>panel * dimensions) << 5)
    for (let lane = 0; lane < 8; lane++) {
      const item = panel * 8 + lane
      for (let d = 0; d < dimensions; d++) {
        const value = item < items ? load<f32>(vectors + (<usize>(item * dimensions + d) << 2)) : <f32>0
        store<f32>(out + (<usize>(d * 8 + lane) << 2), value)
      }
    }
  }
}

/** Rankings of users[begin … end); out is [users × k] items and scores. */
export function topKByVectors(
  begin: i32, end: i32, users: usize, userVectors: usize, packed: usize, items: i32, dimensions: i32,
  offsets: usize, indices: usize, tieRank: usize, k: i32, scratch: usize, itemsOut: usize, scoresOut: usize,
): void {
  const rowBytes = <usize>dimensions << 2
  for (let first = begin; first < end; first += 4) {
    const count = min(4, end - first)
    // a group of fewer than 4 repeats its last user, whose extra scores are not read
    const u0 = userVectors + <usize>load<i32>(users + (<usize>first << 2)) * rowBytes
    const u1 = userVectors + <usize>load<i32>(users + (<usize>(first + min(1, count - 1)) << 2)) * rowBytes
    const u2 = userVectors + <usize>load<i32>(users + (<usize>(first + min(2, count - 1)) << 2)) * rowBytes
    const u3 = userVectors + <usize>load<i32>(users + (<usize>(first + count - 1) << 2)) * rowBytes
    for (let row = first; row < first + count; row++) startHeap(listOf(itemsOut, row, k), listOf(scoresOut, row, k), k)
    const filled = scratch + 4 * TILE * 4
    memory.fill(filled, 0, 16)
    for (let from = 0; from < items; from += TILE) {
      const width = min(TILE, items - from)
      const panels = packed + ((<usize>(from >> 3) * dimensions) << 5)
      if (count == 1) scoreAlone(u0, panels, (width + 7) >> 3, dimensions, scratch)
      else {
        for (let i = 0; i < width; i += 8) {
          scorePanel(u0, u1, u2, u3, panels + ((<usize>(i >> 3) * dimensions) << 5), dimensions, scratch + (<usize>i << 2))
        }
      }
      for (let j = 0; j < count; j++) {
        const row = first + j
        const user = load<i32>(users + (<usize>row << 2))
        const scores = scratch + (<usize>(j * TILE) << 2)
        hideSeen(user, from, width, offsets, indices, scores)
        const own = filled + (<usize>j << 2)
        store<i32>(own, offer(row, from, width, scores, k, load<i32>(own), tieRank, itemsOut, scoresOut))
      }
    }
    for (let j = 0; j < count; j++) finish(first + j, k, load<i32>(filled + (<usize>j << 2)), tieRank, itemsOut, scoresOut)
  }
}

/** out[row][item] = user vector · item vector for rows begin … end − 1, with the sums of `topKByVectors`. */
export function scoreByVectors(
  begin: i32, end: i32, userVectors: usize, packed: usize, items: i32, dimensions: i32, scratch: usize, out: usize,
): void {
  for (let row = begin; row < end; row++) {
    const user = userVectors + (<usize>(row * dimensions) << 2)
    for (let from = 0; from < items; from += TILE) {
      const width = min(TILE, items - from)
      scoreAlone(user, packed + ((<usize>(from >> 3) * dimensions) << 5), (width + 7) >> 3, dimensions, scratch)
      memory.copy(out + ((<usize>row * items + from) << 2), scratch, <usize>width << 2)
    }
  }
}

/** Rankings from given scores [users × items], which it overwrites at seen items. */
export function topKByScores(
  begin: i32, end: i32, users: usize, scores: usize, items: i32, offsets: usize, indices: usize, tieRank: usize,
  k: i32, itemsOut: usize, scoresOut: usize,
): void {
  for (let row = begin; row < end; row++) {
    const own = scores + (<usize>row * items << 2)
    startHeap(listOf(itemsOut, row, k), listOf(scoresOut, row, k), k)
    hideSeen(load<i32>(users + (<usize>row << 2)), 0, items, offsets, indices, own)
    const filled = offer(row, 0, items, own, k, 0, tieRank, itemsOut, scoresOut)
    finish(row, k, filled, tieRank, itemsOut, scoresOut)
  }
}

/** 4 users × 8 items: 8 accumulators, each summed over d in order. */
function scorePanel(u0: usize, u1: usize, u2: usize, u3: usize, panel: usize, dimensions: i32, out: usize): void {
  let a0 = f32x4.splat(0), a1 = a0, b0 = a0, b1 = a0, c0 = a0, c1 = a0, d0 = a0, d1 = a0
  const end = u0 + (<usize>dimensions << 2)
  while (u0 < end) {
    const low = v128.load(panel)
    const high = v128.load(panel, 16)
    const x0 = v128.load32_splat(u0)
    a0 = f32x4.add(a0, f32x4.mul(x0, low))
    a1 = f32x4.add(a1, f32x4.mul(x0, high))
    const x1 = v128.load32_splat(u1)
    b0 = f32x4.add(b0, f32x4.mul(x1, low))
    b1 = f32x4.add(b1, f32x4.mul(x1, high))
    const x2 = v128.load32_splat(u2)
    c0 = f32x4.add(c0, f32x4.mul(x2, low))
    c1 = f32x4.add(c1, f32x4.mul(x2, high))
    const x3 = v128.load32_splat(u3)
    d0 = f32x4.add(d0, f32x4.mul(x3, low))
    d1 = f32x4.add(d1, f32x4.mul(x3, high))
    u0 += 4
    u1 += 4
    u2 += 4
    u3 += 4
    panel += 32
  }
  v128.store(out, a0); v128.store(out, a1, 16)
  v128.store(out + TILE * 4, b0); v128.store(out + TILE * 4, b1, 16)
  v128.store(out + TILE * 8, c0); v128.store(out + TILE * 8, c1, 16)
  v128.store(out + TILE * 12, d0); v128.store(out + TILE * 12, d1, 16)
}

/**
 * One user × panels of 8 items, each sum over d in the order that `scorePanel` has. 50,000 items, D = 64: 0.30 ms, the last user
 * four times over 0.60 ms, four panels side by side 0.9 ms: those are more streams than the processor fetches ahead.
 */
function scoreAlone(user: usize, panels: usize, count: i32, dimensions: i32, out: usize): void {
  const end = user + (<usize>dimensions << 2)
  for (let panel = 0; panel < count; panel++) {
    let a0 = f32x4.splat(0), a1 = a0
    for (let u = user; u < end; u += 4) {
      const x = v128.load32_splat(u)
      a0 = f32x4.add(a0, f32x4.mul(x, v128.load(panels)))
      a1 = f32x4.add(a1, f32x4.mul(x, v128.load(panels, 16)))
      panels += 32
    }
    v128.store(out, a0); v128.store(out, a1, 16)
    out += 32
  }
}

/** −∞ at the user's seen items among from … from + width − 1. */
export function hideSeen(user: i32, from: i32, width: i32, offsets: usize, indices: usize, scores: usize): void {
  let low = load<i32>(offsets + (<usize>user << 2))
  const last = load<i32>(offsets + (<usize>user << 2), 4)
  let high = last
  while (low < high) {
    const middle = (low + high) >> 1
    if (load<i32>(indices + (<usize>middle << 2)) < from) low = middle + 1
    else high = middle
  }
  for (; low < last; low++) {
    const item = load<i32>(indices + (<usize>low << 2)) - from
    if (item >= width) break
    store<f32>(scores + (<usize>item << 2), -f32.POSITIVE_INFINITY)
  }
}

/**
 * Puts the scores of items from … from + width − 1 before a row's list: the first k as they come, which are then a heap.
 * @returns how many are in the list
 */
export function offer(
  row: i32, from: i32, width: i32, scores: usize, k: i32, filled: i32, tieRank: usize, itemsOut: usize, scoresOut: usize,
): i32 {
  const items = listOf(itemsOut, row, k)
  const best = listOf(scoresOut, row, k)
  let i = 0
  for (; i < width && filled < k; i++) {
    const score = load<f32>(scores + (<usize>i << 2))
    // −∞ is what seen items have
    if (score == -f32.POSITIVE_INFINITY) continue
    store<f32>(best + (<usize>filled << 2), score)
    store<i32>(items + (<usize>filled << 2), from + i)
    if (++filled == k) makeHeap(items, best, k, tieRank)
  }
  while (i < width) {
    if (i + 4 <= width && !v128.any_true(f32x4.ge(v128.load(scores + (<usize>i << 2)), v128.load32_splat(best)))) {
      i += 4
      continue
    }
    for (const stop = min(i + 4, width); i < stop; i++) {
      const score = load<f32>(scores + (<usize>i << 2))
      const item = from + i
      if (score == -f32.POSITIVE_INFINITY) continue
      if (isBetter(score, item, load<f32>(best), load<i32>(items), tieRank)) siftDown(items, best, k, 0, score, item, tieRank)
    }
  }
  return filled
}

export function finish(row: i32, k: i32, filled: i32, tieRank: usize, itemsOut: usize, scoresOut: usize): void {
  const items = listOf(itemsOut, row, k)
  const best = listOf(scoresOut, row, k)
  if (filled < k) makeHeap(items, best, k, tieRank)
  finishHeap(items, best, k, tieRank)
}

// @ts-ignore: decorator
@inline
export function listOf(lists: usize, row: i32, k: i32): usize {
  return lists + (<usize>(row * k) << 2)
}
