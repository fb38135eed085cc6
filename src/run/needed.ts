/** What the rows of a run are made from. */
import { usesCodes } from '../samplers/index.ts'
import type { PartChoice, RunPlan } from './options/plan.ts'

/** How far the ingredients of a run must go: without DTL-NS, no further than other rows need. */
export function neededUntil({ run, rerankJudge, compare }: RunPlan): 'train' | 'trees' | 'candidates' | 'evaluate' {
  if (run.final === 'dtl-ns') return 'evaluate'
  if (rerankJudge) return 'candidates'
  return compare.some(isCoded) ? 'trees' : 'train'
}

export const isCoded = ({ name, options }: PartChoice): boolean => usesCodes({ part: name, options })
