import { describe, expect, it } from 'vitest'
import { describeReproduction, type SportsReproduction, tablesOf } from '../../../src/research/repro/write.ts'

const band = { expected: 0.115, within: 0.005 }
const found: Omit<SportsReproduction, 'paragraph'> = {
  dataHash: 'abc',
  given: {},
  environment: { dualtree: '0.1.0', node: 'v26', platform: 'linux', cpu: '', cores: 2, memoryBytes: 1, seed: 1, dataHash: 'abc' }, // biome-ignore format: one line
  cutoff: 10,
  facts: { leaves: { value: 646, band: { expected: 646, within: 0 }, holds: true } },
  rows: [
    { name: 'released files', protocol: 'strict', seeds: [1, 2], metrics: { 'recall@10': { value: 0.11, deviation: 0.001, band, holds: true } } }, // biome-ignore format: one line
    { name: 'ease, released mask', protocol: 'released', seeds: [1], metrics: { 'ndcg@10': { value: 0.13, holds: true } } }, // biome-ignore format: one line
  ],
  differences: [
    {
      method: 'released files',
      against: 'mf+mixgcf',
      shows: 'what theirs do',
      value: -0.03,
      interval: { low: -0.032, high: -0.027 },
      resampled: 'users and seeds',
    },
  ],
  holds: true,
}

describe('a reproduction', () => {
  it('has tables of the lists that there are, with spread, band and mark', () => {
    const [results, differences, facts] = tablesOf({ ...found, paragraph: '' })
    expect(results.header).toEqual(['row', 'Recall@10', 'expected', '', 'NDCG@10', 'expected', ''])
    expect(results.rows).toEqual([
      ['released files', '0.1100 ± 0.0010', '0.1150 ± 0.005', 'ok', '–', '', ''],
      ['ease, released mask (RELEASED)', '–', '', '', '0.1300', '', ''],
    ])
    expect(differences.rows).toEqual([['what theirs do', 'released files', 'mf+mixgcf', '−0.0300 [−0.0320, −0.0270]']])
    expect(facts.rows).toEqual([['leaves', '646', '646 ± 0', 'ok']])
  })

  it('says in words what lies outside, and what was found', () => {
    expect(describeReproduction(found)).toBe(
      'All 2 figures that have a band lie in it. Under the strict mask the model of the released files differs from its base model (mf+mixgcf) by −0.0300 [−0.0320, −0.0270] NDCG@10. (95 % intervals over users and seeds; test, train alone masked.)',
    )
    const metrics = { 'recall@10': { value: 0.2, band, holds: false } }
    const rows = [{ ...found.rows[0], metrics }]
    expect(describeReproduction({ ...found, rows, differences: [] })).toBe(
      '1 of 2 figures lie outside their band: released files: recall@10.',
    )
  })
})
