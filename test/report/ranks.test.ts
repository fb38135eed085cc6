import { expect, it } from 'vitest'
import { createDataset, createVocabulary } from '../../src/dataset/dataset.ts'
import { createSplit } from '../../src/dataset/split.ts'
import { readRanks } from '../../src/report/gather/ranks.ts'
import { runStage } from '../../src/run/stage.ts'
import { writeLists } from '../../src/run/stages/evaluation-files.ts'
import { temporaryDirectory } from '../support/directory.ts'

it('finds the rank of an item in the list of a user, and none elsewhere', async () => {
  const directory = await temporaryDirectory()
  const ids = (...own: string[]) => createVocabulary(own)
  const train = createDataset({ users: [0, 1, 2], items: [0, 0, 0] }, ids('a', 'b', 'c'), ids('v', 'w', 'x', 'y'))
  const none = { offsets: Int32Array.of(0, 0, 0, 0), indices: new Int32Array() }
  const split = createSplit(train, none, { offsets: Int32Array.of(0, 1, 1, 2), indices: Int32Array.of(3, 2) })
  const lists = { k: 3, items: Int32Array.of(1, 3, 2, 2, -1, -1), scores: new Float32Array(6) }
  await runStage(
    { directory, emit: () => {} },
    {
      ...{ name: 'evaluate-dtl-ns', title: '', options: {}, inputs: {}, load: async () => 0 },
      compute: folder => writeLists(folder, Int32Array.of(0, 2), lists, train),
    },
  )
  const place = { method: 'dtl-ns', folder: 'evaluate-dtl-ns', part: 'test', k: 3 } as const
  const { rankOf } = await readRanks(directory, place, split)
  expect([1, 3, 2, 0].map(item => rankOf(0, item))).toEqual([1, 2, 3, undefined])
  expect([rankOf(1, 1), rankOf(2, 2), rankOf(2, 3)]).toEqual([undefined, 1, undefined])
})
