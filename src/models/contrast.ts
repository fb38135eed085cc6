/** InfoNCE between two views of the same nodes: each is to be more like itself in the other view than like the others. */
import type { z } from 'zod'
import type { Dataset } from '../dataset/dataset.ts'
import type { Batch, Floats, Kernels } from '../kernels/interface/kernels.ts'
import { createUnits } from '../kernels/units.ts'
import type { EmbeddingContext, ModelFootprint } from './model.ts'
import type { contrastOptions } from './options.ts'

/**
 * weight · mean over `rows` of −log(e^{cos(a_r, b_r)/τ} / Σ_q e^{cos(a_r, b_q)/τ}).
 * @param a a table [· × D], and b another
 * @param toA where the gradients by a's rows are added, and toB those by b's; may be the same table
 */
type Contrast = (a: Floats, b: Floats, rows: Int32Array, toA: Floats, toB: Floats) => number

/** The same over the users of a batch, and over its positives. */
export function createBatchContrast(
  { kernels, train: { users, items }, batchSize = 2048 }: EmbeddingContext,
  dimensions: number,
  options: Pick<z.output<typeof contrastOptions>, 'contrastTemperature' | 'contrastWeight'>,
) {
  const most = Math.min(batchSize, Math.max(users, items))
  const contrast = createContrast(kernels, dimensions, most, options)
  const distinct = createDistinct(kernels.memory, users + items, most)
  return (a: Floats, b: Floats, { size, users: own, positives }: Batch, toA: Floats, toB: Floats): number =>
    contrast(a, b, distinct(own, size, 0), toA, toB) + contrast(a, b, distinct(positives, size, users), toA, toB)
}

/**
 * @param most rows in a call; the block of all similarities takes most² floats
 * @source Oord et al., arXiv 1807.03748 (InfoNCE)
 */
function createContrast(
  kernels: Kernels,
  dimensions: number,
  most: number,
  { contrastTemperature: temperature, contrastWeight: weight }: Parameters<typeof createBatchContrast>[2],
): Contrast {
  const { memory } = kernels
  const width = Math.ceil(most / 4) * 4
  const table = (rows: number) => memory.floats(rows * dimensions)
  const [rowsA, rowsB, byA, byB, turned] = [table(most), table(width), table(most), table(width), table(width)]
  const [unitsA, unitsB] = [createUnits(kernels, most, dimensions), createUnits(kernels, width, dimensions)]
  const block = memory.floats(most * width)
  const nothing = { offsets: memory.ints(2), indices: memory.ints(0) }
  const everyone = memory.ints(most)
  const itself = memory.ints(width)
  const last = memory.ints(width).fill(-1)
  const once = memory.floats(width).fill(1)
  const [own, byOwn, loss] = [memory.floats(most), memory.floats(most), memory.floats(most)]
  const none = memory.floats(0)
  const noNegatives = { perPositive: 0, pickedHops: 1, items: memory.ints(0) }

  return (a, b, rows, toA, toB) => {
    const count = rows.length
    if (count === 0) return 0
    const padded = Math.ceil(count / 4) * 4
    const used = (all: Floats, length: number) => all.subarray(0, length * dimensions)
    kernels.gatherRows(a, dimensions, rows, rowsA)
    kernels.gatherRows(b, dimensions, rows, rowsB)
    rowsB.fill(0, count * dimensions, padded * dimensions)
    for (let row = 0; row < padded; row++) itself[row] = row < count ? row : -1
    const [unitA, unitB] = [unitsA.normalize(used(rowsA, count)), unitsB.normalize(used(rowsB, padded))]
    kernels.dotRows(unitA, used(unitB, count), 1, dimensions, own)
    kernels.transpose(unitB, padded, dimensions, turned)
    const scores = block.subarray(0, count * padded)
    kernels.multiply(unitA, turned, scores, { rows: count, inner: dimensions, columns: padded })
    const batch = { size: count, users: everyone, positives: itself }
    const pool = {
      scores,
      items: itself.subarray(0, padded),
      counts: once,
      heads: itself,
      next: last,
      forbidden: nothing,
    }
    const pairs = { positive: own, negative: none }
    kernels.sharedSoftmax(pool, batch, noNegatives, 1 / temperature, pairs, { positive: byOwn, negative: none }, loss)
    const [gradientA, gradientB] = [used(byA, count), used(byB, padded)]
    kernels.multiply(scores, unitB, gradientA, { rows: count, inner: padded, columns: dimensions })
    kernels.multiply(scores, unitA, gradientB, { rows: padded, inner: count, columns: dimensions, transposed: true })
    addOwn(unitA, unitB, byOwn, count, dimensions, gradientA, gradientB)
    unitsA.backward(gradientA)
    unitsB.backward(gradientB)
    kernels.scatterRows(gradientA, dimensions, rows, toA, weight)
    kernels.scatterRows(gradientB, dimensions, rows, toB, weight)
    let total = 0
    for (let row = 0; row < count; row++) total += loss[row]
    return (weight * total) / count
  }
}

/** What a model takes with so many more tables of all nodes; the block of a batch's similarities is small beside them. */
export function contrastFootprint(
  { hops, bytes }: ModelFootprint,
  { users, items }: Pick<Dataset, 'users' | 'items'>,
  dimensions: number,
  tables: number,
): ModelFootprint {
  return { hops, bytes: bytes + 4 * tables * (users + items) * dimensions }
}

/** The gradients by the similarity of each row to itself. */
function addOwn(a: Floats, b: Floats, derivatives: Floats, rows: number, columns: number, toA: Floats, toB: Floats) {
  for (let row = 0; row < rows; row++)
    for (let at = row * columns; at < (row + 1) * columns; at++) {
      toA[at] += derivatives[row] * b[at]
      toB[at] += derivatives[row] * a[at]
    }
}

/** The nodes of a batch, each once, in the order of the batch. */
export function createDistinct(memory: Kernels['memory'], nodes: number, most: number) {
  const marks = memory.bytes(nodes)
  const rows = memory.ints(most)
  /** @param first node of index 0 */
  return (indices: Int32Array, size: number, first: number): Int32Array => {
    let count = 0
    for (let b = 0; b < size; b++) {
      const node = first + indices[b]
      if (marks[node]) continue
      marks[node] = 1
      rows[count++] = node
    }
    for (let row = 0; row < count; row++) marks[rows[row]] = 0
    return rows.subarray(0, count)
  }
}
