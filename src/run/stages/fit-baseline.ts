/** A baseline that an option asks for beside the table's own. */
import { UsageError } from '../../errors.ts'
import { baselines } from '../../models/baselines/index.ts'
import type { FitContext } from '../../models/model.ts'
import type { Recommender } from '../../models/recommender.ts'
import type { PartChoice } from '../options/plan.ts'

/**
 * @param flag that asked for the baseline
 * @throws UsageError when the data is too much for it
 */
export function fitBaseline(context: FitContext, { name, options }: PartChoice, flag: string): Recommender {
  const definition = baselines.get(name)
  const reason = definition.unsupportedReason?.(context.train, options)
  if (reason !== undefined) throw new UsageError(`${flag}: ${reason}`)
  return definition.fit(context, options)
}
