import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { plantedData } from '../../src/dataset/planted.ts'
import { writeAtomic } from '../../src/files.ts'
import { createKernels } from '../../src/kernels/wasm/wasm.ts'
import { itemKnn } from '../../src/models/baselines/item-knn.ts'
import { tieRanks } from '../../src/models/ties.ts'
import { run } from '../../src/run/run.ts'
import { sharedDirectory } from '../support/directory.ts'
import { unseenBy } from '../support/requests.ts'

const directory = sharedDirectory()

async function candidatesOf(options: Record<string, unknown>) {
  const source = join(directory, 'source')
  const data = plantedData({ users: 30, items: 40, levels: 2, likesPerUser: 10 })
  for (const part of ['train', 'valid', 'test'] as const) {
    const { users, items } = data[part]
    await writeAtomic(join(source, `${part}.txt`), users.map((user, row) => `${user} ${items[row]}\n`).join(''))
  }
  const usual = {
    threads: 1,
    model: 'mf',
    dimensions: 4,
    epochs: 1,
    leafSize: 8,
    eigenvectors: 4,
    candidatesPerUser: 5,
  }
  const target = join(directory, `run-${JSON.stringify(options).replace(/\W/g, '')}`)
  return run({ directory: target, source, options: { ...usual, ...options }, until: 'candidates' })
}

describe('who proposes the candidates', () => {
  it('a baseline, with its own options: its best unobserved items', async () => {
    const { candidates, data } = await candidatesOf({ candidateModel: 'item-knn', itemKnnShrinkage: 3 })
    const { train } = data.value
    const kernels = createKernels()
    const { items, scores } = itemKnn.fit({ train, kernels, seed: 1 }, { shrinkage: 3 }).recommend({
      ...unseenBy(train),
      k: 5,
      tieRank: tieRanks(train.items, 1),
    })
    expect(candidates!.value.items).toEqual(items)
    expect(candidates!.value.scores).toEqual(scores)
  })

  it('the base model otherwise: its own are others', async () => {
    const [base, knn] = [await candidatesOf({}), await candidatesOf({ candidateModel: 'item-knn' })]
    expect(base.candidates!.value.items).not.toEqual(knn.candidates!.value.items)
  })

  it('data that is too much for the baseline stops the run, with the figures', async () => {
    await expect(candidatesOf({ candidateModel: 'ease', easeMaxItems: 3 })).rejects.toThrow(
      /^--candidate-model: baseline "ease" inverts an items × items matrix: .* and --ease-max-items is 3; raise it/,
    )
  })
})
