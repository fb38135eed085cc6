import { z } from 'zod'
import { defineJudge, ruleEach } from './judge.ts'

/** A control: what a judge adds is what it does better than this. */
export const acceptAll = defineJudge({
  name: 'accept-all',
  summary: 'A control: everything is positive, confidence 1.',
  source: 'a control for DTL-NS, arXiv 2602.18249, whose released labels are positive for 94 % of the candidates',
  options: z.object({}),
  create: () => async candidates => ruleEach(candidates, () => ({ positive: true, confidence: 1 })),
})
