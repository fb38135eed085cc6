import { describe, expect, it } from 'vitest'
import { createDataset, createVocabulary } from '../../src/dataset/dataset.ts'
import { historiesOf, rowsOf, sliceRows } from '../../src/dataset/histories.ts'

const vocabulary = (size: number) => createVocabulary(Array.from({ length: size }, (_, id) => id))
/** User 0 has items 2, 0, 1 in this order, user 1 none, user 2 items 3 and 1 at the same time, then 0. */
const pairs = { users: [0, 0, 0, 2, 2, 2], items: [0, 1, 2, 0, 1, 3] }
const timestamps = [20, 30, 10, 9, 5, 5]
const timed = createDataset({ ...pairs, timestamps }, vocabulary(3), vocabulary(4))

describe('histories', () => {
  it('count how many interactions are newer; equal times have the same age', () => {
    const { indices, ages } = historiesOf(timed)
    expect([...indices]).toEqual([0, 1, 2, 0, 1, 3])
    expect([...ages!]).toEqual([1, 0, 2, 0, 1, 1])
  })

  it('count days where there is a clock, and none between positions', () => {
    const clock = timestamps.map(time => time * 43_200_000)
    const { ages, days } = historiesOf(createDataset({ ...pairs, timestamps: clock }, vocabulary(3), vocabulary(4)))
    expect([...ages!]).toEqual([1, 0, 2, 0, 1, 1])
    expect([...days!]).toEqual([5, 0, 10, 0, 2, 2])
    const positions = { ...pairs, timestamps, timeKind: 'position' as const }
    expect(historiesOf(createDataset(positions, vocabulary(3), vocabulary(4))).days).toBeUndefined()
  })

  it('have no ages where there are no times', () => {
    expect(historiesOf(createDataset(pairs, vocabulary(3), vocabulary(4))).ages).toBeUndefined()
  })

  it('give some of their rows, in any order and twice', () => {
    const { offsets, indices, ages, values } = rowsOf(
      { ...historiesOf(timed), values: Float32Array.of(1, 2, 3, 4, 5, 6) },
      Int32Array.of(2, 1, 0, 2),
    )
    expect([...offsets]).toEqual([0, 3, 3, 6, 9])
    expect([...indices]).toEqual([0, 1, 3, 0, 1, 2, 0, 1, 3])
    expect([...ages!]).toEqual([0, 1, 1, 1, 0, 2, 0, 1, 1])
    expect([...values!]).toEqual([4, 5, 6, 1, 2, 3, 4, 5, 6])
  })

  it('give a range of rows', () => {
    const { offsets, indices, ages, values } = sliceRows(historiesOf(timed), 1, 3)
    expect([...offsets]).toEqual([0, 0, 3])
    expect([...indices]).toEqual([0, 1, 3])
    expect([...ages!]).toEqual([0, 1, 1])
    expect(values).toBeUndefined()
  })
})
