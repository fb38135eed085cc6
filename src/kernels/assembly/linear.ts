// Sparse products, pooling and Adam.
//
// spmm: one pass over the row's neighbours for each strip of columns, the strip's sums held in registers: 8 accumulators
// (32 columns), then 4 (16 columns), then 1. The neighbour's strip is one or more whole cache lines.
// On the Sports graph (D = 64, one thread, the least of 150 calls, two processes each): strips of 64 columns 2.41 and
// 2.67 ms, since 16 accumulators leave no register for the products; of 48 and 16 1.95 and 1.97 ms; of 32 1.73 and 1.94 ms.
// Strips of 32 or 16 columns over all rows, to keep x in a smaller cache, were 1.4 and 1.9 times slower than those of 64:
// the indices are read again for each strip.
// spmmLive leaves out what is known to be zero or not wanted; its sums are those of spmm, bit for bit: for the gradients of
// a batch 1.5 ms instead of 2.3. lastHop takes the mean over the hops while a row is at hand: 2.3 ms, apart 2.3 + 0.7.
// adam: one pass over parameter, gradient and moments. Fused with the last product backwards, each row of the gradient going
// straight into its update: 4.4 to 5.4 ms, apart 4.4 to 5.1 (Sports, all rows, one thread of a busy machine, 15 rounds in turns,
// two processes): the 12 MB it saves to write and to read come from a cache. It stays apart, and what is added to the gradient
// between the two (regularization, a contrast) keeps its place.

import { AHEAD, keep, touch } from './touch'

/** y[row] = Σ values[e] · x[indices[e]] (+ add[row]) for rows begin … end − 1. add = 0 for none. */
export function spmm(
  begin: i32, end: i32, offsets: usize, indices: usize, values: usize,
  x: usize, y: usize, columns: i32, add: usize,
): void {
  const stride = <usize>columns << 2
  for (let row = begin; row < end; row++) {
    const first = load<i32>(offsets + (<usize>row << 2))
    const last = load<i32>(offsets + (<usize>row << 2), 4)
    const out = y + <usize>row * stride
    sumRow(first, last, indices, values, x, columns, out, add ? add + <usize>row * stride : 0)
  }
}

/** Edges gathered at a time by spmmLive. */
const LIVE_EDGES: i32 = 512

/** Bytes of scratch that a call of spmmLive needs. */
export function liveScratchBytes(): i32 {
  return LIVE_EDGES * 8
}

/**
 * The same for rows whose byte in `wanted` is not 0 (all rows when it is 0), over the rows of x whose byte in `live` is
 * not 0 (all when it is 0); the others must be zero. Rows of `add` whose byte in `liveAdd` is 0 are zero and not read.
 */
export function spmmLive(
  begin: i32, end: i32, offsets: usize, indices: usize, values: usize, x: usize, y: usize, columns: i32, add: usize,
  wanted: usize, live: usize, liveAdd: usize, scratch: usize,
): void {
  const stride = <usize>columns << 2
  const kept = scratch + (<usize>LIVE_EDGES << 2)
  for (let row = begin; row < end; row++) {
    if (wanted && !load<u8>(wanted + row)) continue
    const first = load<i32>(offsets + (<usize>row << 2))
    const last = load<i32>(offsets + (<usize>row << 2), 4)
    const out = y + <usize>row * stride
    let plus = add && !(liveAdd && !load<u8>(liveAdd + row)) ? add + <usize>row * stride : 0
    if (!live) {
      sumRow(first, last, indices, values, x, columns, out, plus)
      continue
    }
    // block by block: a block's sums go on from those of the one before
    let from = first
    do {
      const to = min(last, from + LIVE_EDGES)
      let count = 0
      for (let e = from; e < to; e++) {
        const index = load<i32>(indices + (<usize>e << 2))
        store<i32>(scratch + (<usize>count << 2), index)
        store<f32>(kept + (<usize>count << 2), load<f32>(values + (<usize>e << 2)))
        count += <i32>(load<u8>(live + index) != 0)
      }
      sumRow(0, count, scratch, kept, x, columns, out, plus)
      plus = out
      from = to
    } while (from < last)
  }
}

/**
 * The last hop and the mean of all: hop[hops − 1] = a · hop[hops − 2] and pooled = the mean over the hops, for rows whose
 * byte in `wanted` is not 0 (all when it is 0), while the row is in the L1 cache.
 */
