import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import { historiesOf } from '../../src/dataset/histories.ts'
import { readSplit } from '../../src/dataset/store.ts'
import { observed } from '../../src/evaluation/protocols.ts'
import { createKernels } from '../../src/kernels/wasm/wasm.ts'
import { baselines } from '../../src/models/baselines/index.ts'
import { fitRun } from '../../src/run/fit.ts'
import { runGiven as run } from '../../src/run/run.ts'
import { writeSmallData } from '../support/cli.ts'
import { sharedDirectory } from '../support/directory.ts'
import { SMALL_RUN, watchStages } from '../support/small-run.ts'

const directory = sharedDirectory()
const out = join(directory, 'run')

beforeAll(async () => {
  const source = writeSmallData(directory)
  await run({ directory: out, source, options: { ...SMALL_RUN, fuseWith: 'item-knn', baselines: ['item-knn'] } })
})

describe('the model that will be served', () => {
  it('is fitted on everything, for as many epochs as validation chose, and its data is all that was observed', async () => {
    const { emit, made } = watchStages()
    const split = await readSplit(join(out, 'data'))
    const read = (...names: string[]) => JSON.parse(readFileSync(join(out, ...names), 'utf8'))
    await fitRun(
      { directory: out, method: 'dtl-ns+item-knn', emit },
      async ({ method, data, dataHash, recommender }) => {
        expect(method).toBe('dtl-ns+item-knn')
        expect(data.byUser).toEqual(observed(split))
        expect(dataHash).toBe(split.hash)
        const tieRank = Int32Array.from({ length: data.items }, (_, item) => item)
        const lists = recommender.recommend({ histories: historiesOf(data), seen: data.byUser, k: 3, tieRank })
        expect(lists.items[0]).toBeGreaterThanOrEqual(0)
      },
    )
    // nothing else was trained, and nothing was chosen again
    expect(made).toEqual(['final-dtl-ns'])
    const { bestEpoch } = read('train-dtl-ns', 'history.json')
    expect(read('final-dtl-ns', 'history.json').history).toHaveLength(bestEpoch)
    expect(read('final-dtl-ns', 'manifest.json').inputs.basis).toBe('final')
    // and again it is there
    made.length = 0
    await fitRun({ directory: out, method: 'dtl-ns', emit }, async () => {})
    expect(made).toEqual([])
  })

  it('is the best of all rows on validation data when none is named', async () => {
    const { emit, made } = watchStages()
    const { method, rows } = await fitRun({ directory: out, emit }, async fitted => fitted)
    expect(made.slice(0, 1)).toEqual(['choose'])
    expect(rows.map(row => row.method).toSorted()).toEqual([
      ...['dtl-ns', 'dtl-ns+item-knn', 'item-knn', 'mf+mixgcf', 'mf+mixgcf+item-knn'],
    ])
    expect(method).toBe(rows[0].method)
    const recalls = rows.map(({ metrics }) => metrics!['recall@20'])
    expect(recalls).toEqual(recalls.toSorted((a, b) => b - a))
    // what training was stopped by, and what the share was chosen by
    const { history } = JSON.parse(readFileSync(join(out, 'train-dtl-ns', 'history.json'), 'utf8'))
    const best = Math.max(...history.map(({ validation }: { validation: number }) => validation))
    expect(rows.find(row => row.method === 'dtl-ns')!.metrics!['recall@20']).toBeCloseTo(best, 10)
  })

  it('of rows that list all held-out items, as in a small catalogue, is the one that lists them higher', async () => {
    // halves of 16 items, each for one half of the users; some items are everybody's
    const pairs = Array.from({ length: 40 }, (_, user) => [0, 1, 2, 3, 4].map(at => `${user},${at < 1 ? 16 : 2 * ((user * 3 + at * (1 + (user % 3))) % 8) + (user % 2)}`)).flat() // biome-ignore format: one line
    const source = join(directory, 'few.csv')
    writeFileSync(source, `user,item\n${[...new Set(pairs)].join('\n')}\n`)
    const small = join(directory, 'few')
    await run({ directory: small, source, options: { ...SMALL_RUN, baselines: ['popularity', 'item-knn'] } })
    const { rows } = await fitRun({ directory: small }, async fitted => fitted)
    expect(rows.map(({ metrics }) => metrics!['recall@20'])).toEqual(rows.map(() => 1))
    const figures = rows.map(({ metrics }) => metrics!['ndcg@20'])
    expect(figures).toEqual(figures.toSorted((a, b) => b - a))
    expect(rows[0].method).not.toBe('popularity')
  })

  it('may be any row, also a baseline that is not in the table', async () => {
    await fitRun({ directory: out, method: 'mf+mixgcf' }, async ({ recommender, data }) => {
      expect(existsSync(join(out, 'final-base', 'model.safetensors'))).toBe(true)
      expect(recommender.items).toBe(data.items)
    })
    await fitRun({ directory: out, method: 'ease' }, async ({ recommender, data }) => {
      const kernels = createKernels()
      const expected = baselines.get('ease').fit({ train: data, kernels, seed: 1 }, {})
      const tieRank = Int32Array.from({ length: data.items }, (_, item) => item)
      const request = { histories: historiesOf(data), seen: data.byUser, k: 3, tieRank }
      expect(recommender.recommend(request)).toEqual(expected.recommend(request))
    })
    const refused = (where: string, method: string) => fitRun({ directory: where, method }, async () => {})
    await expect(refused(out, 'dtlns')).rejects.toThrow(
      'there is no row "dtlns" to fit: there are item-knn, mf+mixgcf, dtl-ns, mf+mixgcf+item-knn, dtl-ns+item-knn; did you mean "dtl-ns"?',
    )
    await expect(refused(join(directory, 'nothing'), 'ease')).rejects.toThrow('is not a run directory')
  })
})
