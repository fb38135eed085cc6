import { describe, expect, it } from 'vitest'
import type { ReportBest } from '../../src/report/gather/best.ts'
import { bestSection, bestSentence } from '../../src/report/sections/best.ts'

const best: ReportBest = {
  method: 'ease',
  part: 'test',
  variant: 'refit',
  metric: 'ndcg@20',
  value: 0.1151,
  popularity: 0.0147,
  baseline: { method: 'item-knn', value: 0.1113 },
  examples: [{ user: 7, history: ['<b>', '2'], items: ['3', '4'] }],
  commands: ['npx dualtree fit runs/x', 'npx dualtree serve runs/x'],
}

describe('the best method', () => {
  it('is named with its gain over popularity and over the best other baseline', () => {
    expect(bestSentence(best)).toBe(
      'Best on test: ease with NDCG@20 0.1151, refitted on train + valid, 7.8 times popularity (0.0147) and 3.4 % above the best other baseline, item-knn (0.1113).',
    )
  })

  it('is named alone where there is nothing beside it', () => {
    const { popularity: _, baseline: __, ...alone } = best
    expect(bestSentence({ ...alone, part: 'valid', variant: 'history train' })).toBe(
      'Best on validation: ease with NDCG@20 0.1151.',
    )
  })

  it('shows users with what they had and get, escaped, and the commands that come next', () => {
    const text = bestSection(best).toString()
    expect(text).toMatch(/&lt;b&gt;[^\n]*; .*2/)
    expect(text).not.toContain('<b>')
    expect(text).toContain('npx dualtree fit runs/x\nnpx dualtree serve runs/x')
  })
})
