// Rows of a ridge regression on the rows of another table, by steps of the conjugate gradient: see `improveRows`.
import { addScaled, dot } from './simd'

/** Below it a residual counts as none. */
const SOLVED: f32 = 1e-20

/** @param scratch [3 × dimensions], for one thread */
export function improveRows(
  begin: i32, end: i32, x: usize, y: usize, offsets: usize, indices: usize, values: usize, gram: usize, dimensions: i32,
  ridge: f32, ridgePerEntry: f32, steps: i32, scratch: usize,
): void {
  const bytes = <usize>dimensions << 2
  const residual = scratch
  const direction = scratch + bytes
  const image = direction + bytes
  for (let row = begin; row < end; row++) {
    const own = x + <usize>row * bytes
    const first = load<i32>(offsets + (<usize>row << 2))
    const last = load<i32>(offsets + (<usize>row << 2), 4)
    let total: f32 = 0
    for (let e = first; e < last; e++) total += weightOf(values, e)
    const weight = ridge + ridgePerEntry * total
    apply(own, image, y, indices, values, first, last, gram, dimensions, weight)
    memory.fill(residual, 0, bytes)
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
  for (let d = 0; d < dimensions; d++) {
    const at = <usize>d << 2
    store<f32>(out + at, ridge * load<f32>(v + at) + dot(gram + <usize>d * bytes, v, dimensions))
  }
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
