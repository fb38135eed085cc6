/** The fast backend's counts over items that share users. */
import type { Affinity, ItemGraph, NeighborKernels, Sequences } from '../interface/kernels.ts'
import type { FastLayer } from './layer.ts'

/** As `Affinity` in assembly/neighbors.ts numbers them. */
const KINDS: Readonly<Record<Affinity['kind'], number>> = { shared: 0, jaccard: 1, cosine: 2, walk: 3 }

export function neighborKernels({ memory, wasm, share, shareWithBlock, at }: FastLayer): NeighborKernels {
  const patterns = ({ byUser, byItem }: ItemGraph) =>
    [at(byUser.offsets), at(byUser.indices), at(byItem.offsets), at(byItem.indices)] as const
  /** Histories that an item's users have, on average: what a row costs. */
  const rowCost = ({ byUser, byItem }: ItemGraph) => {
    const perUser = byUser.indices.length / byUser.offsets.length
    return 1 + 2 * perUser * (byItem.indices.length / byItem.offsets.length)
  }
  const sequenceArrays = ({ bySequence, owners, byItem }: Sequences) =>
    [at(bySequence.offsets), at(bySequence.indices), at(byItem.offsets), at(byItem.indices), at(owners)] as const
  /** Places near those of an item, on average. */
  const orderedCost = ({ bySequence, byItem }: Sequences, window: number) => {
    const perSequence = bySequence.indices.length / bySequence.offsets.length
    return 1 + 2 * Math.min(perSequence, 2 * window) * (byItem.indices.length / byItem.offsets.length)
  }
  return {
    countNeighbors(graph, sizes) {
      const block = { bytes: wasm.countScratchBytes(sizes.length) }
      const args = [...patterns(graph), sizes.length, block, at(sizes)] as const
      shareWithBlock('countNeighbors', sizes.length, rowCost(graph), args)
    },
    fillNeighbors(graph, affinity, out, first, ranks, sizes) {
      const items = graph.byItem.offsets.length - 1
      const { leave, step, hold } = affinity.kind === 'walk' ? affinity : {}
      const args = [
        ...[...patterns(graph), items, { bytes: wasm.fillScratchBytes(items) }],
        ...[KINDS[affinity.kind], 'shrinkage' in affinity ? affinity.shrinkage : 0, at(leave), at(step), at(hold)],
        ...[at(ranks), first, at(out.offsets), at(out.indices), at(out.values), at(sizes)],
      ] as const
      shareWithBlock('fillNeighbors', out.offsets.length - 1, 2 * rowCost(graph), args)
    },
    countOrdered(sequences, window, sizes) {
      const block = { bytes: wasm.countScratchBytes(sizes.length) }
      const args = [...sequenceArrays(sequences), sizes.length, window, block, at(sizes)] as const
      shareWithBlock('countOrdered', sizes.length, orderedCost(sequences, window), args)
    },
    fillOrdered(sequences, { window, nearness, backward, leave, hold, shrinkage }, out, ranks) {
      const items = sequences.byItem.offsets.length - 1
      const args = [
        ...[...sequenceArrays(sequences), items, window, { bytes: wasm.fillScratchBytes(items) }, at(sequences.times)],
        ...[at(nearness), backward, at(leave), at(hold), shrinkage],
        ...[at(ranks), at(out.offsets), at(out.indices), at(out.values)],
      ] as const
      shareWithBlock('fillOrdered', items, 2 * orderedCost(sequences, window), args)
    },
    normalizeSymmetrically({ offsets, indices, values }) {
      memory.scope(() => {
        const rows = offsets.length - 1
        const scale = at(memory.doubles(rows))
        const cost = 1 + indices.length / offsets.length
        share('inverseRootSums', rows, cost, [at(offsets), at(values), scale])
        share('scaleBothSides', rows, 2 * cost, [at(offsets), at(indices), at(values), scale])
      })
    },
    sumSparseRows(chosen, { offsets, indices, values }, columns, out) {
      const perRow = (chosen.indices.length / chosen.offsets.length) * (indices.length / offsets.length)
      const args = [
        ...[at(chosen.offsets), at(chosen.indices), at(chosen.values)],
        ...[at(offsets), at(indices), at(values), columns, at(out)],
      ] as const
      // rows differ much in length
      share('sumSparseRows', chosen.offsets.length - 1, columns / 8 + 2 * perRow, args, { align: 4 })
    },
  }
}
