// Row-wise AdaGrad: one number for each row stands for all that an optimizer remembers.
import { addScaled, sumLanes } from './simd'

/** One step of row-wise AdaGrad on `columns` floats, a multiple of 4; `sum` is their one number. */
export function adagradRow(parameter: usize, gradient: usize, columns: i32, sum: usize, epsilon: f32, learningRate: f32): void {
  const stop = <usize>columns << 2
  let squares = f32x4.splat(0)
  for (let i: usize = 0; i < stop; i += 16) {
    const g = v128.load(gradient + i)
    squares = f32x4.add(squares, f32x4.mul(g, g))
  }
  const own = load<f32>(sum) + sumLanes(squares) / <f32>columns
  store<f32>(sum, own)
  addScaled(parameter, gradient, -(learningRate / (Mathf.sqrt(own) + epsilon)), columns)
}

/** The same for the rows that rows[begin … end) name, or for rows begin … end − 1 where `rows` is 0. */
export function adagradRows(
  begin: i32, end: i32, rows: usize, columns: i32, parameter: usize, gradient: usize, sums: usize, epsilon: f32, learningRate: f32,
): void {
  const bytes = <usize>columns << 2
  for (let at = begin; at < end; at++) {
    const row = <usize>(rows ? load<i32>(rows + (<usize>at << 2)) : at)
    adagradRow(parameter + row * bytes, gradient + row * bytes, columns, sums + (row << 2), epsilon, learningRate)
  }
}
