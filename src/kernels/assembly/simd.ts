// Small inlined helpers, most of them over f32x4. Every sum has one order, so the same input gives the same bits everywhere.

/** The sum of the four lanes. */
// @ts-ignore: decorator
@inline
export function sumLanes(v: v128): f32 {
  return (
    f32x4.extract_lane(v, 0) + f32x4.extract_lane(v, 1) + (f32x4.extract_lane(v, 2) + f32x4.extract_lane(v, 3))
  )
}

/** Inner product of two rows of `count` floats, a multiple of 4. */
// @ts-ignore: decorator
@inline
export function dot(a: usize, b: usize, count: i32): f32 {
  let s0 = f32x4.splat(0)
  let s1 = s0
  let s2 = s0
  let s3 = s0
  const end16 = a + (<usize>(count & ~15) << 2)
  const end = a + (<usize>count << 2)
  while (a < end16) {
    s0 = f32x4.add(s0, f32x4.mul(v128.load(a), v128.load(b)))
    s1 = f32x4.add(s1, f32x4.mul(v128.load(a, 16), v128.load(b, 16)))
    s2 = f32x4.add(s2, f32x4.mul(v128.load(a, 32), v128.load(b, 32)))
    s3 = f32x4.add(s3, f32x4.mul(v128.load(a, 48), v128.load(b, 48)))
    a += 64
    b += 64
  }
  while (a < end) {
    s0 = f32x4.add(s0, f32x4.mul(v128.load(a), v128.load(b)))
    a += 16
    b += 16
  }
  return sumLanes(f32x4.add(f32x4.add(s0, s1), f32x4.add(s2, s3)))
}

/** target += scale · source, rows of `count` floats, a multiple of 4. */
// @ts-ignore: decorator
@inline
export function addScaled(target: usize, source: usize, scale: f32, count: i32): void {
  const factor = f32x4.splat(scale)
  const end = target + (<usize>count << 2)
  while (target < end) {
    v128.store(target, f32x4.add(v128.load(target), f32x4.mul(factor, v128.load(source))))
    target += 16
    source += 16
  }
}

/** 1 / (1 + exp(−x)) without overflow. */
// @ts-ignore: decorator
@inline
export function sigmoid(x: f32): f32 {
  const e = Mathf.exp(-abs(x))
  return (x >= 0 ? <f32>1 : e) / (1 + e)
}

/** Zeros a row of `bytes`, a multiple of 16. */
// @ts-ignore: decorator
@inline
export function clear(row: usize, bytes: usize): void {
  for (const end = row + bytes; row < end; row += 16) v128.store(row, f32x4.splat(0))
}
