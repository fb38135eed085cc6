import { z } from 'zod'
import { integer } from '../options.ts'
import { defineJudge, ruleEach } from './judge.ts'

/** A control without codes: what a judge adds is what it does better than the ranking that made the candidates. */
export const modelScore = defineJudge({
  name: 'model-score',
  summary: "A control: the base model's first candidates are positive; confidence falls with the rank.",
  source: 'a control for DTL-NS, arXiv 2602.18249',
  options: z.object({
    top: integer(1, 1000, 'items').default(5).describe('best candidates per user that are positive'),
  }),
  create:
    (_context, { top }) =>
    async candidates =>
      ruleEach(candidates, (_user, _item, place) => {
        const rank = place % candidates.k
        return { positive: rank < top, confidence: 1 - rank / candidates.k }
      }),
})
