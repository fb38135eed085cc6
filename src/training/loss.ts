/** From a batch and its negatives to the loss and its gradients by the model's hop vectors, for either kind of objective. */
import { UsageError } from '../errors.ts'
import type {
  Batch,
  BatchNodes,
  BatchPosition,
  Floats,
  Kernels,
  Negatives,
  PairGradients,
  PairValues,
  Tables,
} from '../kernels/interface/kernels.ts'
import type { EmbeddingDefinition } from '../models/model.ts'
import type { Scorer } from '../models/scorer.ts'
import type {
  BatchVectors,
  Objective,
  ObjectiveDefinition,
  VectorContext,
  VectorObjective,
} from '../objectives/objective.ts'

/**
 * @throws UsageError for an objective on vectors and a model whose scores are no inner products of them
 */
export function checkObjective(model: EmbeddingDefinition, objective: ObjectiveDefinition): void {
  if (!model.scorer || objective.kind === 'scores') return
  throw new UsageError(
    `objective "${objective.name}" compares vectors, and model "${model.name}" scores pairs by a network: use an objective on scores, such as bce or bpr`,
  )
}

/** An objective that was created, with its kind. */
export type AnyObjective = ({ readonly kind: 'scores' } & Objective) | ({ readonly kind: 'vectors' } & VectorObjective)

export function createObjective(
  definition: ObjectiveDefinition,
  options: unknown,
  context: VectorContext,
): AnyObjective {
  return definition.kind === 'scores'
    ? { kind: 'scores', ...definition.create(context.kernels, options) }
    : { kind: 'vectors', ...definition.create(context, options) }
}

export interface LossParts extends Pick<VectorContext, 'kernels' | 'batchSize' | 'perPositive'> {
  readonly tables: Tables
  readonly objective: AnyObjective
  /** of the model, where its scores are no inner products */
  readonly scorer?: Scorer
  /** whether batches come with a shift */
  readonly shifts?: boolean
}

export interface Loss {
  /** what the last batch's positives and negatives were compared by */
  readonly scores: PairValues
  /** of the last batch's positives, [B] */
  readonly loss: Floats
  /** the most items that a batch's positives share as negatives */
  readonly shared: number
  /**
   * @param touched filled with the nodes that have a gradient
   * @param hopGradients ∂loss/∂(hop vector), [pickedHops × (U + I) × D]; the touched rows are overwritten
   */
  differentiate(
    batch: Batch,
    at: BatchPosition,
    negatives: Negatives,
    touched: BatchNodes,
    hopGradients: Floats,
    shift?: Shift,
  ): void
  /** The part of `differentiate` before the tables, of an objective on scores: the same but for `hopGradients`. */
  readonly pairGradients?: PairStep
}

type PairStep = (batch: Batch, negatives: Negatives, touched: BatchNodes) => PairGradients

/** What a sampler adds to the pooled vectors of its negatives, [S × D]. */
export interface Shift {
  readonly by: Floats
  /** overwritten with ∂loss/∂(what is added) */
  readonly gradient: Floats
}

export function createLoss(parts: LossParts): Loss {
  const { kernels, batchSize, perPositive, scorer } = parts
  const objective =
    scorer && parts.objective.kind === 'scores' ? scoredBy(parts, scorer, parts.objective) : parts.objective
  const { memory } = kernels
  const scores = { positive: memory.floats(batchSize), negative: memory.floats(batchSize * perPositive) }
  const loss = memory.floats(batchSize)
  if (objective.kind === 'scores') return { scores, loss, shared: 0, ...byScores(parts, objective, scores, loss) }
  const differentiate = byVectors(parts, objective, scores, loss)
  return { scores, loss, shared: objective.sharedCount(batchSize), differentiate }
}

/** An objective on the scores that a scorer gives to vectors, as one on these vectors. */
function scoredBy({ kernels, batchSize, perPositive }: LossParts, scorer: Scorer, objective: Objective): AnyObjective {
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
      scorer.back(users, positives, derivatives.positive, 1, gradients.users, gradients.positives)
      scorer.back(users, own, derivatives.negative, perPositive, gradients.users, gradients.negatives)
    },
  }
}

