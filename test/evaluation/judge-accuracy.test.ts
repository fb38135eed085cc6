import { describe, expect, it } from 'vitest'
import { sealTruth } from '../../src/dataset/truth.ts'
import { judgeAccuracy } from '../../src/evaluation/judge-accuracy.ts'

/** User 0 has hidden item 0, user 1 items 3 and 4, user 2 none. */
const hidden = sealTruth({ offsets: Int32Array.from([0, 1, 3, 3]), indices: Int32Array.from([0, 3, 4]) }, 5)

describe('judgeAccuracy', () => {
  it('counts hidden interactions among candidates and positives', () => {
    const candidates = { k: 3, items: Int32Array.from([0, 2, -1, 1, 3, 4, 0, 1, 2]) }
    const positives = { users: [0, 1, 1, 2], items: [0, 1, 3, 2] }
    expect(judgeAccuracy(positives, candidates, hidden)).toEqual({
      candidates: 8,
      positives: 4,
      hidden: 3,
      found: 2,
      precision: 2 / 4,
      recall: 2 / 3,
      baseRate: 3 / 8,
    })
  })

  it('has no precision without positives and no recall without anything to find', () => {
    const candidates = { k: 1, items: Int32Array.from([-1, -1, 1]) }
    const { precision, recall, baseRate } = judgeAccuracy({ users: [], items: [] }, candidates, hidden)
    expect([precision, recall, baseRate]).toEqual([Number.NaN, Number.NaN, 0])
  })
})
