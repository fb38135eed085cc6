/** What benchmarks run on: Sports when it lies beside the project, else planted data of its size. */
import { existsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { z } from 'zod'
import { buildCsr, rowOfEntry } from '../src/dataset/csr.ts'
import { createDataset, createVocabulary } from '../src/dataset/dataset.ts'
import { loadSplit } from '../src/dataset/load.ts'
import { plantedData, type plantedOptions } from '../src/dataset/planted.ts'
import { createSplit, type Split } from '../src/dataset/split.ts'
import { openTruth } from '../src/dataset/truth.ts'

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

/** Train and validation as numbers for programs in other languages: `train.bin` and `valid.bin`, pairs of internal ids in 32 bits, and `sizes.json`. */
export function writePairs(folder: string, { train, valid }: Split): void {
  for (const [part, pattern] of Object.entries({ train: train.byUser, valid: openTruth(valid) })) {
    const owners = rowOfEntry(pattern)
    const { indices } = pattern
    const pairs = Int32Array.from({ length: 2 * indices.length }, (_, at) => (at % 2 ? indices : owners)[at >> 1])
    writeFileSync(join(folder, `${part}.bin`), pairs)
  }
  writeFileSync(join(folder, 'sizes.json'), JSON.stringify([train.users, train.items]))
}
