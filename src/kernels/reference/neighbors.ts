/** Reference kernels over items that share users. */
import { columnsOf } from '../csr.ts'
import type { Affinity, CsrMatrix, ItemGraph, NeighborKernels, Sequences } from '../interface/kernels.ts'

export const neighborKernels: NeighborKernels = {
  countNeighbors(graph, sizes) {
    for (let item = 0; item < sizes.length; item++) sizes[item] = neighborsOf(graph, item).size
  },
  fillNeighbors(graph, affinity, out, first, ranks, sizes) {
    for (let row = 0; row + 1 < out.offsets.length; row++) {
      const item = first + row
      const all = Array.from(neighborsOf(graph, item), ([other, users]) => {
        return { other, value: Math.fround(affinityOf(graph, affinity, item, other, users)) }
      })
      keepNearest(all, out, row, ranks)
      if (sizes) sizes[row] = Math.min(all.length, out.offsets[row + 1] - out.offsets[row])
    }
  },
  countOrdered(sequences, window, sizes) {
    for (let item = 0; item < sizes.length; item++) sizes[item] = nearPlaces(sequences, window, item).size
  },
  fillOrdered(sequences, walk, out, ranks) {
    for (let item = 0; item + 1 < out.offsets.length; item++) {
      const all = Array.from(nearPlaces(sequences, walk.window, item), ([other, pairs]) => {
        const sum = pairs.reduce((total, { from, to }) => {
          const lateness = Math.sign(sequences.times[to] - sequences.times[from])
          const direction = lateness > 0 ? 1 : lateness < 0 ? walk.backward : (1 + walk.backward) / 2
          return total + direction * walk.nearness[Math.abs(to - from)]
        }, 0)
        return { other, value: Math.fround(sum / (walk.leave[item] * walk.hold[other] + walk.shrinkage)) }
      })
      keepNearest(all, out, item, ranks)
    }
  },
  normalizeSymmetrically({ offsets, indices, values }) {
    const scale = Float64Array.from({ length: offsets.length - 1 }, (_, row) => {
      let sum = 0
      for (let e = offsets[row]; e < offsets[row + 1]; e++) sum += values[e]
      return 1 / Math.sqrt(sum)
    })
    for (let row = 0; row < scale.length; row++)
      for (let e = offsets[row]; e < offsets[row + 1]; e++) values[e] *= scale[row] * scale[indices[e]]
  },
  sumSparseRows(chosen, { offsets, indices, values }, columns, out) {
    for (let row = 0; row + 1 < chosen.offsets.length; row++) {
      const sums = out.subarray(row * columns, (row + 1) * columns).fill(0)
      for (let c = chosen.offsets[row]; c < chosen.offsets[row + 1]; c++) {
        const own = chosen.indices[c]
        for (let e = offsets[own]; e < offsets[own + 1]; e++)
          sums[indices[e]] += (chosen.values ? chosen.values[c] : 1) * (values ? values[e] : 1)
      }
    }
  },
}

/** Puts the largest values that row `row` has room for into it, columns ascending. */
function keepNearest(
  all: { other: number; value: number }[],
  { offsets, indices, values }: CsrMatrix,
  row: number,
  ranks?: Int32Array,
): void {
  all.sort((a, b) => b.value - a.value || (ranks ? ranks[a.other] - ranks[b.other] : 0))
  const kept = all.slice(0, offsets[row + 1] - offsets[row]).sort((a, b) => a.other - b.other)
  kept.forEach(({ other, value }, at) => {
    indices[offsets[row] + at] = other
    values[offsets[row] + at] = value
  })
}

/** Every other item near `item`, and the places of both, in the order of the item's. */
function nearPlaces({ bySequence, owners, byItem }: Sequences, window: number, item: number) {
  const near = new Map<number, { from: number; to: number }[]>()
  for (const from of columnsOf(byItem, item)) {
    const [begin, end] = bySequence.offsets.subarray(owners[from], owners[from] + 2)
    for (let to = Math.max(begin, from - window); to < Math.min(end, from + window + 1); to++) {
      const other = bySequence.indices[to]
      if (to !== from) near.set(other, [...(near.get(other) ?? []), { from, to }])
    }
  }
  return near
}

/** Every other item that shares users with `item`, and those users, ascending. */
function neighborsOf({ byUser, byItem }: ItemGraph, item: number): Map<number, number[]> {
  const shared = new Map<number, number[]>()
  for (const user of columnsOf(byItem, item))
    for (const other of columnsOf(byUser, user))
      if (other !== item) shared.set(other, [...(shared.get(other) ?? []), user])
  return shared
}

function affinityOf({ byItem }: ItemGraph, affinity: Affinity, i: number, j: number, users: readonly number[]): number {
  const degree = (item: number) => byItem.offsets[item + 1] - byItem.offsets[item]
  switch (affinity.kind) {
    case 'shared':
      return users.length
    case 'jaccard':
      return users.length / (degree(i) + degree(j) - users.length)
    case 'cosine':
      return users.length / (Math.sqrt(degree(i) * degree(j)) + affinity.shrinkage)
    case 'walk':
      return (
        users.reduce((sum, user) => sum + affinity.leave[i] * affinity.step[user], 0) /
        (affinity.hold[j] + affinity.shrinkage * affinity.leave[i])
      )
  }
}
