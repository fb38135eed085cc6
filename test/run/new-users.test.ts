import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import { overlaid } from '../../src/dataset/histories.ts'
import { plantedData } from '../../src/dataset/planted.ts'
import { readSplit } from '../../src/dataset/store.ts'
import { openTruth } from '../../src/dataset/truth.ts'
import { everythingObserved } from '../../src/evaluation/observed.ts'
import { observed } from '../../src/evaluation/protocols.ts'
import { createKernels } from '../../src/kernels/wasm/wasm.ts'
import { baselines } from '../../src/models/baselines/index.ts'
import { tieRanks } from '../../src/models/ties.ts'
import type { RunResult } from '../../src/run/request.ts'
import { runGiven as run } from '../../src/run/run.ts'
import { sharedDirectory } from '../support/directory.ts'
import { SMALL_RUN } from '../support/small-run.ts'

const directory = sharedDirectory()
const out = join(directory, 'run')
let result: RunResult

beforeAll(async () => {
  const { train } = plantedData({ users: 120, items: 80, levels: 2, likesPerUser: 20 })
  const lines = Array.from(train.users, (user, row) => `u${user},i${train.items[row]}`)
  const source = join(directory, 'clicks.csv')
  writeFileSync(source, ['user_id,item_id', ...lines, ''].join('\n'))
  const options = {
    ...SMALL_RUN,
    model: 'lightgcn',
    split: 'new-users',
    testShare: 0.2,
    baselines: ['popularity', 'item-knn'],
  }
  result = await run({ directory: out, source, options })
})

describe('a run whose test users are new', () => {
  it('trains without them, and ranks from what is given of them', async () => {
    const split = await readSplit(join(out, 'data'))
    expect(split.hash).toBe(result.data.value.hash)
    const { train } = split
    const test = openTruth(split.test)
    const newUsers = Array.from({ length: train.users }, (_, user) => user).filter(
      user => test.offsets[user + 1] > test.offsets[user],
    )
    expect(newUsers.length).toBeGreaterThan(10)
    const rowOf = ({ offsets, indices }: { offsets: Int32Array; indices: Int32Array }, user: number) => [
      ...indices.subarray(offsets[user], offsets[user + 1]),
    ]
    const kernels = createKernels()
    const recommender = baselines.get('item-knn').fit({ train, kernels, seed: 1 }, {})
    let hits = 0
    for (const user of newUsers) {
      expect(rowOf(train.byUser, user)).toEqual([])
      const indices = Int32Array.from(rowOf(test.given!, user))
      expect(indices.length).toBeGreaterThan(0)
      const history = { offsets: Int32Array.of(0, indices.length), indices }
      const { items } = recommender.recommend({
        histories: history,
        seen: history,
        k: 20,
        tieRank: tieRanks(train.items, 1),
      })
      const wanted = rowOf(test, user)
      hits += wanted.filter(item => items.includes(item)).length / wanted.length
    }
    const row = result.metrics!.rows.find(
      ({ method, variant }) => method === 'item-knn' && variant === 'history train',
    )!
    expect(row.metrics['recall@20']).toBeCloseTo(hits / newUsers.length, 10)
    expect(hits / newUsers.length).toBeGreaterThan(0.3)
    // folded in, since no vector was trained for them
    const trained = result.metrics!.rows.find(({ method }) => method === 'lightgcn+mixgcf')!
    expect(trained.metrics['recall@20']).toBeGreaterThan(0.2)
  })

  it('serves all that is known of them', async () => {
    const split = await readSplit(join(out, 'data'))
    const pattern = observed(split)
    expect(everythingObserved(split).byUser).toEqual(pattern)
    const test = openTruth(split.test)
    expect(pattern.indices.length).toBe(
      split.train.interactions + split.valid.interactions + test.indices.length + test.given!.indices.length,
    )
  })
})

it('histories that are laid over others keep ages only where both have them', () => {
  const histories = { offsets: Int32Array.of(0, 2, 2), indices: Int32Array.of(4, 7), ages: Float32Array.of(1, 0) }
  const other = { offsets: Int32Array.of(0, 0, 1), indices: Int32Array.of(5), ages: Float32Array.of(0) }
  expect(overlaid(histories, other)).toEqual({
    offsets: Int32Array.of(0, 2, 3),
    indices: Int32Array.of(4, 7, 5),
    ages: Float32Array.of(1, 0, 0),
  })
  const { ages: _, ...plain } = other
  expect(overlaid(histories, plain)).toEqual({ offsets: Int32Array.of(0, 2, 3), indices: Int32Array.of(4, 7, 5) })
})
