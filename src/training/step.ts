/** One training step: negatives, scores, loss, gradients, Adam. Its arrays are allocated once and used by every batch. */
import type { Batch, Kernels } from '../kernels/kernels.ts'
import type { EmbeddingModel } from '../models/model.ts'
import type { BatchPosition, Sampler } from '../samplers/sampler.ts'
import { type AnyObjective, createLoss } from './loss.ts'
import type { Optimizer } from './optimizer.ts'

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
  /** the largest batch that will come */
  readonly batchSize: number
  /** K */
  readonly negatives: number
}

/** @returns the step as a function of a batch, its position and the count of steps from 1 */
export function createStep(parts: StepParts): (batch: Batch, at: BatchPosition, step: number) => StepResult {
  const { optimizer } = parts
  const gradients = createGradients(parts)
  return (batch, at, step) => {
    const result = gradients(batch, at)
    optimizer.apply(step)
    return result
  }
}

/** The step without the optimizer: fills the parameters' gradients. This is what gradient checks look at. */
export function createGradients(parts: Omit<StepParts, 'optimizer'>): (batch: Batch, at: BatchPosition) => StepResult {
  const { kernels, model, sampler, objective, regularization, batchSize, negatives: perPositive } = parts
  const { tables, parameters } = model
  const { memory } = kernels
  const { scores, loss, differentiate } = createLoss({ kernels, tables, objective, batchSize, perPositive })
  const hopGradients = memory.floats(tables.hop.length)
  const nodes = memory.bytes(tables.users + tables.items)
  return (batch, at) => {
    // samplers may look at any item, but only at the users of the batch
    nodes.fill(0, 0, tables.users).fill(1, tables.users)
    for (let b = 0; b < batch.size; b++) nodes[batch.users[b]] = 1
    model.forward(nodes)
    const negatives = sampler.sample(batch, at)
    const used = hopGradients.subarray(0, negatives.pickedHops * tables.pooled.length)
    const shared = differentiate(batch, at, negatives, used)
    nodes.fill(0, tables.users)
    for (let b = 0; b < batch.size; b++) nodes[tables.users + batch.positives[b]] = 1
    const picks = batch.size * perPositive * negatives.pickedHops
    for (let pick = 0; pick < picks; pick++)
      if (negatives.items[pick] >= 0) nodes[tables.users + negatives.items[pick]] = 1
    for (const item of shared) if (item >= 0) nodes[tables.users + item] = 1
    model.backward(used, negatives.pickedHops, nodes)
    if (regularization > 0)
      kernels.addRegularization(tables, batch, negatives, regularization, parameters.embeddings.gradient, loss)
    let total = 0
    let correct = 0
    let skipped = 0
    for (let b = 0; b < batch.size; b++) {
      total += loss[b]
      const first = b * perPositive
      if (negatives.items[first * negatives.pickedHops] < 0) skipped++
      else
        for (let slot = first; slot < first + perPositive; slot++)
          if (scores.negative[slot] < scores.positive[b]) correct++
    }
    return { loss: total, correct, skipped }
  }
}
