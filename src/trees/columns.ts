/**
 * A tall block of vectors, a column an array, in f64: what the eigensolver needs of dense linear algebra. Every sum
 * runs in a fixed order. Four columns at a time, since one is bound by memory.
 */
import type { RandomStream } from '../random.ts'

export type Columns = readonly Float64Array[]

/** columns[c] · vector for the first `count` columns. */
export function dots(columns: Columns, count: number, vector: Float64Array): Float64Array {
  const out = new Float64Array(count)
  let c = 0
  for (; c + 4 <= count; c += 4) {
    const [a, b, d, e] = [columns[c], columns[c + 1], columns[c + 2], columns[c + 3]]
    let [sumA, sumB, sumD, sumE] = [0, 0, 0, 0]
    for (let row = 0; row < vector.length; row++) {
      const value = vector[row]
      sumA += a[row] * value
      sumB += b[row] * value
      sumD += d[row] * value
      sumE += e[row] * value
    }
    out.set([sumA, sumB, sumD, sumE], c)
  }
  for (; c < count; c++) for (let row = 0; row < vector.length; row++) out[c] += columns[c][row] * vector[row]
  return out
}

/** target += Σ_c scale · coefficients[c] · columns[c], one for each coefficient. */
export function addCombination(target: Float64Array, columns: Columns, coefficients: Float64Array, scale = 1): void {
  let c = 0
  for (; c + 4 <= coefficients.length; c += 4) {
    const [a, b, d, e] = [columns[c], columns[c + 1], columns[c + 2], columns[c + 3]]
    const fa = scale * coefficients[c]
    const fb = scale * coefficients[c + 1]
    const fd = scale * coefficients[c + 2]
    const fe = scale * coefficients[c + 3]
    for (let row = 0; row < target.length; row++) target[row] += fa * a[row] + fb * b[row] + fd * d[row] + fe * e[row]
  }
  for (; c < coefficients.length; c++) {
    const factor = scale * coefficients[c]
    for (let row = 0; row < target.length; row++) target[row] += factor * columns[c][row]
  }
}

/**
 * Makes the columns orthonormal in place, in their order: Gram–Schmidt, every column twice. A column that depends on
 * those before it gives way to a random one.
 * @source Giraud, Langou, Rozložník, van den Eshof, Numer. Math. 101 (2005): twice is enough
 */
export function orthonormalize(columns: Columns, random: RandomStream): void {
  columns.forEach((column, position) => {
    while (!orthonormalizeOne(columns, position)) fillRandomly(column, random)
  })
}

function orthonormalizeOne(columns: Columns, position: number): boolean {
  const column = columns[position]
  const before = norm(column)
  for (let pass = 0; pass < 2; pass++) addCombination(column, columns, dots(columns, position, column), -1)
  const after = norm(column)
  // single-precision products leave nothing below 1e-6 but noise
  if (!(after > 1e-6 * before)) return false
  for (let row = 0; row < column.length; row++) column[row] /= after
  return true
}

export function fillRandomly(column: Float64Array, random: RandomStream): void {
  for (let row = 0; row < column.length; row++) column[row] = 2 * random.uniform() - 1
}

export function norm(vector: Float64Array): number {
  return Math.sqrt(dots([vector], 1, vector)[0])
}

/** The columns as a row-major [n × columns] array, as kernels want it. */
export function writeRows(columns: Columns, rows: { [index: number]: number }): void {
  columns.forEach((column, c) => {
    for (let row = 0; row < column.length; row++) rows[row * columns.length + c] = column[row]
  })
}

/** The way back. */
export function readRows(rows: { readonly [index: number]: number }, columns: Columns): void {
  columns.forEach((column, c) => {
    for (let row = 0; row < column.length; row++) column[row] = rows[row * columns.length + c]
  })
}
