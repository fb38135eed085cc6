// The dense product, in tiles of 4 rows × 8 columns that are held in registers: B × D by D × 256 takes 1.25 ms, row by row
// in strips of 4 columns 4.1 ms (B = 2,048, D = 64, one thread).
import { addScaled } from './simd'

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

/**
 * The same for an a of which most is zero: what is zero is passed over, and the sums are those of `multiply` to the bit. Where a is
 * transposed (rowStep 4), its rows are gone through once for all rows of c.
 */
export function multiplySparse(
  begin: i32, end: i32, a: usize, rowStep: usize, step: usize, b: usize, c: usize, inner: i32, columns: i32,
): void {
  const rowBytes = <usize>columns << 2
  memory.fill(c + <usize>begin * rowBytes, 0, <usize>(end - begin) * rowBytes)
  if (step == 4) {
    for (let row = begin; row < end; row++) {
      addRow(a + <usize>row * rowStep, inner, b, rowBytes, c + <usize>row * rowBytes, 0, columns)
    }
    return
  }
  for (let k = 0; k < inner; k++) {
    const from = a + <usize>k * step + (<usize>begin << 2)
    addRow(from, end - begin, b + <usize>k * rowBytes, 0, c + <usize>begin * rowBytes, rowBytes, columns)
  }
}

/** For each value v of `count` that is not 0: c += v · b; after each value b and c move on by their steps. */
function addRow(values: usize, count: i32, b: usize, bStep: usize, c: usize, cStep: usize, columns: i32): void {
  const zero = f32x4.splat(0)
  for (let k = 0; k < count; k++) {
    const at = values + (<usize>k << 2)
    if (k + 4 <= count && !v128.any_true(f32x4.ne(v128.load(at), zero))) {
      k += 3
      continue
    }
    const value = load<f32>(at)
    if (value != 0) addScaled(c + <usize>k * cStep, b + <usize>k * bStep, value, columns)
  }
}
