// Rows of vectors: gather, scatter, products, unit vectors, and the softmax over negatives that a batch shares.
import { addScaled, dot } from './simd'

/** out[r] = table[rows[r]], zeros where that is −1. */
export function gatherRows(begin: i32, end: i32, table: usize, columns: i32, rows: usize, out: usize): void {
  const rowBytes = <usize>columns << 2
  for (let r = begin; r < end; r++) {
    const row = load<i32>(rows + (<usize>r << 2))
    const target = out + <usize>r * rowBytes
    if (row < 0) memory.fill(target, 0, rowBytes)
    else memory.copy(target, table + <usize>row * rowBytes, rowBytes)
  }
}

/** out[s] = n̄_s, the vector whose product with ū is the negative's score, for slots begin … end − 1. */
export function gatherNegatives(
  begin: i32, end: i32, positives: usize, perPositive: i32, pooledItems: usize, itemTable: usize, tableStride: usize,
  dimensions: i32, hops: i32, pickedHops: i32, picked: usize, mix: usize, out: usize,
): void {
  const rowBytes = <usize>dimensions << 2
  const share = <f32>1 / <f32>hops
  for (let slot = begin; slot < end; slot++) {
    const target = out + <usize>slot * rowBytes
    const picks = picked + (<usize>(slot * pickedHops) << 2)
    const first = load<i32>(picks)
    if (first >= 0 && pickedHops == 1 && !mix) {
      memory.copy(target, pooledItems + <usize>first * rowBytes, rowBytes)
      continue
    }
    memory.fill(target, 0, rowBytes)
    if (first < 0) continue
    const observed = <usize>load<i32>(positives + (<usize>(slot / perPositive) << 2)) * rowBytes
    for (let h = 0; h < hops; h++) {
      const table = itemTable + <usize>h * tableStride
      const beta = mix ? load<f32>(mix + (<usize>(slot * hops + h) << 2)) : <f32>0
      if (beta != 0) addScaled(target, table + observed, share * beta, dimensions)
      const own = <usize>load<i32>(picks + (<usize>h << 2)) * rowBytes
      addScaled(target, table + own, share * (1 - beta), dimensions)
    }
  }
}

/**
 * out[rows[r]] += scale · weights[r] · values[r], r = 0 … count − 1 in this order, in the columns 4 begin … 4 end − 1:
 * a call owns a strip of columns, so that no two write the same float.
 */
export function scatterRows(
  begin: i32, end: i32, count: i32, values: usize, columns: i32, rows: usize, out: usize, scale: f32, weights: usize,
): void {
  const rowBytes = <usize>columns << 2
  const first = <usize>begin << 4
  const width = (end - begin) << 2
  for (let r = 0; r < count; r++) {
    const row = load<i32>(rows + (<usize>r << 2))
    if (row < 0) continue
    const factor = weights ? scale * load<f32>(weights + (<usize>r << 2)) : scale
    addScaled(out + <usize>row * rowBytes + first, values + <usize>r * rowBytes + first, factor, width)
  }
}

/** Terms of a sum that are added before the next row: 256 rows of 64 columns stay in a near cache. */
const DEPTH: i32 = 256

/**
 * c[row] = Σ_k a(row, k) · b[k] (+ c[row]) for rows begin … end − 1, with k in order; a(row, k) lies at
 * a + row · rowStep + k · step bytes. columns is a multiple of 4.
 */
export function multiply(
  begin: i32, end: i32, a: usize, rowStep: usize, step: usize, b: usize, c: usize, inner: i32, columns: i32,
  accumulate: i32,
): void {
  const rowBytes = <usize>columns << 2
  if (!accumulate) memory.fill(c + <usize>begin * rowBytes, 0, <usize>(end - begin) * rowBytes)
  for (let k = 0; k < inner; k += DEPTH) {
    const depth = min(DEPTH, inner - k)
    const terms = a + <usize>k * step
    const factors = b + <usize>k * rowBytes
    let row = begin
    for (; row + 4 <= end; row += 4) {
      const from = terms + <usize>row * rowStep
      const to = c + <usize>row * rowBytes
      let column = 0
      for (; column + 8 <= columns; column += 8) {
        const at = <usize>column << 2
        tile4x8(from, rowStep, step, factors + at, rowBytes, to + at, depth)
      }
      if (column < columns) {
        const at = <usize>column << 2
        for (let i = 0; i < 4; i++) {
          strip4(from + <usize>i * rowStep, step, factors + at, rowBytes, to + <usize>i * rowBytes + at, depth)
        }
      }
    }
    for (; row < end; row++) {
      const from = terms + <usize>row * rowStep
      for (let column = 0; column < columns; column += 4) {
        const at = <usize>column << 2
        strip4(from, step, factors + at, rowBytes, c + <usize>row * rowBytes + at, depth)
      }
    }
  }
}

