/** One training step: negatives, scores, loss, gradients, Adam. Its arrays are allocated once and used by every batch. */
import type {
  Batch,
  BatchNodes,
  BatchPosition,
  Floats,
  Kernels,
  Negatives,
  PairGradients,
  PairValues,
} from '../kernels/interface/kernels.ts'
import { createBatchNodes } from '../kernels/rows.ts'
import type { EmbeddingModel, Parameter } from '../models/model.ts'
import type { AnyObjective } from '../objectives/objective.ts'
import type { Sampler } from '../samplers/sampler.ts'
import { createLoss } from './loss.ts'
import type { Optimizer } from './optimizer.ts'
import type { TrainingOptions } from './options.ts'
import { createRegularizer } from './regularize.ts'

export interface StepResult {
  /** sum of the positives' losses, regularisation included */
  readonly loss: number
  /** negatives that scored below their positive */
  readonly correct: number
  /** positives whose user had no item left to draw */
  readonly skipped: number
}

export interface StepParts {
  readonly kernels: Kernels
  readonly model: EmbeddingModel
  readonly sampler: Sampler
  readonly objective: AnyObjective
  readonly optimizer: Optimizer
  readonly regularization: number
  /** `batch` when absent */
  readonly regularized?: TrainingOptions['regularized']
  /** the largest batch that will come */
  readonly batchSize: number
  /** K */
  readonly negatives: number
}

/** All that a training moves, by name: what the model is made of, and what the sampler learns. */
export function learnedParameters(model: EmbeddingModel, { learning }: Sampler): Record<string, Parameter> {
  const own = Object.entries(learning?.parameters ?? {}).map(([name, parameter]) => [`sampler.${name}`, parameter])
  return { ...model.parameters, ...Object.fromEntries(own) }
}

/** @returns the step as a function of a batch, its position and the count of steps from 1 */
export function createStep(parts: StepParts): (batch: Batch, at: BatchPosition, step: number) => StepResult {
  const { optimizer, kernels, regularization } = parts
  const { tables } = parts.model
  const { differentiate, touched } = createGradients(parts)
  return (batch, at, step) => {
    let moved = false
    const result = differentiate(batch, at, (negatives, gradients) => {
      const own = optimizer.of('embeddings', step)
      moved = true
      return kernels.updateRows(tables, batch, negatives, gradients, regularization, touched, own)
    })
    if (!moved) optimizer.apply(step, touched)
    return result
  }
}

/** Moves the rows of a batch in place of all that follows the derivatives, and gives the L2 term of its loss. */
type Move = (negatives: Negatives, gradients: PairGradients) => number

export interface Gradients {
  /**
   * Fills the parameters' gradients.
   * @param move called instead, where the gradients of a batch's pairs are all that there is
   */
  differentiate(batch: Batch, at: BatchPosition, move?: Move): StepResult
  /** the nodes of the last batch: users, positives and picked negatives */
  readonly touched: BatchNodes
  /** what the last batch's positives and negatives were compared by */
  readonly scores: PairValues
}

/** The step without the optimizer. This is what gradient checks look at. */
export function createGradients(parts: Omit<StepParts, 'optimizer'>): Gradients {
  const { kernels, model, sampler, objective, regularization, regularized, batchSize, negatives: perPositive } = parts
  const { tables, parameters } = model
  const { users, items, hops, pooled } = tables
  const { memory } = kernels
  const { learning } = sampler
  const shifts = learning?.shift !== undefined
  const lossOf = createLoss({ kernels, tables, objective, batchSize, perPositive, shifts })
  const { scores, loss } = lossOf
  let hopGradients: Floats | undefined
  // samplers may look at any item, but only at the users of the batch
  const needed = memory.bytes(users + items).fill(1, users)
  const touched = createBatchNodes(memory, users + items, batchSize * (2 + perPositive * hops) + lossOf.shared)
  const shiftGradient = memory.floats(learning ? batchSize * perPositive * tables.dimensions : 0)
  const regularizer = createRegularizer(kernels, model, regularization, regularized ?? 'batch')
  const direct = model.direct && !learning && !regularizer.whole && lossOf.pairGradients
  const differentiate = (batch: Batch, at: BatchPosition, move?: Move) => {
    for (let b = 0; b < batch.size; b++) needed[batch.users[b]] = 1
    model.forward(needed, at)
    for (let b = 0; b < batch.size; b++) needed[batch.users[b]] = 0
    const negatives = sampler.sample(batch, at)
    if (direct && move && !negatives.mix) {
      const penalties = move(negatives, direct(batch, negatives, touched))
      const result = resultOf(batch, negatives, scores, loss)
      return { ...result, loss: result.loss + penalties }
    }
    hopGradients ??= memory.floats(tables.hop.length)
    const used = hopGradients.subarray(0, negatives.pickedHops * pooled.length)
    const slots = batch.size * perPositive * tables.dimensions
    const shift = learning?.shift?.(batch, at, negatives)
    const shifted = shift && { by: shift, gradient: shiftGradient.subarray(0, slots) }
    lossOf.differentiate(batch, at, negatives, touched, used, shifted)
    const gradients = { hops: used, shift: shiftGradient.subarray(0, slots) }
    learning?.differentiate(batch, at, negatives, gradients, loss)
    // a hop that is all of a vector is regularised as it is, through the model; of several, the initial vectors are
    const through = hops === 1 && !(regularizer.whole && model.initial)
    if (through) regularizer.add(batch, negatives, touched, used, loss, 'stale')
    model.backward(used, negatives.pickedHops, through && regularizer.whole ? undefined : touched)
    if (!through) regularizer.add(batch, negatives, touched, parameters.embeddings.gradient, loss, 'kept')
    model.contrast?.(batch, at, loss)
    return resultOf(batch, negatives, scores, loss)
  }
  return { differentiate, touched, scores }
}

function resultOf(batch: Batch, { items, pickedHops, perPositive }: Negatives, scores: PairValues, loss: Floats) {
  let total = 0
  let correct = 0
  let skipped = 0
  for (let b = 0; b < batch.size; b++) {
    total += loss[b]
    const first = b * perPositive
    if (items[first * pickedHops] < 0) skipped++
    else
      for (let slot = first; slot < first + perPositive; slot++)
        if (scores.negative[slot] < scores.positive[b]) correct++
  }
  return { loss: total, correct, skipped }
}
