/** What every stage of one run shares. */
import type { Split } from '../dataset/split.ts'
import type { Kernels } from '../kernels/interface/kernels.ts'
import type { RunPlan } from './options/plan.ts'
import type { StageContext, StageResult } from './stage.ts'

export interface Run extends StageContext {
  readonly plan: RunPlan
  /** where the interactions are, or were when the run began */
  readonly source: string
  /** whether the directory was made from another one, or from none */
  readonly sourceIsNew?: boolean
  readonly kernels: Kernels
}

/** The data of a run, and its hash as stages take it in. */
export type RunData = StageResult<Split>
