/** What benchmarks run on: Sports when it lies beside the project, else planted data of its size. */
import { existsSync } from 'node:fs'
import type { z } from 'zod'
import { buildCsr, createDataset, createVocabulary } from '../src/dataset/dataset.ts'
import { loadSplit } from '../src/dataset/load.ts'
import { plantedData, type plantedOptions } from '../src/dataset/planted.ts'
import { createSplit, type Split } from '../src/dataset/split.ts'

export interface BenchData {
  readonly name: string
  readonly split: Split
}

/** Where Sports lies, if it is there. */
export const SPORTS = '../shared/data/sports'

export async function benchData(): Promise<BenchData> {
  if (existsSync(SPORTS)) return { name: 'Amazon Sports', split: (await loadSplit(SPORTS)).split }
  const size = { users: 15_000, items: 8_400, levels: 5, likesPerUser: 17, shownShare: 0.7 }
  return { name: 'planted data of the size of Amazon Sports', split: plantedSplit(size) }
}

/** Small enough for the reference kernels. */
export const smallSplit = () => plantedSplit({ users: 400, items: 300, levels: 3, likesPerUser: 17 })

function plantedSplit(options: z.input<typeof plantedOptions>): Split {
  const { users, items, train, valid, test } = plantedData(options)
  const ids = (count: number) => createVocabulary(Array.from({ length: count }, (_, id) => id))
  const pattern = (pairs: typeof valid) => buildCsr(pairs.users, pairs.items, users, items).pattern
  return createSplit(createDataset(train, ids(users), ids(items)), pattern(valid), pattern(test))
}
