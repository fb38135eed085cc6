// The softmax of a linear score over lists of rows, and its gradient.
import { addScaled, dot } from './simd'

/**
 * Lists begin … end − 1, see `listSoftmax` in interface/ranking.ts.
 * @param width columns of the features, a multiple of 4
 * @param positive a byte for each row
 */
export function listSoftmax(
  begin: i32, end: i32, offsets: usize, features: usize, width: i32, positive: usize, theta: usize, scores: usize,
  losses: usize, gradients: usize,
): void {
  const row = <usize>width << 2
  for (let list = begin; list < end; list++) {
    const own = offsets + (<usize>list << 2)
    const first = load<i32>(own)
    const last = load<i32>(own, 4)
    let largest: f32 = -Infinity
    let held: f32 = 0
    for (let r = first; r < last; r++) {
      const score = dot(theta, features + <usize>r * row, width)
      store<f32>(scores + (<usize>r << 2), score)
      largest = max(largest, score)
      held += <f32>load<i8>(positive + <usize>r)
    }
    let total: f32 = 0
    let positives: f32 = 0
    for (let r = first; r < last; r++) {
      const at = scores + (<usize>r << 2)
      const above = load<f32>(at) - largest
      positives += above * <f32>load<i8>(positive + <usize>r)
      const term = Mathf.exp(above)
      store<f32>(at, term)
      total += term
    }
    store<f32>(losses + (<usize>list << 2), Mathf.log(total) - positives / held)
    const gradient = gradients + <usize>list * row
    memory.fill(gradient, 0, row)
    for (let r = first; r < last; r++) {
      const at = scores + (<usize>r << 2)
      const slope = load<f32>(at) / total - <f32>load<i8>(positive + <usize>r) / held
      store<f32>(at, slope)
      addScaled(gradient, features + <usize>r * row, slope, width)
    }
  }
}
