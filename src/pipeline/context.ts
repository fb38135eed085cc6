/** What every stage of one run shares. */
import type { Split } from '../dataset/split.ts'
import type { Kernels } from '../kernels/kernels.ts'
import type { RunPlan } from './plan.ts'
import type { StageContext, StageResult } from './stage.ts'

export interface Run extends StageContext {
  readonly plan: RunPlan
  /** where the interactions are; absent when a run directory is gone on with, whose `data` stage holds them */
  readonly source?: string
  readonly kernels: Kernels
}

/** The data of a run, and its hash as stages take it in. */
export type RunData = StageResult<Split>
