// Rows of the inverse P that an elimination left out. A pivot v with entries A_vi when its turn came has
//   P_vj = −Σ_i A_vi P_ij / A_vv     P_vv = (1 − Σ_i A_vi P_iv) / A_vv
// over the rows i behind it. Pivots come from the last one on, so that these rows are known. Columns of rows that are left
// come TILE at a time, copied to a table that stays in a cache. (`spmm` would need batches of pivots without entries in each
// other's columns.)
import { sumRow } from './linear'

const TILE: i32 = 32

export function recoveredColumns(): i32 {
  return TILE
}

/**
 * P_vj for tiles of columns base + begin … base + end − 1, and P_jv; what this leaves in columns of pivots is not theirs yet.
 * @param matrix P [n × stride] as far as both row and column are among the `count` rows `left`
 * @param pivots their rows, the last one first, with −A_vi / A_vv in the rows of a sparse matrix; @param table [n × TILE] scratch
 */
export function recoverRows(
  begin: i32, end: i32, base: i32, matrix: usize, n: i32, stride: i32, left: usize, count: i32, pivots: usize, pivotCount: i32,
  offsets: usize, indices: usize, factors: usize, table: usize,
): void {
  const rowBytes = <usize>stride << 2
  for (let tile = base + begin; tile < base + end; tile++) {
    const first = tile * TILE
    const columns = matrix + (<usize>first << 2)
    const width = <usize>min(TILE, stride - first) << 2
    const inside = min(TILE, n - first)
    for (let k = 0; k < count; k++) {
      const row = <usize>load<i32>(left + (<usize>k << 2))
      copyRow(table + row * (TILE << 2), columns + row * rowBytes, width)
    }
    for (let v = 0; v < pivotCount; v++) {
      const row = <usize>load<i32>(pivots + (<usize>v << 2))
      const at = offsets + (<usize>v << 2)
      const own = table + row * (TILE << 2)
      sumRow(load<i32>(at), load<i32>(at, 4), indices, factors, table, TILE, own, 0)
      copyRow(columns + row * rowBytes, own, width)
    }
    // the other triangle, a row at a time, which stays in a cache
    for (let c = 0; c < inside; c++) {
      const mirrored = matrix + <usize>(first + c) * rowBytes
      const from = table + (<usize>c << 2)
      for (let v = pivots, last = pivots + (<usize>pivotCount << 2); v < last; v += 4) {
        const row = <usize>load<i32>(v)
        store<f32>(mirrored + (row << 2), load<f32>(from + row * (TILE << 2)))
      }
    }
  }
}

// @ts-ignore: decorator
@inline
function copyRow(to: usize, from: usize, bytes: usize): void {
  for (let at: usize = 0; at < bytes; at += 16) v128.store(to + at, v128.load(from + at))
}

/** P_vw of pivot w and those before it, a row for all of them; what they take from it is there when their turn comes. */
export function recoverPivot(
  w: i32, matrix: usize, stride: i32, pivots: usize, pivotCount: i32, inverses: usize, offsets: usize, indices: usize,
  factors: usize,
): void {
  const rowBytes = <usize>stride << 2
  const row = <usize>load<i32>(pivots + (<usize>w << 2))
  const own = matrix + row * rowBytes
  for (let v = w; v < pivotCount; v++) {
    const other = <usize>load<i32>(pivots + (<usize>v << 2))
    const at = offsets + (<usize>v << 2)
    let sum = sumAt(own, indices, factors, load<i32>(at), load<i32>(at, 4))
    if (v == w) sum += load<f32>(inverses + (<usize>v << 2))
    store<f32>(own + (other << 2), sum)
    store<f32>(matrix + other * rowBytes + (row << 2), sum)
  }
}

/** Σ factors[e] · row[indices[e]] for e in first … last − 1, four sums side by side. */
function sumAt(row: usize, indices: usize, factors: usize, first: i32, last: i32): f32 {
  let s0: f32 = 0, s1: f32 = 0, s2: f32 = 0, s3: f32 = 0
  let e = first
  for (; e + 4 <= last; e += 4) {
    const at = indices + (<usize>e << 2), by = factors + (<usize>e << 2)
    s0 += load<f32>(by) * load<f32>(row + (<usize>load<i32>(at) << 2))
    s1 += load<f32>(by, 4) * load<f32>(row + (<usize>load<i32>(at, 4) << 2))
    s2 += load<f32>(by, 8) * load<f32>(row + (<usize>load<i32>(at, 8) << 2))
    s3 += load<f32>(by, 12) * load<f32>(row + (<usize>load<i32>(at, 12) << 2))
  }
  for (; e < last; e++) {
    s0 += load<f32>(factors + (<usize>e << 2)) * load<f32>(row + (<usize>load<i32>(indices + (<usize>e << 2)) << 2))
  }
  return s0 + s1 + (s2 + s3)
}
