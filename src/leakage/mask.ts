import { union } from '../dataset/patterns.ts'
import { formatCount } from '../numbers.ts'
import { type Check, countShared, skipped, withoutPairs } from './check.ts'
import { findTrace } from './filtered.ts'

/**
 * What is left out of rankings. The honest mask is what was observed before test. A mask with judged pairs takes wrong
 * items out of lists; when those pairs were filtered by test data, it takes out wrong items only.
 */
export const mask: Check = {
  name: 'mask',
  summary: 'Rankings leave out what was observed before test, and nothing that was chosen with test data.',
  run({ parts: { train, valid, test, enhanced, mask } }) {
    const masked = mask ?? enhanced
    if (!masked) return skipped('needs --mask or --enhanced')
    const observed = valid ? union(train.pairs, valid.pairs) : train.pairs
    const extra = withoutPairs(masked.pairs, observed)
    const hidden = countShared(extra, test.pairs)
    const unmasked = valid ? valid.pairs.indices.length - countShared(valid.pairs, masked.pairs) : 0
    const given = mask ? 'the mask' : 'the enhanced set, if it is what rankings mask,'
    const trace = findTrace('masked pairs beyond train and valid', extra, test.pairs)
    const figures = { beyondObserved: extra.indices.length, test: hidden, validUnmasked: unmasked }
    const notes =
      unmasked > 0 ? `; ${formatCount(unmasked)} pairs of valid are not masked and take places in the lists` : ''
    if (trace.verdict === 'leak')
      return {
        verdict: 'leak',
        text: `${given} raises every figure: it takes ${formatCount(extra.indices.length)} unobserved pairs out of the lists and ${hidden === 0 ? 'no' : `only ${formatCount(hidden)}`} pair of test, where ${formatCount(Math.round(trace.figures.expected))} are expected${notes}`,
        figures: { ...figures, expected: trace.figures.expected, log10p: trace.figures.log10p },
      }
    if (extra.indices.length > 0)
      return {
        verdict: 'note',
        text: `${given} holds ${formatCount(extra.indices.length)} pairs beyond train and valid, ${formatCount(hidden)} of them of test, which then cannot be recommended${notes}`,
        figures,
      }
    return { verdict: notes ? 'note' : 'ok', text: `${given} holds observed pairs only${notes}`, figures }
  },
}
