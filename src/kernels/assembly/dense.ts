// The inverse of a symmetric positive definite matrix A [n × n], in place: the block sweep (Goodnight, "A tutorial on
// the SWEEP operator", The American Statistician 33, 1979), which is Gauss–Jordan elimination on one triangle.
//
// For a pivot block K let P = A_KK, W_i = A_iK for the rows i outside K, and V_i = W_i P⁻¹. The sweep of K is
//   A_ij ← A_ij − V_i W_jᵀ     A_iK ← V_i     A_KK ← −P⁻¹
// and when every block had its turn A holds −A⁻¹. A stays symmetric throughout, so that only the lower triangle is
// kept: n³/2 multiply-adds, nearly all of them in the first formula. P itself is swept one pivot at a time; its pivots
// are those of A = L D Lᵀ, so they are positive exactly when A is positive definite, and then the updates of swept rows
// only ever add squares: no pivoting is needed.
//
// Nor need A lie in one piece: the sweeps of a group of pivots first change the group's own columns, and leave W and V of
// each block behind; any rows of A can then be brought in, changed by all of them in turn, and taken out again. Every
// element has the same operations in the same order, so the bits are the same as those of one piece without Strassen's
// algorithm (./strassen.ts).
//
// `matrix` is where element (0, 0) would lie, rows `stride` floats apart: what is there may be some rows or columns of A.
//
// W and V are packed in panels of 8 rows, [n / 8][BLOCK][8], so that a tile of 4 × 8 sums in eight registers and loads
// six operands a step. A panel is the unit that threads may share out: every element has one sum in one order.

import { BLOCK, multiplyTile, PANEL_BYTES, subtractPanels } from './panels'

/** Panels of W that stay in the L2 cache while all panels of V pass. */
const GROUP: i32 = 32

export function sweepBlockSize(): i32 {
  return BLOCK
}

/**
 * Sweeps A_KK, K = first … first + count − 1, and leaves P⁻¹ in `inverse`, packed in panels.
 * @param block [BLOCK × BLOCK] scratch; @param row [BLOCK] scratch
 * @returns −1, or the pivot in K that is not positive; its value is block[pivot][pivot]
 */
export function sweepPivotBlock(
  matrix: usize, stride: i32, first: i32, count: i32, block: usize, row: usize, inverse: usize,
): i32 {
  const source = matrix + ((<usize>first * stride + first) << 2)
  const sourceBytes = <usize>stride << 2
  const blockBytes = <usize>BLOCK << 2
  for (let i = 0; i < count; i++) {
    memory.copy(block + <usize>i * blockBytes, source + <usize>i * sourceBytes, <usize>(i + 1) << 2)
  }
  for (let k = 0; k < count; k++) {
    if (!(element(block, k, k) > 0)) return k
    sweepPivot(block, count, k, row)
  }
  for (let i = 0; i < count; i++) {
    memory.copy(source + <usize>i * sourceBytes, block + <usize>i * blockBytes, <usize>(i + 1) << 2)
    for (let j = 0; j <= i; j++) {
      const value = -element(block, i, j)
      store<f32>(packed(inverse, i, j), value)
      store<f32>(packed(inverse, j, i), value)
    }
  }
  return -1
}

/** The sweep of one pivot: w is its row, v_i = w_i / p. */
function sweepPivot(block: usize, count: i32, k: i32, row: usize): void {
  const pivot = element(block, k, k)
  for (let j = 0; j < count; j++) store<f32>(row + (<usize>j << 2), j < k ? element(block, k, j) : element(block, j, k))
  store<f32>(row + (<usize>k << 2), 0)
  for (let i = 0; i < count; i++) {
    const v = f32x4.splat(load<f32>(row + (<usize>i << 2)) / pivot)
    let at = block + (<usize>(i * BLOCK) << 2)
    // runs over into the upper triangle, which is never read
    for (let w = row, end = row + (<usize>i << 2); w <= end; w += 16, at += 16) {
      v128.store(at, f32x4.sub(v128.load(at), f32x4.mul(v, v128.load(w))))
    }
  }
  for (let j = 0; j < count; j++) {
    store<f32>(elementAt(block, max(j, k), min(j, k)), load<f32>(row + (<usize>j << 2)) / pivot)
  }
  store<f32>(elementAt(block, k, k), -1 / pivot)
}

// @ts-ignore: decorator
@inline
function elementAt(block: usize, i: i32, j: i32): usize {
  return block + (<usize>(i * BLOCK + j) << 2)
}

// @ts-ignore: decorator
@inline
function element(block: usize, i: i32, j: i32): f32 {
  return load<f32>(elementAt(block, i, j))
}

/** Where packed panels hold column k of row i. */
// @ts-ignore: decorator
@inline
function packed(panels: usize, i: i32, k: i32): usize {
  return panels + <usize>(i >> 3) * PANEL_BYTES + (<usize>((k << 3) + (i & 7)) << 2)
}

