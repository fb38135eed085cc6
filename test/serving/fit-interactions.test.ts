import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { fit as fitModel } from '../../src/index.ts'
import { baselines } from '../../src/models/baselines/index.ts'
import { models } from '../../src/models/index.ts'
import { coCount } from '../docs/parts/co-count.ts'
import { sharedDirectory } from '../support/directory.ts'
import { checkerboard } from '../support/toy.ts'

const file = join(sharedDirectory(), 'clicks.csv')

/** Two groups of users and items that have nothing to do with each other; everybody has left one item of theirs out. */
const PAIRS = (['a', 'b'] as const).flatMap(group =>
  Array.from({ length: 12 }, (_, user) =>
    Array.from({ length: 8 }, (_, item) => [`${group}-user-${user}`, `${group}${item}`] as const).filter(
      (_, item) => item !== user % 8,
    ),
  ).flat(),
)
writeFileSync(file, `user_id,item_id\n${PAIRS.map(pair => pair.join(',')).join('\n')}\n`)
const timed = join(sharedDirectory(), 'timed.csv')
writeFileSync(
  timed,
  `user_id,item_id,timestamp\n${PAIRS.map((pair, at) => [...pair, 1_600_000_000 + at].join(',')).join('\n')}\n`,
)

describe('fit', () => {
  it('recommends for a history, known users or not, from a file or from pairs', async () => {
    for (const source of [file, PAIRS]) {
      const model = await fitModel(source, { model: 'rp3beta' })
      const { items, by } = model.recommend({ history: ['a0', 'a1'], k: 6 })
      expect(by).toBe('history')
      expect(items.map(({ item }) => item).sort()).toEqual(['a2', 'a3', 'a4', 'a5', 'a6', 'a7'])
      // the one item of the group that the user lacks
      expect(model.recommend({ user: 'b-user-3', k: 1 }).items[0].item).toBe('b3')
      expect(model.info).toMatchObject({ method: 'rp3beta', fittedOn: 'all', users: 24, items: 16 })
      model.close()
    }
  })

  it('the same from a file as from pairs, whatever their order', async () => {
    const answers = [file, PAIRS, PAIRS.toReversed()].map(async source => {
      const model = await fitModel(source)
      return { id: model.info.id, items: model.recommend({ history: ['a0'], k: 8 }).items }
    })
    const [first, ...others] = await Promise.all(answers)
    expect(first.items[0].item).toMatch(/^a/)
    for (const other of others) expect(other).toEqual(first)
  })

  it.each([...baselines.names, ...models.names])('%s', async name => {
    const training = { epochs: 12, batchSize: 64, learningRate: 0.05, validateEvery: 2 }
    const model = await fitModel(timed, { model: name, ...(models.names.includes(name) && { training }), threads: 1 })
    const { items } = model.recommend({ user: 'a-user-0', k: 3 })
    expect(items).toHaveLength(3)
    expect(items.every(({ score }) => Number.isFinite(score))).toBe(true)
  })

  it('takes a part as a value, and options', async () => {
    const own = await fitModel(PAIRS, { model: coCount })
    expect(own.recommend({ history: ['a0'], k: 1 }).items[0].item).toMatch(/^a/)
    const score = async (shrinkage: number) => {
      const model = await fitModel(PAIRS, { model: { part: 'item-knn', options: { shrinkage } } })
      return model.recommend({ history: ['a0'], k: 1 }).items[0].score
    }
    expect(await score(100)).toBeLessThan(await score(0))
  })

  it('reads ids as they are: integers stay integers', async () => {
    const board = checkerboard(6)
    const pairs = Array.from(
      board.byUser.indices,
      (item, entry) => [board.byUser.offsets.findIndex(end => end > entry) - 1, item] as const,
    )
    const model = await fitModel(pairs, { model: 'item-knn' })
    expect(model.recommend({ user: 2, k: 1 }).items[0].item).toBe(2)
  })

  it('says what is wrong', async () => {
    await expect(fitModel(PAIRS, { model: 'rp3bta' })).rejects.toThrow(
      /^unknown model "rp3bta": known are .*did you mean "rp3beta"\?$/,
    )
    await expect(fitModel([['a', 1.5]])).rejects.toThrow(
      'pair 0: expected a user and an item, each a string or an integer, such as ["u1", 7], got ["a",1.5]',
    )
    await expect(fitModel([])).rejects.toThrow('there are no pairs to fit a model on')
    await expect(fitModel('nowhere.csv')).rejects.toThrow('nowhere.csv: there is no such file or directory')
    await expect(fitModel(PAIRS, { model: { part: 'ease', options: { regularization: -1 } } })).rejects.toThrow(
      'baseline "ease": --ease-regularization: ',
    )
  })
})
