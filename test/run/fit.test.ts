import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import { historiesOf } from '../../src/dataset/histories.ts'
import { readSplit } from '../../src/dataset/store.ts'
import { observed } from '../../src/evaluation/protocols.ts'
import { createKernels } from '../../src/kernels/wasm/wasm.ts'
import { baselines } from '../../src/models/baselines/index.ts'
import { fitFinal } from '../../src/run/fit.ts'
import { run } from '../../src/run/run.ts'
import { writeSmallData } from '../support/cli.ts'
import { sharedDirectory } from '../support/directory.ts'
import { SMALL_RUN, watchStages } from '../support/small-run.ts'

const directory = sharedDirectory()
const out = join(directory, 'run')

beforeAll(async () => {
  const source = writeSmallData(directory)
  await run({ directory: out, source, options: { ...SMALL_RUN, fuseWith: 'item-knn', baselines: ['item-knn'] } })
}, 60_000)

describe('the model that will be served', () => {
  it('is fitted on everything, for as many epochs as validation chose, and its data is all that was observed', async () => {
    const { emit, made } = watchStages()
    const { method, dataset, recommender, dataHash } = await fitFinal({ directory: out, emit })
    expect(method).toBe('dtl-ns+item-knn')
    const split = await readSplit(join(out, 'data'))
    expect(dataset.byUser).toEqual(observed(split))
    expect(dataHash).toBe(split.hash)
    // nothing else was trained or chosen again
    expect(made).toEqual(['final-dtl-ns'])
    const read = (...names: string[]) => JSON.parse(readFileSync(join(out, ...names), 'utf8'))
    const { bestEpoch } = read('train-dtl-ns', 'history.json')
    expect(read('final-dtl-ns', 'history.json').history).toHaveLength(bestEpoch)
    expect(read('final-dtl-ns', 'manifest.json').inputs.basis).toBe('final')
    const kernels = createKernels()
    const request = { histories: historiesOf(dataset), seen: dataset.byUser, k: 3, tieRank: Int32Array.from({ length: dataset.items }, (_, item) => item) } // biome-ignore format: one line
    const lists = recommender(kernels).recommend(request)
    expect(lists.items[0]).toBeGreaterThanOrEqual(0)
    // and again it is there
    made.length = 0
    await fitFinal({ directory: out, emit })
    expect(made).toEqual([])
  }, 60_000)

  it('may be any row, and a baseline is fitted when it is opened', async () => {
    const base = await fitFinal({ directory: out, method: 'mf+mixgcf' })
    expect(existsSync(join(out, 'final-base', 'model.safetensors'))).toBe(true)
    expect(base.recommender(createKernels()).items).toBe(base.dataset.items)
    const { dataset, recommender } = await fitFinal({ directory: out, method: 'item-knn' })
    const kernels = createKernels()
    const [scores, expected] = [0, 1].map(() => kernels.memory.floats(dataset.users * dataset.items))
    recommender(kernels).score!({ histories: dataset.byUser }, scores)
    baselines.get('item-knn').fit({ train: dataset, kernels, seed: 1 }, {}).score!(
      { histories: dataset.byUser },
      expected,
    )
    expect(scores).toEqual(expected)
    await expect(fitFinal({ directory: out, method: 'dtlns' })).rejects.toThrow(
      'there is no row "dtlns" to fit: there are mf+mixgcf, dtl-ns, mf+mixgcf+item-knn, dtl-ns+item-knn, popularity',
    )
    await expect(fitFinal({ directory: join(directory, 'nothing') })).rejects.toThrow('is not a run directory')
  }, 60_000)
})
