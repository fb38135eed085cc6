// Items that share users, counted row by row of the item × item matrix, which is so never needed whole: a row is the sum
// of the histories of the item's users, in a dense array of the thread's own. The items that a row meets are listed as
// they come and put in order by a bitmap, so that what a row costs beside its histories is a look at I / 64 words.
// On Sports, one thread of a busy machine: all counts 28 ms, in plain TypeScript 62 to 80 ms and on the calling thread alone,
// 62 ms when all I sums of a row were looked at instead of a bitmap;
// item-knn with 20 neighbours, fitted and 3,000 users ranked, 0.15 s, with whole rows sorted 0.59 s and 18 MB for the matrix;
// rp3beta 0.18 s instead of 0.87 s.
import { isBetter, siftDown, startHeap } from './heap'

// what `Affinity` in the interface of the kernels calls shared, jaccard, cosine and walk
const JACCARD: i32 = 1
const COSINE: i32 = 2
const WALK: i32 = 3

/** Rows with no more room than this are sorted by insertion. */
const FEW: i32 = 64

// @ts-ignore: decorator
@inline
export function lineUp(bytes: i32): i32 {
  return (bytes + 63) & ~63
}

/** Bytes of the bitmap that a thread of countNeighbors needs, zeros before and after. */
export function countScratchBytes(items: i32): i32 {
  return lineUp(((items + 63) >> 6) << 3)
}

/** Bytes that a thread of fillNeighbors needs, zeros before and after: the bitmap, sums in f64, items and their values. */
export function fillScratchBytes(items: i32): i32 {
  return countScratchBytes(items) + lineUp(items << 3) + 2 * lineUp(items << 2)
}

/** sizes[item] = how many other items share a user with it, for items begin … end − 1. */
export function countNeighbors(
  begin: i32, end: i32, userOffsets: usize, userIndices: usize, itemOffsets: usize, itemIndices: usize, items: i32,
  bitmap: usize, sizes: usize,
): void {
  for (let item = begin; item < end; item++) {
    const own = itemOffsets + (<usize>item << 2)
    for (let e = load<i32>(own), last = load<i32>(own, 4); e < last; e++) {
      const user = userOffsets + (<usize>load<i32>(itemIndices + (<usize>e << 2)) << 2)
      for (let f = load<i32>(user), stop = load<i32>(user, 4); f < stop; f++) {
        mark(bitmap, load<i32>(userIndices + (<usize>f << 2)))
      }
    }
    // the item itself is marked where it has users
    store<i32>(sizes + (<usize>item << 2), max(0, takeMarks(bitmap, items) - 1))
  }
}

/** How many items are marked; none is after it. */
export function takeMarks(bitmap: usize, items: i32): i32 {
  let size = 0
  for (let word = bitmap, stop = bitmap + (<usize>((items + 63) >> 6) << 3); word < stop; word += 8) {
    size += <i32>popcnt<u64>(load<u64>(word))
    store<u64>(word, 0)
  }
  return size
}

// @ts-ignore: decorator
@inline
export function mark(bitmap: usize, item: i32): void {
  const word = bitmap + (<usize>(item >> 6) << 3)
  store<u64>(word, load<u64>(word) | (<u64>1 << (item & 63)))
}

