/** Rows in kernel memory. */
import type { Histories } from '../dataset/histories.ts'
import type { CsrMatrix, CsrPattern, Floats, Kernels, PackedItems, TopK } from '../kernels/interface/kernels.ts'
import type { OpenContext, Recommendations } from './recommender.ts'
import type { Tensor } from './safetensors.ts'

/** A pattern in kernel memory: as it is where it lies there. */
export function residentPattern(memory: Kernels['memory'], { offsets, indices }: CsrPattern): CsrPattern {
  return { offsets: memory.resident(offsets), indices: memory.resident(indices) }
}

/** Histories in kernel memory: what lies there as it is. */
export function residentHistories(memory: Kernels['memory'], histories: Histories): Histories {
  const { values, ages, days } = histories
  return {
    ...residentPattern(memory, histories),
    ...(values && { values: memory.resident(values) }),
    ...(ages && { ages: memory.resident(ages) }),
    ...(days && { days: memory.resident(days) }),
  }
}

/** Weights between items as a recommender stores them. */
export const weightTensors = ({ offsets, indices, values }: CsrMatrix): Record<string, Tensor> => ({
  weight_offsets: { shape: [offsets.length], values: offsets },
  weight_items: { shape: [indices.length], values: indices },
  weights: { shape: [values.length], values },
})

/** The same opened again, in kernel memory. */
export const openWeights = ({ kernels: { memory }, tensor }: Pick<OpenContext, 'kernels' | 'tensor'>): CsrMatrix => ({
  offsets: memory.resident(tensor('weight_offsets') as Int32Array),
  indices: memory.resident(tensor('weight_items') as Int32Array),
  values: memory.resident(tensor('weights') as Floats),
})

/** 0 … length − 1, in kernel memory. */
export function positionsOf(memory: Kernels['memory'], length: number): Int32Array {
  const positions = memory.ints(length)
  for (let at = 0; at < length; at++) positions[at] = at
  return positions
}

/** Lists of k for `rows` rows, in ordinary memory. @param rank fills them, in kernel memory */
export function rankedLists(
  memory: Kernels['memory'],
  rows: number,
  k: number,
  rank: (out: TopK) => void,
): Recommendations {
  return memory.scope(() => {
    const out = { k, items: memory.ints(rows * k), scores: memory.floats(rows * k) }
    rank(out)
    return { k, items: out.items.slice(), scores: Float32Array.from(out.scores) }
  })
}

/** Item vectors [I × D] in the layout that rankings read. */
export function packVectors(kernels: Kernels, itemVectors: Floats, dimensions: number): PackedItems {
  const { memory } = kernels
  const panels = { packed: memory.floats(Math.ceil(itemVectors.length / dimensions / 8) * 8 * dimensions) }
  memory.scope(() => kernels.packItems(memory.resident(itemVectors), dimensions, panels))
  return panels
}

/** Vectors of items [items.length × D], out of the layout that rankings read. */
export function copyItemRows({ packed }: PackedItems, dimensions: number, items: ArrayLike<number>, out: Floats): void {
  for (let row = 0; row < items.length; row++) {
    const item = items[row]
    let from = (item >> 3) * dimensions * 8 + (item & 7)
    for (let d = 0; d < dimensions; d++, from += 8) out[row * dimensions + d] = packed[from]
  }
}
