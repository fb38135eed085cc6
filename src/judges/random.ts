import { z } from 'zod'
import { number } from '../options.ts'
import { derive } from '../random.ts'
import { blindly } from './blind.ts'
import { defineJudge, ruleEach } from './judge.ts'

/**
 * A control: as many positives as some other judge gives, but blind. A verdict is a function of seed, user and item
 * alone, whatever the other candidates are. Confidence is 1 for a positive, 0 for a negative.
 */
export const random = defineJudge({
  name: 'random',
  summary: 'A control: positive with a fixed probability.',
  source: 'a control for DTL-NS, arXiv 2602.18249',
  options: z.object({
    rate: number(0, 1).default(0.5).describe('probability of a positive'),
  }),
  create({ seed }, { rate }) {
    const isPositive = blindly(derive(seed, 'judge', 'random'), rate)
    return async candidates =>
      ruleEach(candidates, (user, item) => {
        const positive = isPositive(user, item)
        return { positive, confidence: positive ? 1 : 0 }
      })
  },
})
