/** What of a trained model's histories counts less, and whether it can. */
import type { Dataset } from '../dataset/dataset.ts'
import { UsageError } from '../errors.ts'
import { type DecayOptions, isLasting, missingOrder } from '../models/decay.ts'
import { models } from '../models/index.ts'
import type { RunPlan } from './options/plan.ts'

/** @throws UsageError when trained models cannot have the recency that is asked for */
export function checkRecency({ run, model }: RunPlan, train: Dataset): void {
  const missing = missingOrder('--', train, run)
  if (missing) throw new UsageError(missing)
  if (models.get(model.name).scorer && !isLasting(run))
    throw new UsageError(
      `model "${model.name}" folds no histories in, so nothing can count less: leave out --decay and --half-life`,
    )
}

/** What counts less in the histories of trained models, where anything does: part of what their rows depend on. */
export function vectorRecency({ run: { decay = 1, halfLife = 0 } }: RunPlan): { recency?: DecayOptions } {
  const recency = { decay, halfLife }
  return isLasting(recency) ? {} : { recency }
}