/** Whether a panel's rows belong to the pivot block. */
// @ts-ignore: decorator
@inline
function isPivot(panel: i32, first: i32, count: i32): bool {
  return panel << 3 >= first && panel << 3 < first + count
}

/** w ← W for panels begin … end − 1; rows `from` … first − 1 lie in the pivots' rows, as columns. */
export function packSweepPanels(
  begin: i32, end: i32, matrix: usize, stride: i32, n: i32, from: i32, first: i32, count: i32, w: usize,
): void {
  const rowBytes = <usize>stride << 2
  for (let panel = begin; panel < end; panel++) {
    if (isPivot(panel, first, count)) continue
    const row = panel << 3
    let out = w + <usize>panel * PANEL_BYTES
    if (row >= from && row < first) {
      let source = matrix + ((<usize>first * stride + row) << 2)
      for (let k = 0; k < count; k++, source += rowBytes, out += 32) {
        v128.store(out, v128.load(source))
        v128.store(out, v128.load(source, 16), 16)
      }
    } else {
      const source = matrix + ((<usize>row * stride + first) << 2)
      for (let lane = 0; lane < min(8, n - row); lane++) {
        for (let k = 0; k < count; k++) {
          store<f32>(out + (<usize>(k * 8 + lane) << 2), load<f32>(source + <usize>lane * rowBytes + (<usize>k << 2)))
        }
      }
    }
  }
}

/** The way back: A_iK ← v. */
export function storeSweepPanels(
  begin: i32, end: i32, matrix: usize, stride: i32, n: i32, from: i32, first: i32, count: i32, v: usize,
): void {
  const rowBytes = <usize>stride << 2
  for (let panel = begin; panel < end; panel++) {
    if (isPivot(panel, first, count)) continue
    const row = panel << 3
    let source = v + <usize>panel * PANEL_BYTES
    if (row >= from && row < first) {
      let out = matrix + ((<usize>first * stride + row) << 2)
      for (let k = 0; k < count; k++, source += 32, out += rowBytes) {
        v128.store(out, v128.load(source))
        v128.store(out, v128.load(source, 16), 16)
      }
    } else {
      const out = matrix + ((<usize>row * stride + first) << 2)
      for (let lane = 0; lane < min(8, n - row); lane++) {
        for (let k = 0; k < count; k++) {
          store<f32>(out + <usize>lane * rowBytes + (<usize>k << 2), load<f32>(source + (<usize>(k * 8 + lane) << 2)))
        }
      }
    }
  }
}

/** v ← W P⁻¹ for panels begin … end − 1. */
export function multiplySweepPanels(
  begin: i32, end: i32, first: i32, count: i32, w: usize, inverse: usize, v: usize,
): void {
  for (let panel = begin; panel < end; panel++) {
    if (isPivot(panel, first, count)) continue
    const own = <usize>panel * PANEL_BYTES
    // P⁻¹ is symmetric, so four of its rows times W_iᵀ are four columns of V_i, as they stand in a panel
    for (let k = 0; k < count; k += 4) multiplyTile(packed(inverse, k, 0), w + own, count, v + own + (<usize>k << 5))
  }
}

/**
 * A_ij ← A_ij − V_i W_jᵀ for rows i in panels base + begin … base + end − 1 and columns j ≤ i in panels from … to − 1, with
 * neither among rows first … first + count − 1. Rows above `from` have all of these columns, as what is A_ji below the
 * diagonal: V and W change places.
 * @param depth columns of W and V; @param tile 32 floats of scratch
 */
export function subtractSweepPanels(
  begin: i32, end: i32, base: i32, matrix: usize, stride: i32, n: i32, from: i32, to: i32, first: i32, count: i32,
  depth: i32, w: usize, v: usize, tile: usize,
): void {
  for (let group = from; group < to; group += GROUP) {
    for (let i = base + begin; i < base + end; i++) {
      if (isPivot(i, first, count)) continue
      const above = i < from
      const own = (above ? w : v) + <usize>i * PANEL_BYTES
      const others = above ? v : w
      for (let j = group, stop = min(group + GROUP, above ? to : min(to, i + 1)); j < stop; j++) {
        if (isPivot(j, first, count)) continue
        const other = others + <usize>j * PANEL_BYTES
        subtractPanels(own, other, depth, matrix, stride, n, i << 3, j << 3, tile)
      }
    }
  }
}

/** The last step: −A to both triangles, for rows of panels begin … end − 1 and the columns that mirror them. */
export function mirrorNegated(begin: i32, end: i32, matrix: usize, n: i32): void {
  for (let panel = begin; panel < end; panel++) {
    const row = panel << 3
    for (let j = 0; j < min(row + 8, n); j++) {
      for (let i = max(row, j); i < min(row + 8, n); i++) {
        const at = matrix + ((<usize>i * n + j) << 2)
        const value = -load<f32>(at)
        store<f32>(at, value)
        store<f32>(matrix + ((<usize>j * n + i) << 2), value)
      }
    }
  }
}
