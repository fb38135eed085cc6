// Exponentials over blocks: the softmax over negatives that a batch shares, and Gaussian kernels.
import { sigmoid } from './simd'

/** What a logit becomes that must not count. */
const NEVER: f32 = -Infinity

/**
 * Softmax of each positive over itself, its picked negatives and the pool that the batch shares: see `sharedSoftmax` in
 * kernels.ts. `heads` [items] is the last place of an item in the pool or −1, `next` [width] the place before it.
 */
export function sharedSoftmax(
  begin: i32, end: i32, batchSize: i32, users: usize, positives: usize, weights: usize, perPositive: i32,
  pickedHops: i32, picked: usize, pool: usize, width: i32, poolItems: usize, counts: usize, heads: usize, next: usize,
  offsets: usize, indices: usize, scale: f32, positive: usize, negative: usize, positiveOut: usize, negativeOut: usize,
  loss: usize,
): void {
  for (let b = begin; b < end; b++) {
    const at = <usize>b << 2
    const row = pool + <usize>b * (<usize>width << 2)
    const own = scale * load<f32>(positive + at)
    for (let m = 0; m < width; m++) {
      const place = <usize>m << 2
      const empty = load<i32>(poolItems + place) < 0
      store<f32>(row + place, empty ? NEVER : scale * load<f32>(row + place))
    }
    const user = <usize>load<i32>(users + at) << 2
    const last = load<i32>(offsets + user, 4)
    for (let e = load<i32>(offsets + user); e < last; e++) {
      hide(load<i32>(indices + (<usize>e << 2)), row, heads, next)
    }
    hide(load<i32>(positives + at), row, heads, next)
    let largest = own
    for (let m = 0; m < width; m++) largest = max(largest, load<f32>(row + (<usize>m << 2)))
    const first = b * perPositive
    for (let slot = first; slot < first + perPositive; slot++) {
      const empty = load<i32>(picked + (<usize>(slot * pickedHops) << 2)) < 0
      const logit = empty ? NEVER : scale * load<f32>(negative + (<usize>slot << 2))
      store<f32>(negativeOut + (<usize>slot << 2), logit)
      largest = max(largest, logit)
    }
    const base = Mathf.exp(own - largest)
    let total = base
    for (let slot = first; slot < first + perPositive; slot++) {
      const target = negativeOut + (<usize>slot << 2)
      const term = Mathf.exp(load<f32>(target) - largest)
      store<f32>(target, term)
      total += term
    }
    for (let m = 0; m < width; m++) {
      const target = row + (<usize>m << 2)
      const term = load<f32>(counts + (<usize>m << 2)) * Mathf.exp(load<f32>(target) - largest)
      store<f32>(target, term)
      total += term
    }
    const weight = weights ? load<f32>(weights + at) : <f32>1
    const factor = weight * scale / <f32>batchSize
    for (let slot = first; slot < first + perPositive; slot++) {
      const target = negativeOut + (<usize>slot << 2)
      store<f32>(target, factor * (load<f32>(target) / total))
    }
    for (let m = 0; m < width; m++) {
      const target = row + (<usize>m << 2)
      store<f32>(target, factor * (load<f32>(target) / total))
    }
    store<f32>(positiveOut + at, factor * (base / total - 1))
    store<f32>(loss + at, weight * (largest - own + Mathf.log(total)))
  }
}

/** Takes every place of an item out of a row of logits. */
// @ts-ignore: decorator
@inline
function hide(item: i32, row: usize, heads: usize, next: usize): void {
  for (let m = load<i32>(heads + (<usize>item << 2)); m >= 0; m = load<i32>(next + (<usize>m << 2))) {
    store<f32>(row + (<usize>m << 2), NEVER)
  }
}

/** In place: x ← exp(scale · x − scale), 0 on the diagonal and in columns from `count` on; sums[row] = the row's sum. */
export function gaussianRows(
  begin: i32, end: i32, x: usize, columns: i32, count: i32, scale: f32, sums: usize,
): void {
  for (let row = begin; row < end; row++) {
    const first = x + ((<usize>row * columns) << 2)
    let sum: f32 = 0
    for (let column = 0; column < columns; column++) {
      const at = first + (<usize>column << 2)
      const value = column == row || column >= count ? <f32>0 : Mathf.exp(scale * load<f32>(at) - scale)
      store<f32>(at, value)
      sum += value
    }
    store<f32>(sums + (<usize>row << 2), sum)
  }
}

/** In place, for elements begin … end − 1. */
export function sigmoidAll(begin: i32, end: i32, x: usize): void {
  for (let element = begin; element < end; element++) {
    const at = x + (<usize>element << 2)
    store<f32>(at, sigmoid(load<f32>(at)))
  }
}

export function log(x: f32): f32 {
  return Mathf.log(x)
}
