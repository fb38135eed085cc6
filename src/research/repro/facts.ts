/** What can be counted in the released files without training anything. */

import { has } from '../../dataset/patterns.ts'
import type { Split } from '../../dataset/split.ts'
import { withoutHeldOut } from '../../evaluation/protocols.ts'
import type { Codes } from '../../kernels/interface/kernels.ts'
import { codeOf, formatCode } from '../../trees/codes.ts'
import { shapeOf, type TreeShape } from '../../trees/tree.ts'
import { patternOf, type ReleasedFiles } from './released-files.ts'

/** The shape of a tree of which only the codes are known: items of one code share a leaf. */
export function shapeOfCodes(codes: Codes, items: number): Omit<TreeShape, 'orphans'> {
  const all = Array.from({ length: items }, (_, item) => codeOf(codes, item))
  const leaves = [...Map.groupBy(all, formatCode).values()].map(own => ({ items: own.length, depth: own[0].length }))
  const branches = [...Map.groupBy(all, code => code[0] ?? -1)].filter(([branch]) => branch >= 0)
  return {
    ...shapeOf(leaves, items),
    topBranches: branches.sort(([a], [b]) => a - b).map(([, group]) => group.length),
  }
}

/** By the names of `FACT_BANDS`. */
export function countFacts({ codes, candidates, judged }: ReleasedFiles, split: Split): Record<string, number> {
  const { train } = split
  const outside = withoutHeldOut(candidates, split)
  const positive = patternOf(judged, train)
  const positives = Array.from(outside.users, (user, row) => has(positive, user, outside.items[row])).filter(Boolean)
  return {
    'candidates outside valid and test': outside.users.length,
    'of them judged positive, in %': (100 * positives.length) / outside.users.length,
    'judged pairs that are held out': judged.users.length - withoutHeldOut(judged, split).users.length,
    ...treeFacts('structural', shapeOfCodes(codes.structural, train.items)),
    ...treeFacts('semantic', shapeOfCodes(codes.semantic, train.items)),
  }
}

function treeFacts(view: string, shape: Omit<TreeShape, 'orphans'>): Record<string, number> {
  return {
    [`${view} tree: shortest code`]: shape.depthMin,
    [`${view} tree: longest code`]: shape.depthMax,
    [`${view} tree: mean code length`]: shape.depthMean,
    [`${view} tree: leaves`]: shape.leaves,
    [`${view} tree: largest leaf`]: shape.leafMax,
    [`${view} tree: largest top branch`]: Math.max(...shape.topBranches),
  }
}
