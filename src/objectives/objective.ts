/** What an objective is: a loss on the scores of positives and negatives, and its derivatives by them. */
import type { z } from 'zod'
import type { Batch, Floats, Kernels, Negatives, PairValues } from '../kernels/kernels.ts'
import { type OptionsSchema, parseOptions } from '../options.ts'
import type { Part } from '../registry.ts'

export interface Objective {
  /**
   * @param derivatives filled with ∂(mean loss)/∂score
   * @param loss filled with each positive's loss, [B], not divided by B
   */
  differentiate(batch: Batch, negatives: Negatives, scores: PairValues, derivatives: PairValues, loss: Floats): void
}

export interface ObjectiveDefinition extends Part {
  create(kernels: Kernels, options: unknown): Objective
}

export function defineObjective<S extends OptionsSchema>(definition: {
  name: string
  summary: string
  source: string
  options: S
  create(kernels: Kernels, options: z.output<S>): Objective
}): ObjectiveDefinition {
  return {
    ...definition,
    create: (kernels, options) =>
      definition.create(kernels, parseOptions(definition.options, options, `objective "${definition.name}"`)),
  }
}
