import { describe, expect, it } from 'vitest'
import type { Dataset } from '../../src/dataset/dataset.ts'
import { columnsOf } from '../../src/kernels/csr.ts'
import type { Codes } from '../../src/kernels/interface/kernels.ts'
import { createKernels } from '../../src/kernels/wasm/wasm.ts'
import { codeAgreement, type PairSimilarity } from '../../src/trees/agreement.ts'
import { codeOf, packCodes, sharedPrefix } from '../../src/trees/codes.ts'
import { randomCodes } from '../support/judging.ts'
import { randomDataset } from '../support/toy.ts'

/** The same from every pair of items, one by one. */
function naive(train: Dataset, codes: Codes, prefix?: number): PairSimilarity {
  const usersOf = (item: number) => new Set(columnsOf(train.byItem, item))
  const sum = { pairs: 0, connected: 0, jaccard: 0, shared: 0 }
  for (let a = 0; a < train.items; a++) {
    for (let b = a + 1; b < train.items; b++) {
      if (prefix !== undefined && sharedPrefix(codeOf(codes, a), codeOf(codes, b)) !== prefix) continue
      const common = [...usersOf(a)].filter(user => usersOf(b).has(user)).length
      sum.pairs++
      sum.connected += Number(common > 0)
      sum.shared += common
      sum.jaccard += common / new Set([...usersOf(a), ...usersOf(b)]).size
    }
  }
  return { ...sum, jaccard: sum.jaccard / sum.pairs, shared: sum.shared / sum.pairs }
}

describe('codeAgreement', () => {
  it('says for each shared prefix what counting every pair says, to 12 digits', () => {
    const train = randomDataset(20, 40, 0.3)
    const { structural, semantic } = randomCodes(train.items)
    const views = [structural, semantic]
    codeAgreement(train, views, createKernels()).forEach(({ byPrefix, all }, view) => {
      expect(byPrefix).toHaveLength(views[view].depth + 1)
      byPrefix.forEach((own, prefix) => {
        expectClose(own, naive(train, views[view], prefix))
      })
      expectClose(all, naive(train, views[view]))
      expect(byPrefix.reduce((sum, { pairs }) => sum + pairs, 0)).toBe(all.pairs)
    })
  })

  it('takes codes of different lengths, and the empty code of a root that is a leaf', () => {
    const train = randomDataset(20, 5, 0.5)
    const uneven = packCodes([[0], [0, 1], [0, 1], [0, 1, 2], [1]])
    const [{ byPrefix }] = codeAgreement(train, [uneven], createKernels())
    expect(byPrefix.map(({ pairs }) => pairs)).toEqual([4, 3, 3, 0])
    expect(byPrefix[3].jaccard).toBeNaN()
    const [leaf] = codeAgreement(train, [packCodes([[], [], [], [], []])], createKernels())
    expect(leaf.byPrefix).toEqual([leaf.all])
  })
})

function expectClose(own: PairSimilarity, expected: PairSimilarity): void {
  expect([own.pairs, own.connected]).toEqual([expected.pairs, expected.connected])
  if (expected.pairs === 0) return
  expect(own.jaccard).toBeCloseTo(expected.jaccard, 12)
  expect(own.shared).toBeCloseTo(expected.shared, 12)
}
