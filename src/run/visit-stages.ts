/** Visits the sharded stages of a run: nothing is made or locked, so that many workers may do it at once. */
import { readOptions } from './directory.ts'
import { type Visit, withFinishedStages } from './finished-stages.ts'
import type { RunTarget } from './request.ts'
import { runStages } from './run-stages.ts'
import type { Sharding } from './sharding.ts'

export interface VisitRequest extends Visit {
  readonly directory: string
  readonly until: RunTarget
  readonly sharding: Sharding
}

/**
 * Opens what the stages before the target have made, and visits those that are sharded.
 * @throws UsageError when one of them is missing or was made with other options
 */
export async function visitStages({ directory, until, ...visit }: VisitRequest): Promise<void> {
  const kept = await readOptions(directory)
  await withFinishedStages(directory, kept, visit, (run, data) => runStages(run, data, until))
}
