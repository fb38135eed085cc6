/** The loss of an objective on vectors: the vectors of a batch are gathered, and their gradients scattered to those of hops. */
import type {
  Batch,
  BatchNodes,
  BatchPosition,
  Floats,
  Kernels,
  Negatives,
  PairValues,
} from '../kernels/interface/kernels.ts'
import type { ModelTables, Scorer, WriteGradients } from '../models/model.ts'
import type { AnyObjective, BatchVectors, Objective, VectorContext, VectorObjective } from '../objectives/objective.ts'

/** What the arrays of a batch are made for. */
export interface BatchSizes extends Pick<VectorContext, 'kernels' | 'batchSize' | 'perPositive'> {
  readonly tables: ModelTables
}

/**
 * @param touched filled with the nodes that have a gradient
 * @returns what writes the gradients of a hop, to be asked for hops 0 … pickedHops − 1 before the next batch
 */
export type Differentiate = (
  batch: Batch,
  at: BatchPosition,
  negatives: Negatives,
  touched: BatchNodes,
  shift?: Shift,
) => WriteGradients

/** What a sampler adds to the pooled vectors of its negatives, [S × D]. */
export interface Shift {
  readonly by: Floats
  /** overwritten with ∂loss/∂(what is added) */
  readonly gradient: Floats
}

type PairScorer = Pick<Scorer, 'score' | 'backward' | 'clear'>

/** The scorer of a model that has none. */
export const innerProducts = (kernels: Kernels, dimensions: number): PairScorer => ({
  score: (users, items, perRow, out) => kernels.dotRows(users, items, perRow, dimensions, out),
  backward: (users, items, derivatives, perRow, toUsers, toItems) =>
    kernels.dotRowsBack(users, items, derivatives, perRow, dimensions, toUsers, toItems),
  clear() {},
})

/** An objective on the scores that a scorer gives to vectors, as one on these vectors. */
export function scoredBy(
  { kernels, batchSize, perPositive }: BatchSizes,
  scorer: PairScorer,
  objective: Objective,
): AnyObjective {
  const { memory } = kernels
  const derivatives = { positive: memory.floats(batchSize), negative: memory.floats(batchSize * perPositive) }
  return {
    kind: 'vectors',
    sharedCount: () => 0,
    share() {},
    differentiate(batch, negatives, _shared, vectors, gradients, scores, loss) {
      const { users, positives, negatives: own } = vectors
      scorer.score(users, positives, 1, scores.positive)
      scorer.score(users, own, perPositive, scores.negative)
      objective.differentiate(batch, negatives, scores, derivatives, loss)
      scorer.clear()
      gradients.users.fill(0)
      scorer.backward(users, positives, derivatives.positive, 1, gradients.users, gradients.positives)
      scorer.backward(users, own, derivatives.negative, perPositive, gradients.users, gradients.negatives)
    },
  }
}

export function byVectors(
  parts: BatchSizes,
  objective: VectorObjective,
  scores: PairValues,
  loss: Floats,
): Differentiate {
  const { kernels, tables, batchSize, perPositive } = parts
  const { users, dimensions, pooled } = tables
  const { memory } = kernels
  const most = objective.sharedCount(batchSize)
  const shared = memory.ints(most)
  const rowCounts = { users: batchSize, positives: batchSize, negatives: batchSize * perPositive, shared: most }
  const [vectors, gradients] = [rowCounts, rowCounts].map(counts => allocate(kernels, counts, dimensions))
  const itemVectors = pooled.subarray(users * dimensions)
  const scatter = createScatter(parts)
  return (batch, at, negatives, touched, shift) => {
    const { size } = batch
    const own: OwnRows = {
      users: batch.users.subarray(0, size),
      positives: batch.positives.subarray(0, size),
      shared: shared.subarray(0, objective.sharedCount(size)),
    }
    objective.share(batch, at, own.shared)
    const used = { users: size, positives: size, negatives: size * perPositive, shared: own.shared.length }
    const [given, wanted] = [vectors, gradients].map(all => beginning(all, used, dimensions))
    kernels.gatherRows(pooled, dimensions, own.users, given.users)
    kernels.gatherRows(itemVectors, dimensions, own.positives, given.positives)
    kernels.gatherNegatives(tables, batch, negatives, given.negatives)
    if (shift) for (let at = 0; at < given.negatives.length; at++) given.negatives[at] += shift.by[at]
    kernels.gatherRows(itemVectors, dimensions, own.shared, given.shared)
    objective.differentiate(batch, negatives, own.shared, given, wanted, scores, loss)
    if (shift) shift.gradient.set(wanted.negatives)
    kernels.groupByNode(tables, batch, negatives, touched, own.shared)
    return (hop, out) => {
      for (const row of touched.rows.subarray(0, touched.count)) out.fill(0, row * dimensions, (row + 1) * dimensions)
      scatter(own, negatives, wanted, hop, out)
    }
  }
}

type RowCounts = Readonly<Record<keyof BatchVectors, number>>

interface OwnRows {
  readonly users: Int32Array
  readonly positives: Int32Array
  readonly shared: Int32Array
}

const mapVectors = (make: (name: keyof BatchVectors) => Floats): BatchVectors => ({
  users: make('users'),
  positives: make('positives'),
  negatives: make('negatives'),
  shared: make('shared'),
})

const allocate = ({ memory }: Kernels, counts: RowCounts, dimensions: number) =>
  mapVectors(name => memory.floats(counts[name] * dimensions))

/** The beginning of each array: as much as a batch needs. */
const beginning = (all: BatchVectors, counts: RowCounts, dimensions: number) =>
  mapVectors(name => all[name].subarray(0, counts[name] * dimensions))

/** Adds the gradients of a batch's vectors to those of a hop, which the vectors are means of. */
function createScatter({ kernels, tables, batchSize, perPositive }: BatchSizes) {
  const { users, dimensions, hops } = tables
  const slots = batchSize * perPositive
  const picked = kernels.memory.ints(slots)
  const mixedIn = kernels.memory.ints(slots)
  const ownShare = kernels.memory.floats(slots)
  const mixedShare = kernels.memory.floats(slots)

  /** What each slot's negative is made of in hop h. */
  const split = ({ items: picks, pickedHops, mix }: Negatives, positives: Int32Array, h: number) => {
    const count = positives.length * perPositive
    for (let slot = 0; slot < count; slot++) {
      const beta = mix?.[slot * hops + h] ?? 0
      picked[slot] = picks[slot * pickedHops + h]
      mixedIn[slot] = picked[slot] < 0 ? -1 : positives[Math.floor(slot / perPositive)]
      ownShare[slot] = 1 - beta
      mixedShare[slot] = beta
    }
    return count
  }

  return (own: OwnRows, negatives: Negatives, gradients: BatchVectors, h: number, out: Floats) => {
    const itemRows = out.subarray(users * dimensions)
    const add = (values: Floats, rows: Int32Array, target: Floats, weights?: Floats) =>
      kernels.scatterRows(values, dimensions, rows, target, 1 / hops, weights)
    add(gradients.users, own.users, out)
    add(gradients.positives, own.positives, itemRows)
    add(gradients.shared, own.shared, itemRows)
    const count = split(negatives, own.positives, h)
    add(gradients.negatives, picked.subarray(0, count), itemRows, ownShare)
    if (negatives.mix) add(gradients.negatives, mixedIn.subarray(0, count), itemRows, mixedShare)
  }
}
