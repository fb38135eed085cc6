import { z } from 'zod'
import { choice, integer, number } from '../options.ts'
import { derive } from '../random.ts'
import { codeOf, type ViewCodes } from '../trees/codes.ts'
import { blindly } from './blind.ts'
import { defineJudge, ruleEach } from './judge.ts'
import { bestSharedPrefix, deepest } from './shared-prefix.ts'

/**
 * The rule that the language model's prompt states, without the model: positive when the candidate shares a prefix of
 * `minPrefix` steps or more with some item of the user's history, in either view. Confidence is the shared prefix over
 * the depth of the deeper tree. Cost O(N · |history| · depth) a user, well below a second for 300,000 candidates.
 *
 * Without `minPrefix`, one step short of a whole path: there a node holds the candidate's leaf and its sisters, about
 * branches × leafSize items. On the released Sports trees that is 4, where the share of candidates that turn out to be
 * held-out interactions jumps from 0.9 % (prefix 3) to 2.1 %; a threshold of 3 would pass 84 % of them.
 */
export const prefix = defineJudge({
  name: 'prefix',
  summary: "Positive when the candidate's code shares a long enough prefix with one of the history.",
  source: 'the rule of the DTL-NS prompt, arXiv 2602.18249; differs: a fixed length for "a clear prefix overlap"',
  options: z.object({
    minPrefix: integer(1, 127, 'steps')
      .optional()
      .describe('shortest shared path of a positive; if not given, one less than the mean code length'),
    views: choice(['both', 'structural', 'semantic']).describe('the trees whose paths count'),
    flips: number(0, 1)
      .default(0)
      .describe('probability that a verdict is flipped: planted noise, to see how much of it verdicts can have'),
  }),
  create({ train, codes: all, kernels, seed }, { minPrefix: given, views, flips }) {
    const codes = viewsOf(all, views)
    const minPrefix = given ?? usualPrefix(codes)
    const depth = Math.max(1, deepest(codes))
    const isFlipped = blindly(derive(seed, 'judge', 'flips'), flips)
    return async (candidates, control) => {
      const shared = await bestSharedPrefix(candidates, codes, train.byUser, kernels, control)
      const ruling = ruleEach(candidates, (user, item, place) => {
        const [positive, confidence] = [shared[place] >= minPrefix, shared[place] / depth]
        return isFlipped(user, item) ? { positive: !positive, confidence: 1 - confidence } : { positive, confidence }
      })
      return { ...ruling, ...(views === 'both' && { sharedPrefix: shared }), details: { minPrefix } }
    }
  },
})

/** A view that does not count has empty codes, which share nothing. */
function viewsOf(codes: ViewCodes, views: 'both' | keyof ViewCodes): ViewCodes {
  const empty = { depth: 0, values: new Int8Array() }
  return views === 'both' ? codes : { structural: empty, semantic: empty, [views]: codes[views] }
}

/** One less than the mean code length over both views, rounded; at least 1. */
function usualPrefix({ structural, semantic }: ViewCodes): number {
  const lengths = [structural, semantic].flatMap(codes => {
    const items = codes.depth ? codes.values.length / codes.depth : 0
    return Array.from({ length: items }, (_, item) => codeOf(codes, item).length)
  })
  const mean = lengths.reduce((sum, length) => sum + length, 0) / Math.max(1, lengths.length)
  return Math.max(1, Math.round(mean) - 1)
}