export function lastHop(
  begin: i32, end: i32, offsets: usize, indices: usize, values: usize,
  hop: usize, hops: i32, columns: i32, pooled: usize, wanted: usize, rows: i32,
): void {
  const stride = <usize>columns << 2
  const table = <usize>rows * stride
  const x = hop + <usize>(hops - 2) * table
  for (let row = begin; row < end; row++) {
    if (wanted && !load<u8>(wanted + row)) continue
    const first = load<i32>(offsets + (<usize>row << 2))
    const last = load<i32>(offsets + (<usize>row << 2), 4)
    const at = <usize>row * stride
    sumRow(first, last, indices, values, x, columns, x + table + at, 0)
    meanRows(hop + at, hops, table, pooled + at, columns)
  }
}

/** out = Σ values[e] · x[indices[e]] for e in first … last − 1, on top of the row `plus` (0 for none). */
export function sumRow(
  first: i32, last: i32, indices: usize, values: usize, x: usize, columns: i32, out: usize, plus: usize,
): void {
  const stride = <usize>columns << 2
  let column = 0
  for (; column + 32 <= columns; column += 32) strip32(first, last, indices, values, x, stride, out, plus, column)
  for (; column + 16 <= columns; column += 16) strip16(first, last, indices, values, x, stride, out, plus, column)
  for (; column < columns; column += 4) strip4(first, last, indices, values, x, stride, out, plus, column)
}

// @ts-ignore: decorator
@inline
function start(plus: usize, at: usize): v128 {
  return plus ? v128.load(plus + at) : f32x4.splat(0)
}

function strip32(
  first: i32, last: i32, indices: usize, values: usize, x: usize, stride: usize, out: usize, plus: usize, column: i32,
): void {
  const at = <usize>column << 2
  let a0 = start(plus, at), a1 = start(plus, at + 16), a2 = start(plus, at + 32), a3 = start(plus, at + 48)
  let a4 = start(plus, at + 64), a5 = start(plus, at + 80), a6 = start(plus, at + 96), a7 = start(plus, at + 112)
  for (let e = first; e < last; e++) {
    const value = v128.load32_splat(values + (<usize>e << 2))
    const p = x + <usize>load<i32>(indices + (<usize>e << 2)) * stride + at
    a0 = f32x4.add(a0, f32x4.mul(value, v128.load(p)))
    a1 = f32x4.add(a1, f32x4.mul(value, v128.load(p, 16)))
    a2 = f32x4.add(a2, f32x4.mul(value, v128.load(p, 32)))
    a3 = f32x4.add(a3, f32x4.mul(value, v128.load(p, 48)))
    a4 = f32x4.add(a4, f32x4.mul(value, v128.load(p, 64)))
    a5 = f32x4.add(a5, f32x4.mul(value, v128.load(p, 80)))
    a6 = f32x4.add(a6, f32x4.mul(value, v128.load(p, 96)))
    a7 = f32x4.add(a7, f32x4.mul(value, v128.load(p, 112)))
  }
  const o = out + at
  v128.store(o, a0); v128.store(o, a1, 16); v128.store(o, a2, 32); v128.store(o, a3, 48)
  v128.store(o, a4, 64); v128.store(o, a5, 80); v128.store(o, a6, 96); v128.store(o, a7, 112)
}

function strip16(
  first: i32, last: i32, indices: usize, values: usize, x: usize, stride: usize, out: usize, plus: usize, column: i32,
): void {
  const at = <usize>column << 2
  let a0 = start(plus, at), a1 = start(plus, at + 16), a2 = start(plus, at + 32), a3 = start(plus, at + 48)
  for (let e = first; e < last; e++) {
    const value = v128.load32_splat(values + (<usize>e << 2))
    const p = x + <usize>load<i32>(indices + (<usize>e << 2)) * stride + at
    a0 = f32x4.add(a0, f32x4.mul(value, v128.load(p)))
    a1 = f32x4.add(a1, f32x4.mul(value, v128.load(p, 16)))
    a2 = f32x4.add(a2, f32x4.mul(value, v128.load(p, 32)))
    a3 = f32x4.add(a3, f32x4.mul(value, v128.load(p, 48)))
  }
  const o = out + at
  v128.store(o, a0); v128.store(o, a1, 16); v128.store(o, a2, 32); v128.store(o, a3, 48)
}

