/** What the kernels are run on: a data set's graph, a batch of it, tables and codes that are made up. */
import type { Dataset } from '../../src/dataset/dataset.ts'
import type {
  Batch,
  BatchNodes,
  Codes,
  CsrMatrix,
  CsrPattern,
  Floats,
  Kernels,
  Negatives,
  Tables,
} from '../../src/kernels/interface/kernels.ts'
import { createBatchNodes } from '../../src/kernels/rows.ts'
import { normalizedAdjacency } from '../../src/models/graph.ts'
import { residentPattern } from '../../src/models/rows.ts'
import { tieRanks } from '../../src/models/ties.ts'
import { derive, randomStream } from '../../src/random.ts'

/** D */
export const DIMENSIONS = 64
/** H */
const HOPS = 4
/** N */
export const CANDIDATES = 10
/** Steps of an item code. */
const DEPTH = 8

export interface World {
  readonly kernels: Kernels
  readonly data: Dataset
  /** U + I */
  readonly nodes: number
  readonly graph: CsrMatrix
  readonly tables: Tables
  readonly batch: Batch
  /** one a positive, each hop its own, mixed */
  readonly negatives: Negatives & { readonly mix: Floats }
  readonly touched: BatchNodes
  readonly seen: CsrPattern
  readonly tieRank: Int32Array
  floats(length: number): Floats
  ints(length: number, below: number): Int32Array
  codes(): Codes
}

/** @param batchSize B */
export function createWorld(kernels: Kernels, data: Dataset, batchSize: number): World {
  const { users, items, byUser } = data
  const { memory } = kernels
  const nodes = users + items
  const random = randomStream(derive(1, 'benchmark'))
  const ints = (length: number, below: number) => {
    const values = memory.ints(length)
    for (let i = 0; i < length; i++) values[i] = random.below(below)
    return values
  }
  let drawn = 0
  const floats = (length: number) => {
    const values = memory.floats(length)
    kernels.drawUniforms({ key: derive(1, 'values'), epoch: drawn++, batch: 0 }, length, 1, values)
    for (let i = 0; i < length; i++) values[i] -= 0.5
    return values
  }
  const tables: Tables = {
    ...{ users, items, dimensions: DIMENSIONS, hops: HOPS },
    hop: floats(HOPS * nodes * DIMENSIONS),
    pooled: floats(nodes * DIMENSIONS),
  }
  const batch = randomBatch(data, kernels, ints(batchSize, byUser.indices.length))
  const mix = floats(batchSize * HOPS)
  for (let i = 0; i < mix.length; i++) mix[i] += 0.5
  const negatives = { perPositive: 1, pickedHops: HOPS, items: ints(batchSize * HOPS, items), mix }
  const touched = createBatchNodes(memory, nodes, batchSize * (2 + HOPS))
  kernels.groupByNode(tables, batch, negatives, touched)
  return {
    ...{ kernels, data, nodes, tables, batch, negatives, touched, floats, ints },
    graph: normalizedAdjacency(data, kernels),
    seen: residentPattern(memory, byUser),
    tieRank: memory.copy(tieRanks(items, 1)),
    codes: () => ({ depth: DEPTH, values: memory.copy(Int8Array.from(ints(items * DEPTH, 3))) }),
  }
}

/** Observed pairs, as an epoch has them: popular items come often. */
function randomBatch({ byUser }: Dataset, { memory }: Kernels, entries: Int32Array): Batch {
  const users = memory.ints(entries.length)
  const positives = memory.ints(entries.length)
  entries.sort()
  let user = 0
  entries.forEach((entry, b) => {
    while (byUser.offsets[user + 1] <= entry) user++
    users[b] = user
    positives[b] = byUser.indices[entry]
  })
  return { size: entries.length, users, positives }
}
