import { z } from 'zod'
import { UsageError } from '../errors.ts'
import { number } from '../options.ts'
import { baseOption, defineSamplerDecorator } from './sampler.ts'

/**
 * Multi-view hard negatives: score′ = minmax over the N candidates (score) + α_c·sim_c(p, n) + α_s·sim_s(p, n), where
 * sim is the shared part of two item codes. Wraps any scoring sampler and leaves its draw and pick alone.
 * Cost O(N (depth + H)) a negative on top of the base.
 */
export const dualTree = defineSamplerDecorator({
  name: 'dual-tree',
  summary: "Adds the similarity of positive and candidate in both trees to another sampler's scores.",
  source: 'DTL-NS, arXiv 2602.18249',
  usesCodes: true,
  options: z.object({
    base: baseOption,
    structuralWeight: weightOption(0.1, 'α_c, weight of similarity in the structural tree'),
    semanticWeight: weightOption(0.3, 'α_s, weight of similarity in the semantic tree'),
  }),
  usersByBatch: true,
  decorate(base, { kernels, codes }, { structuralWeight, semanticWeight }) {
    if (!codes) throw new UsageError('sampler "dual-tree" needs the item codes of both trees: build the trees first')
    const views = [
      { codes: codes.structural, weight: structuralWeight },
      { codes: codes.semantic, weight: semanticWeight },
    ]
    return {
      ...base,
      score(batch, candidates) {
        const scores = base.score(batch, candidates)
        kernels.addCodeSimilarity(views, batch, candidates, base.perSlot, base.hops, scores)
        return scores
      },
    }
  },
})

function weightOption(standard: number, help: string) {
  return number(0, 10).default(standard).describe(`${help}; scores themselves span 0 to 1`)
}
