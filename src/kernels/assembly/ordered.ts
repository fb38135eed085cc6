// Items that stand near each other in sequences, row by row as in neighbors.ts: what follows counts whole, what comes before
// in part.
import { countScratchBytes, inOrder, keepLargest, lineUp, mark, takeMarks } from './neighbors'

/**
 * sizes[item] = how many other items stand within `window` places of it in a sequence, for items begin … end − 1.
 * @param entries of an item: its places in `sequenceItems`; and the sequence that each place belongs to
 */
export function countOrdered(
  begin: i32, end: i32, offsets: usize, sequenceItems: usize, itemOffsets: usize, entries: usize, sequences: usize,
  items: i32, window: i32, bitmap: usize, sizes: usize,
): void {
  for (let item = begin; item < end; item++) {
    const own = itemOffsets + (<usize>item << 2)
    for (let e = load<i32>(own), stop = load<i32>(own, 4); e < stop; e++) {
      const place = load<i32>(entries + (<usize>e << 2))
      const sequence = offsets + (<usize>load<i32>(sequences + (<usize>place << 2)) << 2)
      const last = min(load<i32>(sequence, 4) - 1, place + window)
      for (let other = max(load<i32>(sequence), place - window); other <= last; other++) {
        mark(bitmap, load<i32>(sequenceItems + (<usize>other << 2)))
      }
    }
    // the item itself is marked where it has a place
    store<i32>(sizes + (<usize>item << 2), max(0, takeMarks(bitmap, items) - 1))
  }
}

/**
 * Rows begin … end − 1 of the walk, see `fillOrdered` in interface/neighbors.ts.
 * @param times of each place; equal ones have no order
 * @param nearness [window + 1] by distance
 * @param leave and hold [I]; the denominator is leave_i hold_j + shrinkage
 */
export function fillOrdered(
  begin: i32, end: i32, offsets: usize, sequenceItems: usize, itemOffsets: usize, entries: usize, sequences: usize,
  items: i32, window: i32, scratch: usize, times: usize, nearness: usize, backward: f64, leave: usize, hold: usize,
  shrinkage: f64, ranks: usize, outOffsets: usize, outIndices: usize, outValues: usize,
): void {
  const sums = scratch + countScratchBytes(items)
  const met = sums + lineUp(items << 3)
  const values = met + lineUp(items << 2)
  for (let item = begin; item < end; item++) {
    const own = itemOffsets + (<usize>item << 2)
    let count = 0
    for (let e = load<i32>(own), stop = load<i32>(own, 4); e < stop; e++) {
      const place = load<i32>(entries + (<usize>e << 2))
      const sequence = offsets + (<usize>load<i32>(sequences + (<usize>place << 2)) << 2)
      const last = min(load<i32>(sequence, 4) - 1, place + window)
      const time = load<i32>(times + (<usize>place << 2))
      for (let other = max(load<i32>(sequence), place - window); other <= last; other++) {
        if (other == place) continue
        const later = load<i32>(times + (<usize>other << 2))
        const direction = later > time ? <f64>1 : later < time ? backward : (1 + backward) / 2
        const weight = direction * load<f64>(nearness + (<usize>abs(other - place) << 3))
        const target = load<i32>(sequenceItems + (<usize>other << 2))
        const sum = sums + (<usize>target << 3)
        const before = load<f64>(sum)
        store<f64>(sum, before + weight)
        // the place is kept when the item is new
        store<i32>(met + (<usize>count << 2), target)
        count += <i32>(before == 0)
      }
    }
    inOrder(met, count, scratch, (items + 63) >> 6)
    const scale = load<f64>(leave + (<usize>item << 3))
    for (let n: usize = 0, stop = <usize>count << 2; n < stop; n += 4) {
      const target = <usize>load<i32>(met + n)
      const sum = sums + (target << 3)
      store<f32>(values + n, <f32>(load<f64>(sum) / (scale * load<f64>(hold + (target << 3)) + shrinkage)))
      store<f64>(sum, 0)
    }
    const start = load<i32>(outOffsets + (<usize>item << 2))
    const room = load<i32>(outOffsets + (<usize>item << 2), 4) - start
    const outItems = outIndices + (<usize>start << 2)
    const outFloats = outValues + (<usize>start << 2)
    if (room == count) {
      memory.copy(outItems, met, <usize>count << 2)
      memory.copy(outFloats, values, <usize>count << 2)
    } else keepLargest(met, values, count, outItems, outFloats, room, ranks)
  }
}
