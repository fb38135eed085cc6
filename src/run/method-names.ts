/** What the rows and stages of trained methods are called. */
import type { FusionChoice, PartChoice, RunPlan } from './options/plan.ts'

/** Row of the method that a run is about, with its second stage. */
export const RERANKED = 'reranked'
export const BASE_STAGE = 'train-base'
/** The row of a base model that was made elsewhere. */
const GIVEN_BASE = 'given-base'
export const FINAL_STAGE = 'train-dtl-ns'
export const FINAL_METHOD = 'dtl-ns'
/** DTL-NS trained as released, but with the strict mask at test. */
export const STRICT_MASK = 'dtl-ns-strict-mask'

/** "lightgcn+mixgcf" */
export function methodName(plan: RunPlan, sampler: PartChoice): string {
  if (sampler === plan.baseSampler && plan.run.baseModel !== undefined) return GIVEN_BASE
  return `${plan.model.name}+${sampler.name}`
}

/** The row of the model that is ranked again: DTL-NS, or its base model where that is all there is. */
export function finalModel(plan: RunPlan): string {
  return plan.run.final === 'base' ? methodName(plan, plan.baseSampler) : FINAL_METHOD
}

/** The row that a run is about: its final model, fused and ranked again where the plan asks for that. */
export function finalMethod(plan: RunPlan): string {
  return plan.run.rerank === 'none' ? fusedWhere(plan, finalModel(plan)) : RERANKED
}

/** The row that the final one is compared with: the base model, fused where the plan asks for that. */
export function baselineOfFinal(plan: RunPlan): string {
  return fusedWhere(plan, methodName(plan, plan.baseSampler))
}

/** Row of a trained method fused with the plan's baseline: "dtl-ns+item-knn". */
export function fusedName(method: string, { baseline }: FusionChoice): string {
  return `${method}+${baseline.name}`
}

/** The fused row of a trained method where the plan asks for one, else its own. */
export function fusedWhere({ fusion }: Pick<RunPlan, 'fusion'>, method: string): string {
  return fusion ? fusedName(method, fusion) : method
}

/** Whether a row is DTL-NS, fused, ranked again or neither. */
export function isFinal(method: string): boolean {
  return method === FINAL_METHOD || method === RERANKED || method.startsWith(`${FINAL_METHOD}+`)
}
