import { z } from 'zod'
import { defineJudge, ruleEach } from '../../../src/judges/judge.ts'
import { columnsOf } from '../../../src/kernels/csr.ts'
import { codeOf, formatCode } from '../../../src/trees/codes.ts'

/** Confidence: the share of the two views in which the leaves agree. */
export const sameLeaf = defineJudge({
  name: 'same-leaf',
  summary: 'Positive when a candidate lies in the very leaf of an item of the history, in either tree.',
  source: 'the strictest reading of the rule of the DTL-NS prompt, arXiv 2602.18249',
  options: z.object({}),
  create({ train: { byUser }, codes }) {
    const views = [codes.structural, codes.semantic]
    return async candidates =>
      ruleEach(candidates, (user, item) => {
        const history = columnsOf(byUser, user)
        const agreeing = views.filter(view => {
          const own = formatCode(codeOf(view, item))
          return own !== '' && history.some(known => formatCode(codeOf(view, known)) === own)
        })
        return { positive: agreeing.length > 0, confidence: agreeing.length / views.length }
      })
  },
})