function strip4(
  first: i32, last: i32, indices: usize, values: usize, x: usize, stride: usize, out: usize, plus: usize, column: i32,
): void {
  const at = <usize>column << 2
  let sum = start(plus, at)
  for (let e = first; e < last; e++) {
    const value = v128.load32_splat(values + (<usize>e << 2))
    sum = f32x4.add(sum, f32x4.mul(value, v128.load(x + <usize>load<i32>(indices + (<usize>e << 2)) * stride + at)))
  }
  v128.store(out + at, sum)
}

/** out = the mean of `tables` rows that lie `stride` bytes apart, of `columns` floats (a multiple of 4). */
function meanRows(first: usize, tables: i32, stride: usize, out: usize, columns: i32): void {
  const scale = f32x4.splat(<f32>1 / <f32>tables)
  for (const end = first + (<usize>columns << 2); first < end; first += 16, out += 16) {
    let p = first
    let sum = v128.load(p)
    for (let table = 1; table < tables; table++) {
      p += stride
      sum = f32x4.add(sum, v128.load(p))
    }
    v128.store(out, f32x4.mul(sum, scale))
  }
}

/** The same for floats begin … end − 1 (multiples of 4) of arrays that lie one behind the other. */
export function meanOfTables(begin: i32, end: i32, first: usize, tables: i32, length: i32, out: usize): void {
  const at = <usize>begin << 2
  meanRows(first + at, tables, <usize>length << 2, out + at, end - begin)
}

/** Copies the rows that rows[begin … end) name. */
export function copyRows(begin: i32, end: i32, rows: usize, source: usize, target: usize, columns: i32): void {
  const bytes = <usize>columns << 2
  for (let at = begin; at < end; at++) {
    const offset = <usize>load<i32>(rows + (<usize>at << 2)) * bytes
    memory.copy(target + offset, source + offset, bytes)
  }
}

/**
 * One step of Adam for floats begin … end − 1 (multiples of 4).
 * stepSize = lr / (1 − β1^t), rootScale = 1 / sqrt(1 − β2^t): the caller has the powers.
 */
export function adam(
  begin: i32, end: i32, parameter: usize, gradient: usize, first: usize, second: usize,
  beta1: f32, beta2: f32, epsilon: f32, stepSize: f32, rootScale: f32,
): void {
  const b1 = f32x4.splat(beta1), c1 = f32x4.splat(1 - beta1)
  const b2 = f32x4.splat(beta2), c2 = f32x4.splat(1 - beta2)
  const step = f32x4.splat(stepSize), root = f32x4.splat(rootScale), eps = f32x4.splat(epsilon)
  for (let i = <usize>begin << 2, stop = <usize>end << 2; i < stop; i += 16) {
    const g = v128.load(gradient + i)
    const m = f32x4.add(f32x4.mul(b1, v128.load(first + i)), f32x4.mul(c1, g))
    const v = f32x4.add(f32x4.mul(b2, v128.load(second + i)), f32x4.mul(c2, f32x4.mul(g, g)))
    v128.store(first + i, m)
    v128.store(second + i, v)
    const scale = f32x4.add(f32x4.mul(f32x4.sqrt(v), root), eps)
    v128.store(parameter + i, f32x4.sub(v128.load(parameter + i), f32x4.div(f32x4.mul(step, m), scale)))
  }
}

/** The same for the rows that rows[begin … end) name. */
export function adamRows(
  begin: i32, end: i32, rows: usize, columns: i32, parameter: usize, gradient: usize, first: usize, second: usize,
  beta1: f32, beta2: f32, epsilon: f32, stepSize: f32, rootScale: f32,
): void {
  const bytes = <usize>columns << 2
  for (let at = begin; at < end; at++) {
    if (((at - begin) & (AHEAD - 1)) == 0) {
      let sum = 0
      for (let other = at, stop = min(end, at + AHEAD); other < stop; other++) {
        const row = <usize>load<i32>(rows + (<usize>other << 2)) * bytes
        sum += touch(parameter + row, bytes) + touch(gradient + row, bytes)
        sum += touch(first + row, bytes) + touch(second + row, bytes)
      }
      keep(sum)
    }
    const from = load<i32>(rows + (<usize>at << 2)) * columns
    adam(from, from + columns, parameter, gradient, first, second, beta1, beta2, epsilon, stepSize, rootScale)
  }
}
