// The subtraction of dense.ts, A_ij ← A_ij − V_i W_jᵀ, for two blocks of pivots at a time by Strassen's algorithm: 7 products
// in place of 8 ("Gaussian elimination is not optimal", Numerische Mathematik 13, 1969). As in Huang et al., "Strassen's
// algorithm reloaded" (SC 2016), factors are sums of packed panels, and a product goes from the registers to the two places
// where it is needed; but the sums of all panels are made once. For a square of SIDE rows and columns, in halves,
//   A₁₁ A₁₂   V₁ V₂ of the upper rows     B₁₁ B₁₂   W₁ᵀ of the left and right columns
//   A₂₁ A₂₂   V₁ V₂ of the lower rows     B₂₁ B₂₂   W₂ᵀ
// One level, since a second has sums twice as large to keep and twice the places to add to.
import { addProduct, BLOCK, KEPT, NEGATED, PANEL_BYTES, subtractPanels } from './panels'

/** Rows and columns of a square; divides the pivots of two blocks. */
const SIDE: i32 = 256
const HALF: i32 = SIDE / 2
const HALF_BYTES: usize = <usize>(HALF >> 3) * PANEL_BYTES

export function strassenSide(): i32 {
  return SIDE
}

/** Bytes of the five sums of V or of W that are no panels themselves. */
export function strassenBytes(squares: i32): usize {
  return 5 * <usize>squares * HALF_BYTES
}

/** The first panel of a square, of those beside the pivots, which begin at square `pivots`. */
// @ts-ignore: decorator
@inline
function panelOf(square: i32, pivots: i32): i32 {
  return (square < pivots ? square : square + 2 * BLOCK / SIDE) * (SIDE >> 3)
}

/**
 * The sums of panels, those of V where `left` is not 0, of W else, for halves begin … end − 1 of all squares' panels.
 * @param first packed panels of the first block; @param second of the second
 */
export function sumStrassenPanels(
  begin: i32, end: i32, squares: i32, pivots: i32, first: usize, second: usize, left: i32, sums: usize,
): void {
  const all = <usize>squares * HALF_BYTES
  for (let panel = begin; panel < end; panel++) {
    const square = panel / (HALF >> 3)
    const upper = <usize>(panelOf(square, pivots) + panel % (HALF >> 3)) * PANEL_BYTES
    const p = first + upper, q = second + upper
    const out = sums + <usize>panel * PANEL_BYTES
    for (let at: usize = 0; at < PANEL_BYTES; at += 16) {
      const p1 = v128.load(p + at), q1 = v128.load(q + at)
      const p2 = v128.load(p + HALF_BYTES + at), q2 = v128.load(q + HALF_BYTES + at)
      let to = out + at
      v128.store(to, f32x4.add(p1, q2))
      to += all
      v128.store(to, left ? f32x4.add(p2, q2) : f32x4.sub(p2, q2))
      to += all
      v128.store(to, left ? f32x4.add(p1, q1) : f32x4.sub(q1, p1))
      to += all
      v128.store(to, left ? f32x4.sub(p2, p1) : f32x4.add(p1, p2))
      to += all
      v128.store(to, left ? f32x4.sub(q1, q2) : f32x4.add(q1, q2))
    }
  }
}

/**
 * Squares begin … end − 1 of the lower triangle, row by row of squares; those on the diagonal, of which one triangle counts, in
 * the ordinary way.
 * @param v1, v2, w1, w2 packed panels of both blocks; @param vs, ws their sums; @param tile 32 floats of scratch
 */
export function subtractStrassen(
  begin: i32, end: i32, matrix: usize, stride: i32, n: i32, squares: i32, pivots: i32, v1: usize, v2: usize, vs: usize,
  w1: usize, w2: usize, ws: usize, tile: usize,
): void {
  let i = <i32>((sqrt(8 * <f64>begin + 1) - 1) / 2)
  let j = begin - i * (i + 1) / 2
  const all = <usize>squares * HALF_BYTES
  const rowBytes = <usize>stride << 2
  const down = <usize>HALF * rowBytes
  const right: usize = HALF << 2
  for (let square = begin; square < end; square++) {
    const row = panelOf(i, pivots), column = panelOf(j, pivots)
    const rows = <usize>row * PANEL_BYTES, columns = <usize>column * PANEL_BYTES
    if (i == j) {
      subtractDiagonal(row, v1, w1, matrix, stride, n, tile)
      subtractDiagonal(row, v2, w2, matrix, stride, n, tile)
    } else {
      const c11 = matrix + ((<usize>(row << 3) * stride + (column << 3)) << 2)
      const c12 = c11 + right, c21 = c11 + down, c22 = c21 + right
      const a = vs + <usize>i * HALF_BYTES, b = ws + <usize>j * HALF_BYTES
      multiplyHalves(a, b, c11, NEGATED, c22, NEGATED, rowBytes)
      multiplyHalves(a + all, w1 + columns, c21, NEGATED, c22, KEPT, rowBytes)
      multiplyHalves(v1 + rows, b + all, c12, NEGATED, c22, NEGATED, rowBytes)
      multiplyHalves(v2 + rows + HALF_BYTES, b + 2 * all, c11, NEGATED, c21, NEGATED, rowBytes)
      multiplyHalves(a + 2 * all, w2 + columns + HALF_BYTES, c11, KEPT, c12, NEGATED, rowBytes)
      multiplyHalves(a + 3 * all, b + 3 * all, c22, NEGATED, 0, 0, rowBytes)
      multiplyHalves(a + 4 * all, b + 4 * all, c11, NEGATED, 0, 0, rowBytes)
    }
    if (j == i) {
      i++
      j = 0
    } else j++
  }
}

function subtractDiagonal(first: i32, v: usize, w: usize, matrix: usize, stride: i32, n: i32, tile: usize): void {
  for (let i = first; i < first + (SIDE >> 3); i++) {
    const own = v + <usize>i * PANEL_BYTES
    for (let j = first; j <= i; j++) {
      subtractPanels(own, w + <usize>j * PANEL_BYTES, BLOCK, matrix, stride, n, i << 3, j << 3, tile)
    }
  }
}

/** Adds the product of two factors of HALF rows, with its signs, at c and, unless it is 0, at d. */
function multiplyHalves(
  a: usize, b: usize, c: usize, sign: i32, d: usize, other: i32, rowBytes: usize,
): void {
  for (const stop = a + HALF_BYTES; a < stop; a += PANEL_BYTES) {
    for (let at: usize = 0, panel = b; at < <usize>HALF << 2; at += 32, panel += PANEL_BYTES) {
      addProduct(a, panel, BLOCK, c + at, sign, d ? d + at : 0, other, rowBytes)
      addProduct(a + 16, panel, BLOCK, c + at + 4 * rowBytes, sign, d ? d + at + 4 * rowBytes : 0, other, rowBytes)
    }
    c += 8 * rowBytes
    if (d) d += 8 * rowBytes
  }
}
