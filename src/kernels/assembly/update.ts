// A step of a table that is its own only hop, in one pass: each touched row adds its gradient up in a block of scratch that stays
// in the L1 cache, and Adam or row-wise AdaGrad takes it from there.
//
// Items' rows come first: they read the users' vectors as they were; the users' gradients were added up before.
import { adagradRow } from './adagrad'
import { adam } from './linear'
import { addScaled, clear, dot } from './simd'
import { AHEAD, keep, touch } from './touch'

/**
 * For touched nodes begin … end − 1: gradient as scatterGradients and scatterRegularization give it for one hop without mix,
 * then one step on the row: of Adam, or where `first` is 0 of row-wise AdaGrad, its sums in `second`, its rate in stepSize. scratch: a row.
 * Where scale is not 0, squares[n] = scale ‖x‖² times the entries of the row x as it was.
 */
export function updateNodes(
  begin: i32, end: i32, from: i32, size: i32, users: usize, perPositive: i32, rows: usize, offsets: usize, entries: usize,
  table: usize, dimensions: i32, positive: usize, negative: usize, userGradient: usize, scale: f32, squares: usize,
  first: usize, second: usize, beta1: f32, beta2: f32, epsilon: f32, stepSize: f32, rootScale: f32, scratch: usize,
): void {
  const rowBytes = <usize>dimensions << 2
  for (let n = from + begin, stop = from + end; n < stop; n++) {
    if (((n - from - begin) & (AHEAD - 1)) == 0) {
      let sum = 0
      for (let other = n, to = min(stop, n + AHEAD); other < to; other++) {
        const row = <usize>load<i32>(rows + (<usize>other << 2)) * rowBytes
        sum += touch(table + row, rowBytes)
        if (first) sum += touch(first + row, rowBytes) + touch(second + row, rowBytes)
        const e = load<i32>(entries + (<usize>load<i32>(offsets + (<usize>other << 2)) << 2))
        sum += touch(sourceOf(e, size, users, perPositive, table, userGradient, rowBytes), rowBytes)
      }
      keep(sum)
    }
    const node = load<i32>(rows + (<usize>n << 2))
    const last = load<i32>(offsets + (<usize>n << 2), 4)
    let own: f32 = 0
    clear(scratch, rowBytes)
    for (let at = load<i32>(offsets + (<usize>n << 2)); at < last; at++) {
      const e = load<i32>(entries + (<usize>at << 2))
      const derivatives = e < 2 * size ? positive - (<usize>size << 2) : negative - (<usize>size << 3)
      const factor = e < size ? <f32>1 : load<f32>(derivatives + (<usize>e << 2))
      addScaled(scratch, sourceOf(e, size, users, perPositive, table, userGradient, rowBytes), factor, dimensions)
      own += scale
    }
    const row = <usize>node * rowBytes
    if (scale != 0) {
      addScaled(scratch, table + row, own, dimensions)
      store<f32>(squares + (<usize>n << 2), own * dot(table + row, table + row, dimensions))
    }
    if (!first) {
      adagradRow(table + row, scratch, dimensions, second + (<usize>node << 2), epsilon, stepSize)
      continue
    }
    const place = node * dimensions
    adam(place, place + dimensions, table, scratch - row, first, second, beta1, beta2, epsilon, stepSize, rootScale)
  }
}

/** What entry e adds a multiple of: the gradient of its user, or the vector of the user that an item belongs to. */
// @ts-ignore: decorator
@inline
function sourceOf(
  e: i32, size: i32, users: usize, perPositive: i32, table: usize, userGradient: usize, rowBytes: usize,
): usize {
  if (e < size) return userGradient + <usize>e * rowBytes
  const b = e < 2 * size ? e - size : (e - 2 * size) / perPositive
  return table + <usize>load<i32>(users + (<usize>b << 2)) * rowBytes
}