function tile4x8(a: usize, rowStep: usize, step: usize, b: usize, rowBytes: usize, c: usize, depth: i32): void {
  const c1 = c + rowBytes, c2 = c1 + rowBytes, c3 = c2 + rowBytes
  let p0 = v128.load(c), p1 = v128.load(c, 16), q0 = v128.load(c1), q1 = v128.load(c1, 16)
  let r0 = v128.load(c2), r1 = v128.load(c2, 16), s0 = v128.load(c3), s1 = v128.load(c3, 16)
  let a1 = a + rowStep, a2 = a1 + rowStep, a3 = a2 + rowStep
  for (let k = 0; k < depth; k++) {
    const low = v128.load(b), high = v128.load(b, 16)
    const x0 = v128.load32_splat(a)
    p0 = f32x4.add(p0, f32x4.mul(x0, low))
    p1 = f32x4.add(p1, f32x4.mul(x0, high))
    const x1 = v128.load32_splat(a1)
    q0 = f32x4.add(q0, f32x4.mul(x1, low))
    q1 = f32x4.add(q1, f32x4.mul(x1, high))
    const x2 = v128.load32_splat(a2)
    r0 = f32x4.add(r0, f32x4.mul(x2, low))
    r1 = f32x4.add(r1, f32x4.mul(x2, high))
    const x3 = v128.load32_splat(a3)
    s0 = f32x4.add(s0, f32x4.mul(x3, low))
    s1 = f32x4.add(s1, f32x4.mul(x3, high))
    a += step
    a1 += step
    a2 += step
    a3 += step
    b += rowBytes
  }
  v128.store(c, p0); v128.store(c, p1, 16); v128.store(c1, q0); v128.store(c1, q1, 16)
  v128.store(c2, r0); v128.store(c2, r1, 16); v128.store(c3, s0); v128.store(c3, s1, 16)
}

function strip4(a: usize, step: usize, b: usize, rowBytes: usize, c: usize, depth: i32): void {
  let sum = v128.load(c)
  for (let k = 0; k < depth; k++) {
    sum = f32x4.add(sum, f32x4.mul(v128.load32_splat(a), v128.load(b)))
    a += step
    b += rowBytes
  }
  v128.store(c, sum)
}

/** out[r] = a[r / perRow] · b[r]. */
export function dotRows(begin: i32, end: i32, a: usize, b: usize, perRow: i32, columns: i32, out: usize): void {
  const rowBytes = <usize>columns << 2
  for (let r = begin; r < end; r++) {
    const product = dot(a + <usize>(r / perRow) * rowBytes, b + <usize>r * rowBytes, columns)
    store<f32>(out + (<usize>r << 2), product)
  }
}

/** For rows begin … end − 1 of a and the perRow rows of b that each was multiplied with. */
export function dotRowsBack(
  begin: i32, end: i32, a: usize, b: usize, derivatives: usize, perRow: i32, columns: i32, toA: usize, toB: usize,
): void {
  const rowBytes = <usize>columns << 2
  for (let row = begin; row < end; row++) {
    const at = <usize>row * rowBytes
    for (let r = row * perRow, last = r + perRow; r < last; r++) {
      const derivative = load<f32>(derivatives + (<usize>r << 2))
      const other = <usize>r * rowBytes
      addScaled(toA + at, b + other, derivative, columns)
      memory.fill(toB + other, 0, rowBytes)
      addScaled(toB + other, a + at, derivative, columns)
    }
  }
}

/** out[column][row] = x[row][column], for columns begin … end − 1. */
export function transpose(begin: i32, end: i32, x: usize, rows: i32, columns: i32, out: usize): void {
  for (let column = begin; column < end; column++) {
    for (let row = 0; row < rows; row++) {
      store<f32>(out + (<usize>(column * rows + row) << 2), load<f32>(x + (<usize>(row * columns + column) << 2)))
    }
  }
}

/** norms = sqrt(|x|² + 1e-12), out = x / norms; columns is a multiple of 4. */
export function normalizeRows(begin: i32, end: i32, x: usize, columns: i32, out: usize, norms: usize): void {
  const rowBytes = <usize>columns << 2
  for (let row = begin; row < end; row++) {
    const from = x + <usize>row * rowBytes
    const norm = sqrt<f32>(dot(from, from, columns) + <f32>1e-12)
    store<f32>(norms + (<usize>row << 2), norm)
    const divisor = f32x4.splat(norm)
    const to = out + <usize>row * rowBytes
    for (let at: usize = 0; at < rowBytes; at += 16) {
      v128.store(to + at, f32x4.div(v128.load(from + at), divisor))
    }
  }
}

