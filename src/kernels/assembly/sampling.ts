// Drawing, scoring and picking negatives. Slot s belongs to positive s / perPositive of its batch.
//
// drawItems: the search among the forbidden items without branches took 0.19 ms where one with branches took 0.41 (Sports,
// 2,048 users, 10 draws each, one thread).
import { below, philox, philoxWord } from './philox'
import { dot } from './simd'
import { AHEAD, keep } from './touch'

/** Fisher–Yates from the end, draw j being word j % 4 of counter (j / 4, 0, 0, 0): the order of `random.ts`. */
export function shuffle(values: usize, length: i32, k0: u32, k1: u32): void {
  let draw: u32 = 0
  for (let last = length - 1; last > 0; last--, draw++) {
    if ((draw & 3) == 0) philox(k0, k1, draw >> 2, 0, 0, 0)
    const other = below(philoxWord(draw & 3), last + 1)
    const a = values + (<usize>last << 2)
    const b = values + (<usize>other << 2)
    const kept = load<i32>(a)
    store<i32>(a, load<i32>(b))
    store<i32>(b, kept)
  }
}

/** out[sample × perSample + j] in [0, 1), for samples begin … end − 1. 24 bits, so that 1 never comes out. */
export function drawUniforms(
  begin: i32, end: i32, k0: u32, k1: u32, epoch: u32, batch: u32, perSample: i32, out: usize,
): void {
  for (let sample = begin; sample < end; sample++) {
    for (let j = 0; j < perSample; j++) {
      if ((j & 3) == 0) philox(k0, k1, j >> 2, sample, batch, epoch)
      const value = <f32>(philoxWord(j & 3) >> 8) * <f32>(1.0 / 16777216.0)
      store<f32>(out + (<usize>(sample * perSample + j) << 2), value)
    }
  }
}

/** x += ε · sign(x) · u / |u|, u ~ U(0, 1)^columns for each of the rows begin … end − 1; a row of zeros stays. */
export function addNoise(
  begin: i32, end: i32, k0: u32, k1: u32, epoch: u32, batch: u32, columns: i32, x: usize, epsilon: f32,
): void {
  for (let row = begin; row < end; row++) {
    let squares: f32 = 0
    for (let column = 0; column < columns; column++) {
      if ((column & 3) == 0) philox(k0, k1, column >> 2, row, batch, epoch)
      const value = <f32>(philoxWord(column & 3) >> 8) * <f32>(1.0 / 16777216.0)
      squares += value * value
    }
    const scale = squares > 0 ? epsilon / sqrt<f32>(squares) : <f32>0
    for (let column = 0; column < columns; column++) {
      if ((column & 3) == 0) philox(k0, k1, column >> 2, row, batch, epoch)
      const value = <f32>(philoxWord(column & 3) >> 8) * <f32>(1.0 / 16777216.0)
      const at = x + (<usize>(row * columns + column) << 2)
      const own = load<f32>(at)
      if (own != 0) store<f32>(at, own + copysign<f32>(scale * value, own))
    }
  }
}

/**
 * `draws` items for each of users[begin … end), uniform over those that the user's row of `forbidden` lacks: a rank r
 * among the allowed items is drawn, and the r-th allowed item is r + (number of forbidden items before it).
 */
export function drawItems(
  begin: i32, end: i32, k0: u32, k1: u32, epoch: u32, batch: u32,
  users: usize, offsets: usize, indices: usize, items: i32, draws: i32, out: usize,
): i32 {
  let exhausted = 0
  for (let sample = begin; sample < end; sample++) {
    if (((sample - begin) & (AHEAD - 1)) == 0) {
      let sum = 0
      for (let other = sample, stop = min(end, sample + AHEAD); other < stop; other++) {
        const own = offsets + (<usize>load<i32>(users + (<usize>other << 2)) << 2)
        const first = load<i32>(own)
        if (first < load<i32>(own, 4)) sum += load<i32>(indices + (<usize>first << 2))
      }
      keep(sum)
    }
    const user = load<i32>(users + (<usize>sample << 2))
    const first = load<i32>(offsets + (<usize>user << 2))
    const degree = load<i32>(offsets + (<usize>user << 2), 4) - first
    const row = indices + (<usize>first << 2)
    const allowed = items - degree
    const target = out + (<usize>(sample * draws) << 2)
    if (allowed <= 0) exhausted++
    for (let j = 0; j < draws; j++) {
      if ((j & 3) == 0) philox(k0, k1, j >> 2, sample, batch, epoch)
      const item = allowed > 0 ? nthAllowed(below(philoxWord(j & 3), allowed), row, degree) : -1
      store<i32>(target + (<usize>j << 2), item)
    }
  }
  return exhausted
}

/**
 * rank + the number of forbidden items f_j with f_j − j ≤ rank. The search has no branch that depends on the draw, which
 * a processor would guess wrong half of the time, and as many steps for each draw of a user.
 */
function nthAllowed(rank: i32, row: usize, degree: i32): i32 {
  let low = 0
  for (let left = degree; left > 0; ) {
    const half = (left + 1) >> 1
    const middle = low + half - 1
    low += half & -<i32>(load<i32>(row + (<usize>middle << 2)) - middle <= rank)
    left -= half
  }
  return rank + low
}

