import { describe, expect, it } from 'vitest'
import type { Dataset } from '../../src/dataset/dataset.ts'
import { orderedAffinities, sequencesOf } from '../../src/dataset/sequences.ts'
import type { Kernels, OrderedWalk } from '../../src/kernels/interface/kernels.ts'
import { createKernels } from '../../src/kernels/wasm/wasm.ts'
import { tieRanks } from '../../src/models/ties.ts'
import { derive, randomStream } from '../../src/random.ts'
import { onBoth } from '../support/backends.ts'
import { randomDataset, timed } from '../support/toy.ts'

const ITEMS = 150
const data = timed(randomDataset(40, ITEMS, 0.1), 'clock')

function walkOf(window: number): OrderedWalk {
  const random = randomStream(derive(window, 'walk'))
  const values = (length: number) => Float64Array.from({ length }, () => 0.5 + random.uniform())
  return {
    window,
    nearness: values(window + 1),
    backward: 0.3,
    leave: values(ITEMS),
    hold: values(ITEMS),
    shrinkage: 0.75,
  }
}

describe('ordered kernels', () => {
  it.each([1, 4, 50])(
    'window %d, all items and the nearest 3: the items of the reference, values within 1e-7',
    window => {
      const ordered = (kernels: Kernels, limit?: number) => {
        const nearest = limit === undefined ? undefined : { limit, ranks: tieRanks(ITEMS, 1) }
        return { ...orderedAffinities(data, kernels, walkOf(window), nearest) }
      }
      onBoth(kernels => ordered(kernels), 1e-7)
      onBoth(kernels => ordered(kernels, 3), 1e-7)
    },
  )

  it('by hand: distance, direction, equal times, the ends of sequences', () => {
    // sequences 2 0 1, and 1 with 3 at one time, then 0
    const pairs: Pick<Dataset, 'items' | 'byUser'> & { timestamps: Float64Array } = {
      items: 5,
      byUser: { offsets: Int32Array.of(0, 3, 6), indices: Int32Array.of(0, 1, 2, 0, 1, 3) },
      timestamps: Float64Array.of(20, 30, 10, 9, 5, 5),
    }
    const { bySequence, times } = sequencesOf(pairs)
    expect([...bySequence.indices]).toEqual([2, 0, 1, 1, 3, 0])
    expect([...times]).toEqual([0, 1, 2, 0, 0, 1])
    const one = (length: number) => new Float64Array(length).fill(1)
    const walk = {
      window: 2,
      nearness: Float64Array.of(9, 1, 0.5),
      backward: 0.25,
      leave: one(5),
      hold: one(5),
      shrinkage: 1,
    }
    walk.leave[1] = 3
    walk.hold[0] = 7
    const dense = (window: number) => {
      const { offsets, indices, values } = orderedAffinities(pairs, createKernels(), { ...walk, window })
      return Array.from({ length: 5 }, (_, item) => {
        const row = Array(5).fill(0)
        for (let e = offsets[item]; e < offsets[item + 1]; e++) row[indices[e]] = values[e]
        return row
      })
    }
    const near = (rows: number[][]) => rows.map(row => row.map(value => expect.closeTo(value, 6)))
    // of item 0: 1 follows (1) and came two places before (0.5 · 0.25); 2 came before (0.25); 3 came before (0.25)
    expect(dense(2)).toEqual(
      near([
        [0, (1 + 0.125) / 2, 0.25 / 2, 0.25 / 2, 0],
        [(0.25 + 0.5) / 22, 0, (0.5 * 0.25) / 4, 0.625 / 4, 0],
        [1 / 8, 0.5 / 2, 0, 0, 0],
        [1 / 8, 0.625 / 2, 0, 0, 0],
        [0, 0, 0, 0, 0],
      ]),
    )
    expect(dense(1)).toEqual(
      near([
        [0, 1 / 2, 0.25 / 2, 0.25 / 2, 0],
        [0.25 / 22, 0, 0, 0.625 / 4, 0],
        [1 / 8, 0, 0, 0, 0],
        [1 / 8, 0.625 / 2, 0, 0, 0],
        [0, 0, 0, 0, 0],
      ]),
    )
  })
})