/** Rows first + begin … first + end − 1 of the affinities, see `fillNeighbors` in the interface of the kernels. */
export function fillNeighbors(
  begin: i32, end: i32, userOffsets: usize, userIndices: usize, itemOffsets: usize, itemIndices: usize, items: i32,
  scratch: usize, kind: i32, shrinkage: f64, leave: usize, step: usize, hold: usize, ranks: usize, first: i32,
  outOffsets: usize, outIndices: usize, outValues: usize, sizes: usize,
): void {
  const sums = scratch + countScratchBytes(items)
  const met = sums + lineUp(items << 3)
  const values = met + lineUp(items << 2)
  for (let row = begin; row < end; row++) {
    const item = first + row
    const start = load<i32>(outOffsets + (<usize>row << 2))
    const room = load<i32>(outOffsets + (<usize>row << 2), 4) - start
    const scale = kind == WALK ? load<f64>(leave + (<usize>item << 3)) : 1
    const degree = degreeOf(itemOffsets, item)
    const count = addHistories(
      item, userOffsets, userIndices, itemOffsets, itemIndices, scale, kind == WALK ? step : 0, sums, met,
    )
    // a few of many are put in order when they are known
    const few = room < count && room <= FEW
    if (!few) inOrder(met, count, scratch, (items + 63) >> 6)
    for (let n: usize = 0, stop = <usize>count << 2; n < stop; n += 4) {
      const other = load<i32>(met + n)
      const sum = sums + (<usize>other << 3)
      const shared = load<f64>(sum)
      store<f64>(sum, 0)
      let value = shared
      if (kind == JACCARD) value = shared / (degree + degreeOf(itemOffsets, other) - shared)
      else if (kind == COSINE) value = shared / (sqrt<f64>(degree * degreeOf(itemOffsets, other)) + shrinkage)
      else if (kind == WALK) value = shared / (load<f64>(hold + (<usize>other << 3)) + shrinkage * scale)
      store<f32>(values + n, <f32>value)
    }
    const outItems = outIndices + (<usize>start << 2)
    const outFloats = outValues + (<usize>start << 2)
    if (sizes) store<i32>(sizes + (<usize>row << 2), min(room, count))
    if (room >= count) {
      memory.copy(outItems, met, <usize>count << 2)
      memory.copy(outFloats, values, <usize>count << 2)
    } else keepLargest(met, values, count, outItems, outFloats, room, ranks)
    if (few) sortByItem(outItems, outFloats, room)
  }
}

/** By insertion. */
function sortByItem(items: usize, values: usize, count: i32): void {
  for (let n = 1; n < count; n++) {
    const item = load<i32>(items + (<usize>n << 2))
    const value = load<f32>(values + (<usize>n << 2))
    let at = n
    for (; at > 0 && load<i32>(items + (<usize>(at - 1) << 2)) > item; at--) {
      store<i32>(items + (<usize>at << 2), load<i32>(items + (<usize>(at - 1) << 2)))
      store<f32>(values + (<usize>at << 2), load<f32>(values + (<usize>(at - 1) << 2)))
    }
    store<i32>(items + (<usize>at << 2), item)
    store<f32>(values + (<usize>at << 2), value)
  }
}

// @ts-ignore: decorator
@inline
function degreeOf(offsets: usize, row: i32): f64 {
  return <f64>(load<i32>(offsets + (<usize>row << 2), 4) - load<i32>(offsets + (<usize>row << 2)))
}

/**
 * sums[other] += scale · step[user] (1 without steps) for every other item of every user of `item`, in their order.
 * @returns how many items were met; they are in `met`, in the order they came
 */
function addHistories(
  item: i32, userOffsets: usize, userIndices: usize, itemOffsets: usize, itemIndices: usize, scale: f64, step: usize,
  sums: usize, met: usize,
): i32 {
  const own = itemOffsets + (<usize>item << 2)
  let count = 0
  for (let e = load<i32>(own), last = load<i32>(own, 4); e < last; e++) {
    const user = <usize>load<i32>(itemIndices + (<usize>e << 2))
    const weight = step ? scale * load<f64>(step + (user << 3)) : scale
    const history = userOffsets + (user << 2)
    for (let f = load<i32>(history), stop = load<i32>(history, 4); f < stop; f++) {
      const other = load<i32>(userIndices + (<usize>f << 2))
      if (other == item) continue
      const sum = sums + (<usize>other << 3)
      const before = load<f64>(sum)
      store<f64>(sum, before + weight)
      // the place is kept when the item is new
      store<i32>(met + (<usize>count << 2), other)
      count += <i32>(before == 0)
    }
  }
  return count
}

