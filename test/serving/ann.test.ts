import { readFile, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it, vi } from 'vitest'
import { UsageError } from '../../src/errors.ts'
import { tieRanks } from '../../src/models/ties.ts'
import { approximate, loadUsearch } from '../../src/serving/model/ann.ts'
import { contentOf } from '../../src/serving/model/content.ts'
import { writeModelFolder } from '../../src/serving/model/model-folder.ts'
import { openModel } from '../../src/serving/model/open-model.ts'
import { openServing } from '../../src/serving/model/open-run.ts'
import { runHere } from '../support/cli.ts'
import { unseenBy } from '../support/requests.ts'
import { fitted, sourceOf, temporaryDirectory, vectorsFor } from '../support/serving-world.ts'
import { randomDataset } from '../support/toy.ts'

const data = randomDataset(60, 150, 0.08)

async function folderOf(recommender = vectorsFor(data)) {
  const folder = join(await temporaryDirectory(), 'model')
  await writeModelFolder(folder, contentOf(sourceOf(recommender, data)))
  return folder
}
const open = (folder: string, ann: boolean) => openModel(folder, { ann, newRequestId: () => 'r' })

describe('an approximate ranking', () => {
  it('is the exact one, bit by bit, where the index finds the best items', async () => {
    const folder = await folderOf()
    const [exact, other] = [await open(folder, false), await open(folder, true)]
    expect(other.info.ann!.recall).toBeGreaterThan(0.99)
    expect(exact.info.ann).toBeUndefined()
    const [a, b, c] = data.itemIds.ids
    for (const user of data.userIds.ids)
      for (const more of [
        {},
        { exclude: [a, b] },
        { only: [a, b, c] },
        { allowSeen: true, k: 30 },
        { history: [a, c] },
      ])
        expect(other.recommend({ user, k: 5, ...more })).toEqual(exact.recommend({ user, k: 5, ...more }))
    expect(other.recommend({ history: [a, b], k: 7 })).toEqual(exact.recommend({ history: [a, b], k: 7 }))
    for (const model of [exact, other]) model.close()
  })

  it('keeps its index in the folder, and builds it again for another model or when it is cut off', async () => {
    const folder = await folderOf()
    ;(await open(folder, true)).close()
    const note = join(folder, 'ann', 'index.json')
    const facts = JSON.parse(await readFile(note, 'utf8'))
    const recallAfter = async (changed: object) => {
      await writeFile(note, JSON.stringify({ ...facts, recall: 0.5, ...changed }))
      const model = await open(folder, true)
      model.close()
      return model.info.ann!.recall
    }
    expect(await recallAfter({})).toBe(0.5)
    expect(await recallAfter({ model: 'another' })).toBe(facts.recall)
    expect(await recallAfter({ bytes: 1 })).toBe(facts.recall)
    expect((await stat(join(folder, 'ann', 'items.usearch'))).size).toBe(facts.bytes)
  })

  it('is exact where the index finds too little', () => {
    const exact = vectorsFor(data)
    const nothing = { search: () => ({ keys: new BigUint64Array(0) }) }
    const request = { ...unseenBy(data), k: 4, tieRank: tieRanks(data.items, 1) }
    const other = approximate(exact, exact.itemVectors!, nothing as never)
    expect(other.recommend(request)).toEqual(exact.recommend(request))
  })

  it('is not made for a model without vectors, which is exact, or of a run without a fitted model', async () => {
    const folder = await folderOf(fitted('item-knn', data))
    const model = await open(folder, true)
    expect(model.info.ann).toBeUndefined()
    expect(model.recommend({ user: data.userIds.ids[0] }).items.length).toBe(10)
    model.close()
    await expect(openServing('runs/x', 'mf', { ann: true })).rejects.toThrow(
      '--ann needs a model folder, which keeps the index: fit one with "dualtree fit runs/x --method mf"',
    )
  })

  it('is said by recommend, with its recall', async () => {
    const call = [await folderOf(), '--ann', '--user', String(data.userIds.ids[0])]
    const { code, stderr } = await runHere(['recommend', ...call])
    expect(code).toBe(0)
    expect(stderr).toMatch(/Approximate: recall (1\.000|0\.99\d) of the exact best 20\.$/m)
  })

  it('says which package it needs', async () => {
    vi.doMock('usearch', () => {
      throw new Error('Cannot find package')
    })
    await expect(loadUsearch('--ann')).rejects.toThrow(
      new UsageError('--ann needs the package usearch: npm install usearch'),
    )
    vi.doUnmock('usearch')
  })
})
