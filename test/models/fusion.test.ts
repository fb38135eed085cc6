import { describe, expect, it } from 'vitest'
import { createKernels } from '../../src/kernels/wasm/wasm.ts'
import { fuse } from '../../src/models/fusion.ts'
import type { Recommender } from '../../src/models/recommender.ts'

const kernels = createKernels()

/** One user, four items, with these scores; −Infinity for what is not ranked. */
function scored(scores: readonly number[]): Recommender {
  return {
    users: 1,
    items: scores.length,
    recommend({ k }) {
      const order = scores.map((_, item) => item).filter(item => scores[item] > Number.NEGATIVE_INFINITY)
      order.sort((a, b) => scores[b] - scores[a])
      const place = (index: number) => (index < order.length ? order[index] : -1)
      const items = Int32Array.from({ length: k }, (_, index) => place(index))
      return {
        k,
        items,
        scores: Float32Array.from(items, item => (item < 0 ? Number.NEGATIVE_INFINITY : scores[item])),
      }
    },
  }
}

function ranked(first: Recommender, second: Recommender, share: number, depth = 4, k = 4) {
  const request = {
    histories: { offsets: new Int32Array(2), indices: new Int32Array() },
    seen: { offsets: new Int32Array(2), indices: new Int32Array() },
    tieRank: Int32Array.of(3, 2, 1, 0),
  }
  const { items, scores } = fuse({ kernels, first, second, share, depth }).recommend({ ...request, k })
  return { items: [...items], scores: Array.from(scores, score => Number(score.toFixed(4))) }
}

describe('fused scores', () => {
  const [first, second] = [scored([5, 3, 1, 4]), scored([10, 40, 30, 20])]

  it('are the shares of both, each mapped onto 0 … 1', () => {
    // 1, .5, 0, .75 and 0, 1, 2/3, 1/3
    expect(ranked(first, second, 0.75)).toEqual({ items: [0, 3, 1, 2], scores: [0.75, 0.6458, 0.625, 0.1667] })
  })

  it('are one part alone at either end', () => {
    expect(ranked(first, second, 1).items).toEqual([0, 3, 1, 2])
    expect(ranked(first, second, 0).items).toEqual([1, 2, 3, 0])
  })

  it('count an item outside a list as its last', () => {
    // the lists are 0, 3 and 1, 2: each end is 0, so that 3 and 2 tie
    expect(ranked(first, second, 0.5, 2, 2)).toEqual({ items: [1, 0], scores: [0.5, 0.5] })
  })

  it('are the same however many items are asked for', () => {
    const two = ranked(first, second, 0.5, 2, 2)
    const four = ranked(first, second, 0.5, 2, 4)
    expect(four.items.slice(0, 2)).toEqual(two.items)
    expect(four.scores).toEqual([0.5, 0.5, 0, 0])
  })

  it('take nothing from a list whose scores are all equal', () => {
    expect(ranked(scored([2, 2, 2, 2]), second, 0.9)).toEqual({ items: [1, 2, 3, 0], scores: [0.1, 0.0667, 0.0333, 0] })
  })

  it('leave places empty when too few items are ranked', () => {
    const few = scored([1, 2, Number.NEGATIVE_INFINITY, Number.NEGATIVE_INFINITY])
    expect(ranked(few, few, 0.5)).toEqual({
      items: [1, 0, -1, -1],
      scores: [1, 0, Number.NEGATIVE_INFINITY, Number.NEGATIVE_INFINITY],
    })
  })
})