/** out[(s × hops + h) × perSlot + n] = ū · candidate n in hop h of `itemTable` (hops tables, `tableStride` bytes apart). */
export function scoreCandidates(
  begin: i32, end: i32, users: usize, perPositive: i32, userVectors: usize, itemTable: usize, tableStride: usize,
  dimensions: i32, hops: i32, candidates: usize, perSlot: i32, out: usize,
): void {
  const rowBytes = <usize>dimensions << 2
  for (let slot = begin; slot < end; slot++) {
    const user = userVectors + <usize>load<i32>(users + (<usize>(slot / perPositive) << 2)) * rowBytes
    const drawn = candidates + (<usize>(slot * perSlot) << 2)
    for (let h = 0; h < hops; h++) {
      const table = itemTable + <usize>h * tableStride
      const scores = out + (<usize>((slot * hops + h) * perSlot) << 2)
      for (let n = 0; n < perSlot; n++) {
        const item = load<i32>(drawn + (<usize>n << 2))
        const score = item < 0 ? <f32>0 : dot(user, table + <usize>item * rowBytes, dimensions)
        store<f32>(scores + (<usize>n << 2), score)
      }
    }
  }
}

/** score ← β ū·p_h + (1 − β) score. */
export function mixScores(
  begin: i32, end: i32, users: usize, positives: usize, perPositive: i32, userVectors: usize, itemTable: usize,
  tableStride: usize, dimensions: i32, hops: i32, mix: usize, perSlot: i32, scores: usize,
): void {
  const rowBytes = <usize>dimensions << 2
  for (let slot = begin; slot < end; slot++) {
    const sample = <usize>(slot / perPositive) << 2
    const user = userVectors + <usize>load<i32>(users + sample) * rowBytes
    const positive = <usize>load<i32>(positives + sample) * rowBytes
    for (let h = 0; h < hops; h++) {
      const beta = load<f32>(mix + (<usize>(slot * hops + h) << 2))
      const base = beta * dot(user, itemTable + <usize>h * tableStride + positive, dimensions)
      const row = scores + (<usize>((slot * hops + h) * perSlot) << 2)
      for (let n = 0; n < perSlot; n++) {
        const at = row + (<usize>n << 2)
        store<f32>(at, base + (1 - beta) * load<f32>(at))
      }
    }
  }
}

/** Each row of `perSlot` scores to [0, 1] by its own minimum and maximum. */
export function minMaxRows(begin: i32, end: i32, perSlot: i32, scores: usize): void {
  for (let row = begin; row < end; row++) {
    const first = scores + (<usize>(row * perSlot) << 2)
    let low = load<f32>(first)
    let high = low
    for (let n = 1; n < perSlot; n++) {
      const score = load<f32>(first + (<usize>n << 2))
      low = min(low, score)
      high = max(high, score)
    }
    const range = high - low + <f32>1e-8
    for (let n = 0; n < perSlot; n++) {
      const at = first + (<usize>n << 2)
      store<f32>(at, (load<f32>(at) - low) / range)
    }
  }
}

/** Adds weight · LCP / min(length) between the codes of the positive and of each candidate to all `hops` rows. */
export function addCodeSimilarity(
  begin: i32, end: i32, codes: usize, depth: i32, weight: f32, positives: usize, perPositive: i32,
  candidates: usize, perSlot: i32, hops: i32, scores: usize,
): void {
  for (let slot = begin; slot < end; slot++) {
    const positive = codes + <usize>load<i32>(positives + (<usize>(slot / perPositive) << 2)) * depth
    for (let n = 0; n < perSlot; n++) {
      const item = load<i32>(candidates + (<usize>(slot * perSlot + n) << 2))
      if (item < 0) continue
      const bonus = weight * codeSimilarity(positive, codes + <usize>item * depth, depth)
      for (let h = 0; h < hops; h++) {
        const at = scores + (<usize>((slot * hops + h) * perSlot + n) << 2)
        store<f32>(at, load<f32>(at) + bonus)
      }
    }
  }
}

function codeSimilarity(a: usize, b: usize, depth: i32): f32 {
  let shared = 0
  let shorter = 0
  let same = true
  for (; shorter < depth; shorter++) {
    const left = load<i8>(a + shorter)
    const right = load<i8>(b + shorter)
    if (left < 0 || right < 0) break
    same = same && left == right
    shared += <i32>same
  }
  return shorter == 0 ? 0 : <f32>shared / <f32>shorter
}

/** out[slot × hops + h] = the candidate with the largest score, the first of equals. */
export function pickLargest(
  begin: i32, end: i32, candidates: usize, scores: usize, hops: i32, perSlot: i32, out: usize,
): void {
  for (let slot = begin; slot < end; slot++) {
    for (let h = 0; h < hops; h++) {
      const row = scores + (<usize>((slot * hops + h) * perSlot) << 2)
      let best = 0
      for (let n = 1; n < perSlot; n++) {
        if (load<f32>(row + (<usize>n << 2)) > load<f32>(row + (<usize>best << 2))) best = n
      }
      const item = load<i32>(candidates + (<usize>(slot * perSlot + best) << 2))
      store<i32>(out + (<usize>(slot * hops + h) << 2), item)
    }
  }
}