/** g ← (g − (g·x̂) x̂) / norm. */
export function normalizeRowsBack(begin: i32, end: i32, unit: usize, norms: usize, columns: i32, gradient: usize): void {
  const rowBytes = <usize>columns << 2
  for (let row = begin; row < end; row++) {
    const own = unit + <usize>row * rowBytes
    const target = gradient + <usize>row * rowBytes
    const along = f32x4.splat(dot(own, target, columns))
    const divisor = f32x4.splat(load<f32>(norms + (<usize>row << 2)))
    for (let at: usize = 0; at < rowBytes; at += 16) {
      const rest = f32x4.sub(v128.load(target + at), f32x4.mul(along, v128.load(own + at)))
      v128.store(target + at, f32x4.div(rest, divisor))
    }
  }
}

/** What a logit becomes that must not count. */
const NEVER: f32 = -Infinity

/**
 * Softmax of each positive over itself, its picked negatives and the pool that the batch shares: see `sharedSoftmax` in
 * kernels.ts. `heads` [items] is the last place of an item in the pool or −1, `next` [width] the place before it.
 */
export function sharedSoftmax(
  begin: i32, end: i32, batchSize: i32, users: usize, positives: usize, weights: usize, perPositive: i32,
  pickedHops: i32, picked: usize, pool: usize, width: i32, poolItems: usize, counts: usize, heads: usize, next: usize,
  offsets: usize, indices: usize, scale: f32, positive: usize, negative: usize, positiveOut: usize, negativeOut: usize,
  loss: usize,
): void {
  for (let b = begin; b < end; b++) {
    const at = <usize>b << 2
    const row = pool + <usize>b * (<usize>width << 2)
    const own = scale * load<f32>(positive + at)
    for (let m = 0; m < width; m++) {
      const place = <usize>m << 2
      const empty = load<i32>(poolItems + place) < 0
      store<f32>(row + place, empty ? NEVER : scale * load<f32>(row + place))
    }
    const user = <usize>load<i32>(users + at) << 2
    const last = load<i32>(offsets + user, 4)
    for (let e = load<i32>(offsets + user); e < last; e++) {
      hide(load<i32>(indices + (<usize>e << 2)), row, heads, next)
    }
    hide(load<i32>(positives + at), row, heads, next)
    let largest = own
    for (let m = 0; m < width; m++) largest = max(largest, load<f32>(row + (<usize>m << 2)))
    const first = b * perPositive
    for (let slot = first; slot < first + perPositive; slot++) {
      const empty = load<i32>(picked + (<usize>(slot * pickedHops) << 2)) < 0
      const logit = empty ? NEVER : scale * load<f32>(negative + (<usize>slot << 2))
      store<f32>(negativeOut + (<usize>slot << 2), logit)
      largest = max(largest, logit)
    }
    const base = Mathf.exp(own - largest)
    let total = base
    for (let slot = first; slot < first + perPositive; slot++) {
      const target = negativeOut + (<usize>slot << 2)
      const term = Mathf.exp(load<f32>(target) - largest)
      store<f32>(target, term)
      total += term
    }
    for (let m = 0; m < width; m++) {
      const target = row + (<usize>m << 2)
      const term = load<f32>(counts + (<usize>m << 2)) * Mathf.exp(load<f32>(target) - largest)
      store<f32>(target, term)
      total += term
    }
    const weight = weights ? load<f32>(weights + at) : <f32>1
    const factor = weight * scale / <f32>batchSize
    for (let slot = first; slot < first + perPositive; slot++) {
      const target = negativeOut + (<usize>slot << 2)
      store<f32>(target, factor * (load<f32>(target) / total))
    }
    for (let m = 0; m < width; m++) {
      const target = row + (<usize>m << 2)
      store<f32>(target, factor * (load<f32>(target) / total))
    }
    store<f32>(positiveOut + at, factor * (base / total - 1))
    store<f32>(loss + at, weight * (largest - own + Mathf.log(total)))
  }
}

/** Takes every place of an item out of a row of logits. */
// @ts-ignore: decorator
@inline
function hide(item: i32, row: usize, heads: usize, next: usize): void {
  for (let m = load<i32>(heads + (<usize>item << 2)); m >= 0; m = load<i32>(next + (<usize>m << 2))) {
    store<f32>(row + (<usize>m << 2), NEVER)
  }
}

/** In place: x ← exp(scale · x − scale), 0 on the diagonal and in columns from `count` on; sums[row] = the row's sum. */
export function gaussianRows(
  begin: i32, end: i32, x: usize, columns: i32, count: i32, scale: f32, sums: usize,
): void {
  for (let row = begin; row < end; row++) {
    const first = x + ((<usize>row * columns) << 2)
    let sum: f32 = 0
    for (let column = 0; column < columns; column++) {
      const at = first + (<usize>column << 2)
      const value = column == row || column >= count ? <f32>0 : Mathf.exp(scale * load<f32>(at) - scale)
      store<f32>(at, value)
      sum += value
    }
    store<f32>(sums + (<usize>row << 2), sum)
  }
}

export function log(x: f32): f32 {
  return Mathf.log(x)
}