function byScores(parts: LossParts, objective: Objective, scores: PairValues, loss: Floats) {
  const { kernels, tables, batchSize, perPositive } = parts
  const { memory } = kernels
  const derivatives = { positive: memory.floats(batchSize), negative: memory.floats(batchSize * perPositive) }
  const { dimensions } = tables
  const userGradients = memory.floats(batchSize * dimensions)
  const shifting = parts.shifts ? createShifting(parts) : undefined
  const pairGradients = (batch: Batch, negatives: Negatives, touched: BatchNodes, shift?: Shift): PairGradients => {
    kernels.scorePairs(tables, batch, negatives, scores.positive, scores.negative)
    if (shift) shifting?.addScores(batch, negatives, shift, scores.negative)
    objective.differentiate(batch, negatives, scores, derivatives, loss)
    kernels.userGradients(tables, batch, negatives, derivatives, userGradients)
    if (shift) shifting?.toGradients(batch, shift, derivatives.negative, userGradients)
    kernels.groupByNode(tables, batch, negatives, touched)
    return { derivatives, userGradients }
  }
  const differentiate: Loss['differentiate'] = (batch, _at, negatives, touched, hopGradients, shift) => {
    pairGradients(batch, negatives, touched, shift)
    kernels.scatterGradients(tables, batch, negatives, derivatives, userGradients, touched, hopGradients)
  }
  return { differentiate, pairGradients }
}

/** The part of a shift in scores and gradients: the score of a negative is ū·(n̄ + shift). */
function createShifting({ kernels, tables: { pooled, dimensions }, batchSize, perPositive }: LossParts) {
  const { memory } = kernels
  const allUsers = memory.floats(batchSize * dimensions)
  const products = memory.floats(batchSize * perPositive)
  const usersOf = ({ size }: Batch) => allUsers.subarray(0, size * dimensions)
  return {
    addScores(batch: Batch, { items, pickedHops }: Negatives, { by }: Shift, scores: Floats): void {
      const users = usersOf(batch)
      kernels.gatherRows(pooled, dimensions, batch.users.subarray(0, batch.size), users)
      kernels.dotRows(users, by, perPositive, dimensions, products)
      for (let slot = 0; slot < batch.size * perPositive; slot++)
        if (items[slot * pickedHops] >= 0) scores[slot] += products[slot]
    },
    toGradients(batch: Batch, { by, gradient }: Shift, derivatives: Floats, userGradients: Floats): void {
      kernels.dotRowsBack(usersOf(batch), by, derivatives, perPositive, dimensions, userGradients, gradient)
    },
  }
}

function byVectors(
  parts: LossParts,
  objective: VectorObjective,
  scores: PairValues,
  loss: Floats,
): Loss['differentiate'] {
  const { kernels, tables, batchSize, perPositive } = parts
  const { users, dimensions, pooled } = tables
  const { memory } = kernels
  const most = objective.sharedCount(batchSize)
  const shared = memory.ints(most)
  const rowCounts = { users: batchSize, positives: batchSize, negatives: batchSize * perPositive, shared: most }
  const [vectors, gradients] = [rowCounts, rowCounts].map(counts => allocate(kernels, counts, dimensions))
  const itemVectors = pooled.subarray(users * dimensions)
  const scatter = createScatter(parts)
  return (batch, at, negatives, touched, hopGradients, shift) => {
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
    clearRows(hopGradients, touched.rows.subarray(0, touched.count), dimensions, tables.pooled.length)
    scatter(own, negatives, wanted, hopGradients)
  }
}

/** Zeroes some rows of each of the tables, one behind the other, of `length` floats each. */
function clearRows(tables: Floats, rows: Int32Array, columns: number, length: number): void {
  for (let table = 0; table < tables.length; table += length)
    for (const row of rows) tables.fill(0, table + row * columns, table + (row + 1) * columns)
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

/** Adds the gradients of a batch's vectors to the hop tables that the vectors are means of. */
function createScatter({ kernels, tables, batchSize, perPositive }: LossParts) {
  const { users, items, dimensions, hops } = tables
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

  return (own: OwnRows, negatives: Negatives, gradients: BatchVectors, hopGradients: Floats) => {
    const length = (users + items) * dimensions
    for (let h = 0; h < negatives.pickedHops; h++) {
      const userRows = hopGradients.subarray(h * length, (h + 1) * length)
      const itemRows = userRows.subarray(users * dimensions)
      const add = (values: Floats, rows: Int32Array, target: Floats, weights?: Floats) =>
        kernels.scatterRows(values, dimensions, rows, target, 1 / hops, weights)
      add(gradients.users, own.users, userRows)
      add(gradients.positives, own.positives, itemRows)
      add(gradients.shared, own.shared, itemRows)
      const count = split(negatives, own.positives, h)
      add(gradients.negatives, picked.subarray(0, count), itemRows, ownShare)
      if (negatives.mix) add(gradients.negatives, mixedIn.subarray(0, count), itemRows, mixedShare)
    }
  }
}
