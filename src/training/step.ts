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
import { createBatchNodes, type TouchedNodes } from '../kernels/rows.ts'
import type { EmbeddingModel, Parameter, WriteGradients } from '../models/model.ts'
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
  /** called before the optimizer, with gradients that are whole */
  readonly clip?: ((touched: TouchedNodes) => void) | undefined
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
  const { optimizer, kernels, regularization, clip } = parts
  const { tables } = parts.model
  const { differentiate, touched } = createGradients(parts)
  return (batch, at, step) => {
    let moved = false
    const move: Move = (negatives, gradients) => {
      const own = optimizer.of('embeddings', step)
      moved = true
      return kernels.updateRows(tables, batch, negatives, gradients, regularization, touched, own)
    }
    const result = differentiate(batch, at, clip ? undefined : move)
    clip?.(touched)
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
  const { users, items, dimensions, hops, pooled } = tables
  const { memory } = kernels
  const { learning } = sampler
  const shifts = learning?.shift !== undefined
  const lossOf = createLoss({ kernels, tables, objective, batchSize, perPositive, shifts })
  const { scores, loss } = lossOf
  // a sampler that learns adds to the gradients of all hops, so they are computed before the model takes the first
  const hopGradients = memory.floats(learning ? tables.hop.length : 0)
  const gradientsOf = (hop: number) => hopGradients.subarray(hop * pooled.length, (hop + 1) * pooled.length)
  // samplers may look at any item, but only at the users of the batch
  const needed = memory.bytes(users + items).fill(1, users)
  const touched = createBatchNodes(memory, users + items, batchSize * (2 + perPositive * hops) + lossOf.shared)
  const shiftGradient = memory.floats(learning ? batchSize * perPositive * dimensions : 0)
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
    const shift = learning?.shift?.(batch, at, negatives)
    const toShift = shiftGradient.subarray(0, batch.size * perPositive * dimensions)
    let write = lossOf.differentiate(batch, at, negatives, touched, shift && { by: shift, gradient: toShift })
    if (learning) {
      for (let h = 0; h < negatives.pickedHops; h++) write(h, gradientsOf(h))
      learning.differentiate(batch, at, negatives, { hops: hopGradients, shift: toShift }, loss)
      const rows = touched.rows.subarray(0, touched.count)
      write = (hop, out) => kernels.copyRows(gradientsOf(hop), out, dimensions, rows)
    }
    // a hop that is all of a vector is regularised as it is, through the model; of several, the initial vectors are
    const through = hops === 1 && !(regularizer.whole && model.initial)
    const regularized: WriteGradients = (hop, out) => {
      write(hop, out)
      if (through) regularizer.add(batch, negatives, touched, out, loss, 'stale')
    }
    model.backward(regularized, negatives.pickedHops, through && regularizer.whole ? undefined : touched)
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
