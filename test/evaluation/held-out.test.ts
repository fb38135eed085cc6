import { describe, expect, it } from 'vitest'
import { createDataset, createVocabulary } from '../../src/dataset/dataset.ts'
import { createSplit } from '../../src/dataset/split.ts'
import { heldOutItems, heldOutPlaces } from '../../src/evaluation/held-out.ts'

const range = (length: number) => createVocabulary(Array.from({ length }, (_, id) => id))
const train = createDataset({ users: [0, 1, 2], items: [0, 0, 0] }, range(3), range(5))
const split = createSplit(
  train,
  { offsets: Int32Array.of(0, 2, 2, 2), indices: Int32Array.of(1, 4) },
  { offsets: Int32Array.of(0, 1, 2, 2), indices: Int32Array.of(2, 3) },
)

describe('what was held out', () => {
  it('is listed for a user by part, ascending', () => {
    const of = heldOutItems(split, ['valid', 'test'])
    expect(of(0)).toEqual([
      { item: 1, part: 'valid' },
      { item: 4, part: 'valid' },
      { item: 2, part: 'test' },
    ])
    expect(of(1)).toEqual([{ item: 3, part: 'test' }])
    expect(of(2)).toEqual([])
    expect(heldOutItems(split, ['valid'])(1)).toEqual([])
  })

  it('is found among candidates, each user having its own, and never where there is none', () => {
    const items = Int32Array.of(4, 3, 2, 3, 1, -1, 1, -1, -1)
    expect([...heldOutPlaces(split, ['valid', 'test'], { k: 3, items })]).toEqual([1, 0, 1, 1, 0, 0, 0, 0, 0])
    expect([...heldOutPlaces(split, ['valid'], { k: 3, items })]).toEqual([1, 0, 0, 0, 0, 0, 0, 0, 0])
  })
})
