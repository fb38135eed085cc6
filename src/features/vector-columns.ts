/** Cosines e_i · e_j of item vectors: over the items i of the history, for each candidate j. Cost O(|history| · C · D) a user. */
import type { Floats, Kernels } from '../kernels/interface/kernels.ts'
import type { CandidateBlock, Column, Feature, FeatureTable } from './feature.ts'

const value = (name: string, meaning: string): Column => ({ name, meaning, kind: 'value' })

/** @param own [I × D] */
export function vectorFeature(kernels: Kernels, own: Floats, ordered: boolean, items: number): Feature {
  const { memory } = kernels
  const dimensions = own.length / items
  const unit = memory.floats(own.length)
  memory.scope(() => kernels.normalizeRows(memory.resident(own), dimensions, unit, memory.floats(items)))
  const fillRow = (block: CandidateBlock, row: number, out: FeatureTable) => {
    const { histories, items, k } = block
    const [begin, end] = [histories.offsets[row], histories.offsets[row + 1]]
    if (begin === end) return
    // columns of products come by fours
    const width = Math.ceil((end - begin) / 4) * 4
    const own = memory.ints(width).fill(-1)
    own.set(histories.indices.subarray(begin, end))
    const [history, turned] = [memory.floats(width * dimensions), memory.floats(width * dimensions)]
    kernels.gatherRows(unit, dimensions, own, history)
    kernels.transpose(history, width, dimensions, turned)
    const candidates = memory.floats(k * dimensions)
    kernels.gatherRows(unit, dimensions, memory.copy(items.subarray(row * k, (row + 1) * k)), candidates)
    const cosines = memory.floats(k * width)
    kernels.multiply(candidates, turned, cosines, { rows: k, inner: dimensions, columns: width })
    for (let c = 0; c < k; c++) {
      if (items[row * k + c] < 0) continue
      let [largest, sum, newest] = [-1, 0, 0]
      for (let entry = begin; entry < end; entry++) {
        const cosine = cosines[c * width + entry - begin]
        sum += cosine
        if (cosine > largest) largest = cosine
        if (histories.ages?.[entry] === 0) newest = cosine
      }
      const to = (row * k + c) * out.stride + out.first
      out.values[to] = largest
      out.values[to + 1] = sum / (end - begin)
      if (ordered) out.values[to + 2] = newest
    }
  }
  return {
    columns: [
      value('largest', 'its vector is close to that of one item of the history'),
      value('mean', 'its vector is close to those of the whole history'),
      ...(ordered ? [value('newest', 'its vector is close to that of the newest item')] : []),
    ],
    fill(block, out) {
      const rows = block.histories.offsets.length - 1
      for (let row = 0; row < rows; row++) memory.scope(() => fillRow(block, row, out))
    },
  }
}
