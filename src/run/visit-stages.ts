/** Visits the sharded stages of a run: nothing is made or locked, so that many workers may do it at once. */
import { physicalCores } from '../kernels/wasm/pool.ts'
import { createKernels } from '../kernels/wasm/wasm.ts'
import type { Run, RunData } from './context.ts'
import { readOptions } from './directory.ts'
import { planRun } from './options/plan-run.ts'
import type { RunRequest, RunTarget } from './request.ts'
import { runStages } from './run-stages.ts'
import type { Sharding } from './sharding.ts'
import { dataStage } from './stages/data.ts'
import { tunePlan } from './stages/tune.ts'

export interface VisitRequest extends Pick<RunRequest, 'directory' | 'signal' | 'emit'> {
  readonly until: RunTarget
  readonly sharding: Sharding
  /** command that makes what is missing */
  readonly remedy: string
  /** one per physical core when absent */
  readonly threads?: number | undefined
}

/**
 * Opens what the stages before the target have made, and visits those that are sharded.
 * @throws UsageError when one of them is missing or was made with other options
 */
export async function visitStages({ directory, until, sharding, remedy, threads, signal, emit }: VisitRequest) {
  const kept = await readOptions(directory)
  const plan = planRun(kept.given)
  const kernels = createKernels({ threads: threads || plan.run.threads || physicalCores() })
  try {
    const asked: Run = {
      ...{ directory, source: kept.source, plan, kernels, sharding, readOnly: remedy },
      emit: emit ?? (() => {}),
      ...(signal && { signal }),
    }
    const data: RunData = await dataStage(asked)
    await runStages({ ...asked, plan: await tunePlan(asked, data) }, data, until)
  } finally {
    kernels.close()
  }
}
