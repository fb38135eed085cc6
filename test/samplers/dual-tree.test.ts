import { describe, expect, it } from 'vitest'
import { createKernels } from '../../src/kernels/wasm/wasm.ts'
import { dualTree } from '../../src/samplers/dual-tree.ts'
import { createSampler, samplers } from '../../src/samplers/index.ts'
import { batchOf, samplerContext, scoringSteps, variantsOf } from '../contracts/sampler.ts'
import { minMax, type ScoreRow, scoreRows, similarity } from './naive.ts'

const N = 7
/** Options with which a base picks the largest score and nothing else. */
const largestOnly: Readonly<Record<string, object>> = { 'dns-mn': { hardest: 1 } }
const PER_POSITIVE = 2
const AT = { epoch: 3, batch: 1 }

/** What the base scores and picks, and what dual-tree around it picks with these weights. */
function around(base: string, weights: { structuralWeight: number; semanticWeight: number }, at = AT) {
  const kernels = createKernels()
  const context = samplerContext(kernels, { perPositive: PER_POSITIVE })
  const batch = batchOf(kernels)
  const inner = scoringSteps(
    { definition: samplers.get(base), options: { candidateNegatives: N, ...largestOnly[base] }, title: '' },
    context,
  )
  const candidates = inner.draw(batch, at).slice()
  const scores = inner.score(batch, kernels.memory.copy(candidates)).slice()
  const { items } = createSampler(
    { part: 'dual-tree', options: { base, candidateNegatives: N, ...largestOnly[base], ...weights } },
    context,
  ).sample(batch, at)
  const rows = scoreRows(batch, candidates, PER_POSITIVE, N, inner.hops).map(row => {
    const place = row.slot * inner.hops + row.h
    return { ...row, scores: [...scores.subarray(place * N, (place + 1) * N)], picked: items[place] }
  })
  return { rows, codes: context.codes! }
}

/** The value of what was picked; an item that was drawn twice has one value. */
const pickedValue = ({ candidates, picked }: ScoreRow & { picked: number }, values: readonly number[]) =>
  values[candidates.indexOf(picked)]

describe.each(variantsOf(dualTree).map(({ options }) => options.base as string))('dual-tree around %s', base => {
  it('with both weights 0 picks what the base picks, within 1e-6 of its range', () => {
    const { rows } = around(base, { structuralWeight: 0, semanticWeight: 0 })
    expect(rows.length).toBeGreaterThan(20)
    for (const row of rows) {
      const range = Math.max(...row.scores) - Math.min(...row.scores)
      expect(pickedValue(row, row.scores)).toBeGreaterThanOrEqual(Math.max(...row.scores) - 1e-6 * range)
    }
  })

  // a step of a path of four is worth 2.5 then, and all the scores together 1
  it.each([
    ['structural', { structuralWeight: 10, semanticWeight: 0 }],
    ['semantic', { structuralWeight: 0, semanticWeight: 10 }],
  ] as const)(
    'with a huge weight on the %s tree picks the most similar code, and of equals the hardest',
    (view, weights) => {
      let equals = 0
      const { rows, codes } = around(base, weights)
      for (const row of rows) {
        const similar = row.candidates.map(item => similarity(codes[view], row.positive, item))
        const most = Math.max(...similar)
        expect(pickedValue(row, similar)).toBe(most)
        const hardest = Math.max(...row.scores.filter((_, n) => similar[n] === most))
        const range = Math.max(...row.scores) - Math.min(...row.scores)
        expect(pickedValue(row, row.scores)).toBeGreaterThanOrEqual(hardest - 1e-5 * range)
        if (similar.filter(value => value === most).length > 1) equals++
      }
      expect(equals).toBeGreaterThan(0)
    },
  )

  it('picks the largest of min–max score + α_c sim_c + α_s sim_s, within 1e-5', () => {
    let moved = 0
    for (let epoch = 1; epoch <= 4; epoch++) {
      const { rows, codes } = around(base, { structuralWeight: 0.4, semanticWeight: 0.7 }, { epoch, batch: 0 })
      for (const row of rows) {
        const scaled = minMax(row.scores)
        const total = row.candidates.map(
          (item, n) =>
            scaled[n] +
            0.4 * similarity(codes.structural, row.positive, item) +
            0.7 * similarity(codes.semantic, row.positive, item),
        )
        expect(pickedValue(row, total)).toBeGreaterThanOrEqual(Math.max(...total) - 1e-5)
        if (pickedValue(row, row.scores) < Math.max(...row.scores) - 1e-5) moved++
      }
    }
    expect(moved, 'picks that the trees changed').toBeGreaterThan(20)
  })
})

it('asks for the codes when there are none', () => {
  const { codes: _, ...context } = samplerContext(createKernels())
  expect(() => createSampler({ part: 'dual-tree' }, context)).toThrow(
    'sampler "dual-tree" needs the item codes of both trees: build the trees first',
  )
})

it('gives options that it does not know to the base, which refuses what it does not know either', () => {
  const context = samplerContext(createKernels())
  expect(() => createSampler({ part: 'dual-tree', options: { candidateNegativs: 3 } }, context)).toThrow(
    'sampler "mixgcf": unknown option --candidate-negativs; known are --candidate-negatives; did you mean --candidate-negatives?',
  )
})
