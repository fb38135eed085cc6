import { describe, expect, it } from 'vitest'
import { createDataset, createVocabulary } from '../../src/dataset/dataset.ts'
import { withPopularItems } from '../../src/report/gather/popular.ts'
import { packCodes } from '../../src/trees/codes.ts'

describe('withPopularItems', () => {
  it('lists the items that most users have met in each branch, equals in internal order, five at most', () => {
    // item n is met by counts[n] users
    const counts = [1, 3, 2, 3, 1, 1, 4]
    const users = counts.flatMap(count => Array.from({ length: count }, (_, user) => user))
    const items = counts.flatMap((count, item) => Array.from({ length: count }, () => item))
    const ids = createVocabulary(['a', 'b', 'c', 'd', 'e', 'f', 'g'])
    const train = createDataset({ users, items }, createVocabulary([0, 1, 2, 3]), ids)
    const codes = packCodes([[0], [0], [1, 0], [1, 0], [1, 1], [1, 1], [1, 1]])
    const root = { items: 7, children: [{ items: 2 }, { items: 5, children: [{ items: 2 }, { items: 3 }] }] }
    const named = withPopularItems(root, codes, train, item => String(ids.ids[item]))
    const namesOf = (node = named) => node.popular!.map(({ item, interactions }) => `${item}${interactions}`).join(' ')
    expect(namesOf()).toBe('g4 b3 d3 c2 a1')
    expect(namesOf(named.children![0])).toBe('b3 a1')
    expect(namesOf(named.children![1])).toBe('g4 d3 c2 e1 f1')
    expect(namesOf(named.children![1].children![1])).toBe('g4 e1 f1')
    expect(named.children![0].children).toBeUndefined()
  })
})