/** Puts different items in ascending order, by a bitmap of `words` words that is zeros before and after. */
export function inOrder(items: usize, count: i32, bitmap: usize, words: i32): void {
  for (let n = 0; n < count; n++) mark(bitmap, load<i32>(items + (<usize>n << 2)))
  for (let word = 0; word < words; word++) {
    const at = bitmap + (<usize>word << 3)
    let bits = load<u64>(at)
    if (!bits) continue
    store<u64>(at, 0)
    for (; bits; bits &= bits - 1, items += 4) store<i32>(items, (word << 6) + <i32>ctz<u64>(bits))
  }
}

/** The `room` largest values and their items, in the order in which they stand; of equals those with the smaller rank. */
export function keepLargest(
  items: usize, values: usize, count: i32, outItems: usize, outValues: usize, room: i32, ranks: usize,
): void {
  if (room == 0) return
  startHeap(outItems, outValues, room)
  for (let n: usize = 0, stop = <usize>count << 2; n < stop; n += 4) {
    const value = load<f32>(values + n)
    const item = load<i32>(items + n)
    if (isBetter(value, item, load<f32>(outValues), load<i32>(outItems), ranks)) {
      siftDown(outItems, outValues, room, 0, value, item, ranks)
    }
  }
  const least = load<f32>(outValues)
  const last = load<i32>(outItems)
  for (let n: usize = 0, stop = <usize>count << 2; n < stop; n += 4) {
    const value = load<f32>(values + n)
    const item = load<i32>(items + n)
    if (item != last && !isBetter(value, item, least, last, ranks)) continue
    store<i32>(outItems, item)
    store<f32>(outValues, value)
    outItems += 4
    outValues += 4
  }
}

/** scale[row] = 1 / sqrt(the sum of the row), in f64, for rows begin … end − 1. */
export function inverseRootSums(begin: i32, end: i32, offsets: usize, values: usize, scale: usize): void {
  for (let row = begin; row < end; row++) {
    const own = offsets + (<usize>row << 2)
    let sum: f64 = 0
    for (let e = load<i32>(own), last = load<i32>(own, 4); e < last; e++) {
      sum += <f64>load<f32>(values + (<usize>e << 2))
    }
    store<f64>(scale + (<usize>row << 3), 1 / sqrt<f64>(sum))
  }
}

/** values ← scale[row] · value · scale[column], in f64, for rows begin … end − 1. */
export function scaleBothSides(
  begin: i32, end: i32, offsets: usize, indices: usize, values: usize, scale: usize,
): void {
  for (let row = begin; row < end; row++) {
    const own = offsets + (<usize>row << 2)
    const factor = load<f64>(scale + (<usize>row << 3))
    for (let e = load<i32>(own), last = load<i32>(own, 4); e < last; e++) {
      const at = values + (<usize>e << 2)
      const column = <usize>load<i32>(indices + (<usize>e << 2))
      store<f32>(at, <f32>(<f64>load<f32>(at) * (factor * load<f64>(scale + (column << 3)))))
    }
  }
}

/**
 * out[row] = the sum of the rows of a sparse matrix that row `row` of another names, times its entries, in their order, dense;
 * the entries of either are 1 where its values are 0. For rows begin … end − 1.
 */
export function sumSparseRows(
  begin: i32, end: i32, chosenOffsets: usize, chosenIndices: usize, chosenValues: usize, offsets: usize, indices: usize,
  values: usize, columns: i32, out: usize,
): void {
  for (let row = begin; row < end; row++) {
    const sums = out + ((<usize>row * columns) << 2)
    memory.fill(sums, 0, <usize>columns << 2)
    const chosen = chosenOffsets + (<usize>row << 2)
    for (let e = load<i32>(chosen), last = load<i32>(chosen, 4); e < last; e++) {
      const own = offsets + (<usize>load<i32>(chosenIndices + (<usize>e << 2)) << 2)
      const weight = chosenValues ? load<f32>(chosenValues + (<usize>e << 2)) : <f32>1
      for (let f = load<i32>(own), stop = load<i32>(own, 4); f < stop; f++) {
        const sum = sums + (<usize>load<i32>(indices + (<usize>f << 2)) << 2)
        const value = values ? load<f32>(values + (<usize>f << 2)) : <f32>1
        store<f32>(sum, load<f32>(sum) + weight * value)
      }
    }
  }
}
