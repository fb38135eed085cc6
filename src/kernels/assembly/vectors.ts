// Rows of vectors: gather, scatter, inner products, unit vectors.
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
