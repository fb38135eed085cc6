/** The stages of a run as they are, without making or locking anything: others may be at work. */

import { withKernels } from '../kernels/wasm/wasm.ts'
import type { Run, RunData } from './context.ts'
import { type KeptOptions, readOptions } from './directory.ts'
import { planRun } from './options/plan-run.ts'
import type { RunRequest, RunTarget } from './request.ts'
import { runStages } from './run-stages.ts'
import type { Sharding } from './sharding.ts'
import type { Watch } from './stage.ts'
import { dataStage } from './stages/data.ts'
import { tunePlan } from './stages/tune.ts'

export interface Visit extends Watch, Pick<RunRequest, 'sharding'> {
  /** command that makes what is missing */
  readonly remedy: string
  /** those of the run when absent */
  readonly threads?: number | undefined
}

/** @throws UsageError when the run lacks a stage that `body` needs */
export async function withFinishedStages<T>(
  directory: string,
  { source, given }: Pick<KeptOptions, 'source' | 'given'>,
  { remedy, threads, emit = () => {}, ...visit }: Visit,
  body: (run: Run, data: RunData) => Promise<T>,
): Promise<T> {
  const plan = planRun(given)
  return withKernels(threads || plan.run.threads, async kernels => {
    const asked: Run = { directory, source, plan, kernels, emit, readOnly: remedy, ...visit }
    const data = await dataStage(asked)
    return body({ ...asked, plan: await tunePlan(asked, data) }, data)
  })
}

/**
 * Visits the sharded stages up to a target, so that many workers may do it at once.
 * @throws UsageError when a stage before them is missing or was made with other options
 */
export async function visitStages(
  directory: string,
  until: RunTarget,
  visit: Visit & { readonly sharding: Sharding },
): Promise<void> {
  const kept = await readOptions(directory)
  await withFinishedStages(directory, kept, visit, (run, data) => runStages(run, data, until))
}
