// Products of packed panels: 8 rows of a factor [n × BLOCK] each, [BLOCK][8]; a tile of 4 × 8 sums in eight registers.

/** Rows of a pivot block; W_j of a panel (8 KiB) stays in the L1 cache. A multiple of 8. */
export const BLOCK: i32 = 256
export const PANEL_BYTES: usize = BLOCK * 32

/** A_ij ← A_ij − V_i W_jᵀ for the 8 × 8 elements of two panels, as far as they lie inside. */
export function subtractPanels(
  v: usize, w: usize, depth: i32, matrix: usize, stride: i32, n: i32, row: i32, column: i32, tile: usize,
): void {
  if (row + 8 <= n && column + 8 <= n) {
    const at = matrix + ((<usize>row * stride + column) << 2)
    const rowBytes = <usize>stride << 2
    addProduct(v, w, depth, at, NEGATED, 0, 0, rowBytes)
    addProduct(v + 16, w, depth, at + 4 * rowBytes, NEGATED, 0, 0, rowBytes)
    return
  }
  for (let half: i32 = 0; half < 8; half += 4) {
    multiplyTile(v + (<usize>half << 2), w, depth, tile)
    subtractTile(matrix, stride, n, row + half, column, tile)
  }
}

/** The bits that change the sign of a float, or none. */
export const NEGATED: i32 = 0x80000000
export const KEPT: i32 = 0

/**
 * Adds Σ_k a[k][0 … 3] ⊗ b[k][0 … 7], k in order, to a tile [4 × 8] at c and, unless it is 0, another at d; a and b have rows of 8.
 * @param depth number of rows, at least 1
 * @param sign of what is added to c: `KEPT` or `NEGATED`; @param other that of d; @param rowBytes from one row to the next, of both
 */
export function addProduct(
  a: usize, b: usize, depth: i32, c: usize, sign: i32, d: usize, other: i32, rowBytes: usize,
): void {
  let s00 = f32x4.splat(0), s01 = s00, s10 = s00, s11 = s00, s20 = s00, s21 = s00, s30 = s00, s31 = s00
  // counted down: 8 % faster in V8 than comparing b with an end
  let left = depth
  do {
    const low = v128.load(b)
    const high = v128.load(b, 16)
    const a0 = v128.load32_splat(a)
    s00 = f32x4.add(s00, f32x4.mul(a0, low))
    s01 = f32x4.add(s01, f32x4.mul(a0, high))
    const a1 = v128.load32_splat(a, 4)
    s10 = f32x4.add(s10, f32x4.mul(a1, low))
    s11 = f32x4.add(s11, f32x4.mul(a1, high))
    const a2 = v128.load32_splat(a, 8)
    s20 = f32x4.add(s20, f32x4.mul(a2, low))
    s21 = f32x4.add(s21, f32x4.mul(a2, high))
    const a3 = v128.load32_splat(a, 12)
    s30 = f32x4.add(s30, f32x4.mul(a3, low))
    s31 = f32x4.add(s31, f32x4.mul(a3, high))
    a += 32
    b += 32
  } while (--left)
  const flip = i32x4.splat(sign)
  addRow(c, s00, s01, flip)
  addRow(c + rowBytes, s10, s11, flip)
  addRow(c + 2 * rowBytes, s20, s21, flip)
  addRow(c + 3 * rowBytes, s30, s31, flip)
  if (!d) return
  const flipOther = i32x4.splat(other)
  addRow(d, s00, s01, flipOther)
  addRow(d + rowBytes, s10, s11, flipOther)
  addRow(d + 2 * rowBytes, s20, s21, flipOther)
  addRow(d + 3 * rowBytes, s30, s31, flipOther)
}

// @ts-ignore: decorator
@inline
function addRow(to: usize, low: v128, high: v128, flip: v128): void {
  v128.store(to, f32x4.add(v128.load(to), v128.xor(low, flip)))
  v128.store(to, f32x4.add(v128.load(to, 16), v128.xor(high, flip)), 16)
}

/** out[4][8] = Σ_k a[k][0 … 3] ⊗ b[k][0 … 7]. */
export function multiplyTile(a: usize, b: usize, depth: i32, out: usize): void {
  memory.fill(out, 0, 128)
  addProduct(a, b, depth, out, KEPT, 0, 0, 32)
}

/** Subtracts a tile [4 × 8] from the matrix at (row, column), as far as it lies inside. */
function subtractTile(matrix: usize, stride: i32, n: i32, row: i32, column: i32, tile: usize): void {
  const columns = min(8, n - column)
  for (const end = min(row + 4, n); row < end; row++, tile += 32) {
    const at = matrix + ((<usize>row * stride + column) << 2)
    if (columns == 8) {
      v128.store(at, f32x4.sub(v128.load(at), v128.load(tile)))
      v128.store(at, f32x4.sub(v128.load(at, 16), v128.load(tile, 16)), 16)
    } else {
      for (let c: usize = 0; c < <usize>columns << 2; c += 4) store<f32>(at + c, load<f32>(at + c) - load<f32>(tile + c))
    }
  }
}
