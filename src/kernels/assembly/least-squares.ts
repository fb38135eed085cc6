// Rows of a ridge regression on the rows of another table, by steps of the conjugate gradient: see `improveRows`.
import { addScaled, clear, dot } from './simd'

/** Below it a residual counts as none. */
const SOLVED: f32 = 1e-20

/** @param scratch [3 × dimensions], for one thread */
export function improveRows(
  begin: i32, end: i32, x: usize, y: usize, offsets: usize, indices: usize, values: usize, gram: usize,
  ridges: usize, dimensions: i32, steps: i32, scratch: usize,
): void {
  const bytes = <usize>dimensions << 2
  const residual = scratch
  const direction = scratch + bytes
  const image = direction + bytes
  for (let row = begin; row < end; row++) {
    const own = x + <usize>row * bytes
    const first = load<i32>(offsets + (<usize>row << 2))
    const last = load<i32>(offsets + (<usize>row << 2), 4)
    const weight = load<f32>(ridges + (<usize>row << 2))
    apply(own, image, y, indices, values, first, last, gram, dimensions, weight)
    clear(residual, bytes)
    for (let e = first; e < last; e++) {
      addScaled(residual, partner(y, indices, e, bytes), weightOf(values, e), dimensions)
    }
    addScaled(residual, image, -1, dimensions)
    memory.copy(direction, residual, bytes)
    let squares = dot(residual, residual, dimensions)
    for (let step = 0; step < steps && squares > SOLVED; step++) {
      apply(direction, image, y, indices, values, first, last, gram, dimensions, weight)
      const length = squares / dot(direction, image, dimensions)
      addScaled(own, direction, length, dimensions)
      addScaled(residual, image, -length, dimensions)
      const next = dot(residual, residual, dimensions)
      turn(direction, residual, next / squares, dimensions)
      squares = next
    }
  }
}

/** out = (gram + Σ_e c_e y_e y_eᵀ + ridge I) v */
function apply(
  v: usize, out: usize, y: usize, indices: usize, values: usize, first: i32, last: i32, gram: usize, dimensions: i32, ridge: f32,
): void {
  const bytes = <usize>dimensions << 2
  let column = 0
  for (; column + 32 <= dimensions; column += 32) gramStrip32(v, out, gram, bytes, column, ridge)
  for (; column < dimensions; column += 4) gramStrip4(v, out, gram, bytes, column, ridge)
  for (let e = first; e < last; e++) {
    const other = partner(y, indices, e, bytes)
    addScaled(out, other, weightOf(values, e) * dot(other, v, dimensions), dimensions)
  }
}

/** Of an entry: 1 where there are no values. */
// @ts-ignore: decorator
@inline
function weightOf(values: usize, entry: i32): f32 {
  return values ? load<f32>(values + (<usize>entry << 2)) : <f32>1
}

// @ts-ignore: decorator
@inline
function partner(y: usize, indices: usize, entry: i32, bytes: usize): usize {
  return y + <usize>load<i32>(indices + (<usize>entry << 2)) * bytes
}

/** direction = residual + factor · direction */
function turn(direction: usize, residual: usize, factor: f32, dimensions: i32): void {
  const scale = f32x4.splat(factor)
  const end = direction + (<usize>dimensions << 2)
  while (direction < end) {
    v128.store(direction, f32x4.add(v128.load(residual), f32x4.mul(scale, v128.load(direction))))
    direction += 16
    residual += 16
  }
}

/** Columns column … column + 31 of out = (gram + ridge I) v; gram is symmetric, so that its rows are read as columns, with no sums across lanes. */
function gramStrip32(v: usize, out: usize, gram: usize, bytes: usize, column: i32, ridge: f32): void {
  const at = <usize>column << 2
  const own = v + at
  const factor = f32x4.splat(ridge)
  let a0 = f32x4.mul(factor, v128.load(own)), a1 = f32x4.mul(factor, v128.load(own, 16))
  let a2 = f32x4.mul(factor, v128.load(own, 32)), a3 = f32x4.mul(factor, v128.load(own, 48))
  let a4 = f32x4.mul(factor, v128.load(own, 64)), a5 = f32x4.mul(factor, v128.load(own, 80))
  let a6 = f32x4.mul(factor, v128.load(own, 96)), a7 = f32x4.mul(factor, v128.load(own, 112))
  let p = gram + at
  for (let d = v, end = v + bytes; d < end; d += 4, p += bytes) {
    const x = v128.load32_splat(d)
    a0 = f32x4.add(a0, f32x4.mul(x, v128.load(p)))
    a1 = f32x4.add(a1, f32x4.mul(x, v128.load(p, 16)))
    a2 = f32x4.add(a2, f32x4.mul(x, v128.load(p, 32)))
    a3 = f32x4.add(a3, f32x4.mul(x, v128.load(p, 48)))
    a4 = f32x4.add(a4, f32x4.mul(x, v128.load(p, 64)))
    a5 = f32x4.add(a5, f32x4.mul(x, v128.load(p, 80)))
    a6 = f32x4.add(a6, f32x4.mul(x, v128.load(p, 96)))
    a7 = f32x4.add(a7, f32x4.mul(x, v128.load(p, 112)))
  }
  const o = out + at
  v128.store(o, a0); v128.store(o, a1, 16); v128.store(o, a2, 32); v128.store(o, a3, 48)
  v128.store(o, a4, 64); v128.store(o, a5, 80); v128.store(o, a6, 96); v128.store(o, a7, 112)
}

function gramStrip4(v: usize, out: usize, gram: usize, bytes: usize, column: i32, ridge: f32): void {
  const at = <usize>column << 2
  let sum = f32x4.mul(f32x4.splat(ridge), v128.load(v + at))
  let p = gram + at
  for (let d = v, end = v + bytes; d < end; d += 4, p += bytes) {
    sum = f32x4.add(sum, f32x4.mul(v128.load32_splat(d), v128.load(p)))
  }
  v128.store(out + at, sum)
}
