/** What the rows of a run are made from. */
import { usesCodes } from '../samplers/index.ts'
import type { PartChoice, RunPlan } from './options/plan.ts'
import type { RunTarget } from './request.ts'

/** How far the ingredients of a run must go: without DTL-NS, no further than other rows need. */
export function neededUntil({ run, rerankJudge, compare }: RunPlan): 'train' | 'trees' | 'candidates' | 'evaluate' {
  if (run.final === 'dtl-ns') return 'evaluate'
  if (rerankJudge) return 'candidates'
  return compare.some(isCoded) ? 'trees' : 'train'
}

/** The plan without what a run that ends at `until` does not make: what is left says how much memory it needs. */
export function planUntil(plan: RunPlan, until: RunTarget): RunPlan {
  if (until === 'evaluate' || until === 'baselines') return plan
  if (until === 'base') return { ...plan, compare: [], run: { ...plan.run, final: 'base' } }
  const { fusion: _, rerankJudge: __, proposer, ...rest } = plan
  const run = { ...plan.run, rerank: 'none', refit: 'none' } as const
  const stages = { ...rest, baselines: [], compare: [] }
  if (until === 'train') return { ...stages, sampler: plan.baseSampler, run: { ...run, final: 'base' } }
  // the command of a stage makes what the table may leave out
  return { ...stages, ...(proposer && { proposer }), run: { ...run, final: 'dtl-ns' } }
}

export const isCoded = ({ name, options }: PartChoice): boolean => usesCodes({ part: name, options })
