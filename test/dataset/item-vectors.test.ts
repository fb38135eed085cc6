import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { createVocabulary } from '../../src/dataset/dataset.ts'
import { withDatabase } from '../../src/dataset/files/duckdb.ts'
import { describeItemVectors, itemVectorLength, readItemVectors } from '../../src/dataset/items/vectors.ts'
import { readSplit } from '../../src/dataset/store.ts'
import { readTable, writeTable } from '../../src/dataset/table.ts'
import { openTruth } from '../../src/dataset/truth.ts'
import type { CsrPattern } from '../../src/kernels/interface/kernels.ts'
import { placeItemVectors } from '../../src/models/given-vectors.ts'
import { loadEmbeddings } from '../../src/models/model-file.ts'
import { derive, randomStream } from '../../src/random.ts'
import { openModel } from '../../src/serving/model/open-model.ts'
import { QUICK, runHere, writeSmallData } from '../support/cli.ts'
import { temporaryDirectory } from '../support/directory.ts'

const write = async (rows: [string, number[]][], column = 'item') => {
  const path = join(await temporaryDirectory(), 'vectors.parquet')
  const columns = [
    { name: column, type: 'VARCHAR' as const, value: (row: number) => rows[row][0] },
    { name: 'vector', type: 'FLOAT[]' as const, value: (row: number) => rows[row][1] },
  ]
  await writeTable(path, columns, rows.length)
  return path
}

describe('readItemVectors', () => {
  it('gives unit vectors in internal order whatever that of the file, and counts what is odd', async () => {
    for (const column of ['item', 'item_id']) {
      const path = await write([['c', [1, 0]], ['c', [3, 4]], ['x', [1, 1]], ['a', [0, -2]]], column) // biome-ignore format: one line
      const vocabulary = createVocabulary(['a', 'b', 'c'])
      const found = await readItemVectors(path, vocabulary)
      const { values } = found
      expect(found).toMatchObject({ dimensions: 2, missing: 1, unknown: 1, repeated: 1 })
      expect(describeItemVectors('v.parquet', vocabulary, found)).toBe(
        'v.parquet: 1 of 3 items have no vector; 1 rows are about other items; 1 rows are about an item that an earlier row is about, and the last counts',
      )
      expect(describeItemVectors('', vocabulary, { ...found, missing: 0, unknown: 0, repeated: 0 })).toBe(undefined)
      expect(await itemVectorLength(path)).toBe(2)
      expect([...values].map(value => Math.round(value * 10) / 10)).toEqual([0, -1, 0, 0, 0.6, 0.8])
    }
  })

  it('refuses other lengths, other items and other columns', async () => {
    const vocabulary = createVocabulary(['a', 'b'])
    await expect(readItemVectors(await write([['a', [1, 2]], ['b', [1]]]), vocabulary)).rejects.toThrow(/row 2: expected a list of 2 finite numbers in column "vector", found 1$/) // biome-ignore format: one line
    await expect(readItemVectors(await write([['z', [1]]]), vocabulary)).rejects.toThrow(
      'none of its 1 rows is about one of the 2 items',
    )
    await expect(readItemVectors(await write([['a', [1]]], 'sku'), vocabulary)).rejects.toThrow('there is no item or item_id') // biome-ignore format: one line
  })
})

describe('placeItemVectors', () => {
  const random = randomStream(derive(1, 'vectors'))
  const given = (items: number, dimensions: number) => {
    const values = Float32Array.from({ length: items * dimensions }, () => random.uniform() - 0.5)
    for (let item = 0; item < items; item++) {
      const own = values.subarray(item * dimensions, (item + 1) * dimensions)
      const length = Math.hypot(...own)
      own.forEach((value, at) => {
        own[at] = value / length
      })
    }
    return { dimensions, values }
  }
  const meanSquare = (table: Float32Array) => table.reduce((sum, value) => sum + value ** 2, 0) / table.length

  it.each([32, 100])('%i numbers become 32 as large as drawn ones, with much the same angles', length => {
    const vectors = given(200, length)
    // the first two are nearly the same, and the third is the opposite of the first
    vectors.values.copyWithin(length, 0, length)
    for (let at = 0; at < length; at++) vectors.values[2 * length + at] = -vectors.values[at]
    const table = new Float32Array(200 * 32)
    placeItemVectors(table, 32, vectors, { seed: 1 })
    // U(−b, b) has variance b² / 3, b² = 6 / (I + D)
    expect(meanSquare(table) / (2 / 232)).toBeGreaterThan(0.8)
    expect(meanSquare(table) / (2 / 232)).toBeLessThan(1.2)
    const row = (item: number) => [...table.subarray(item * 32, item * 32 + 32)]
    expect(row(1)).toEqual(row(0))
    expect(row(2)).toEqual(row(0).map(value => -value))
  })

  it('leaves items without a vector as they were drawn', () => {
    const table = new Float32Array(4).fill(7)
    placeItemVectors(table, 2, { dimensions: 2, values: Float32Array.of(0, 0, 1, 0) }, { seed: 1 })
    expect([...table.subarray(0, 2)]).toEqual([7, 7])
    expect(table[3]).toBe(0)
  })
})

it('--item-vectors make the semantic tree, and on request where models begin', async () => {
  const directory = await temporaryDirectory()
  const input = writeSmallData(directory)
  const rows = Array.from({ length: 120 }, (_, item): [string, number[]] => [`i${item}`, item % 2 ? [1, 0, item / 1e4] : [0, 1, item / 1e4]]) // biome-ignore format: one line
  const vectors = ['--item-vectors', await write(rows), '--branches', '2']
  const trees = async (name: string, ...args: string[]) => {
    const out = join(directory, name)
    // to the end where the vectors are in the model
    const command = args.includes('tree,side') ? 'evaluate' : 'trees'
    const { code, stderr } = await runHere([command, input, '--out', out, ...QUICK, '--baselines', '', ...args])
    expect({ code, stderr: stderr.includes('error') }).toEqual({ code: 0, stderr: false })
    const [codes, table] = await Promise.all([
      readTable(join(out, 'trees', 'codes.parquet'), ['item_id', 'semantic', 'structural']),
      readTable(join(out, 'train-base', 'item_vectors.parquet'), ['item_id']).catch(() => undefined),
    ])
    return { codes, table, out, stderr }
  }
  const [plain, given] = [await trees('plain', '--branches', '2'), await trees('given', ...vectors)]
  const first = new Map(given.codes.item_id.map((id, row) => [id, String(given.codes.semantic[row])[0]]))
  const odd = new Set([...first].filter(([id]) => Number(String(id).slice(1)) % 2).map(([, code]) => code))
  expect(odd.size).toBe(1)
  expect(new Set(first.values()).size).toBe(2)
  expect(given.codes.structural).toEqual(plain.codes.structural)
  const itemsOf = (out: string) => loadEmbeddings(join(out, 'train-base', 'model.safetensors'))
  const some = vectors.with(1, await write(rows.slice(0, 110)))
  const side = await trees('side', ...some, '--item-vectors-in', 'tree,side')
  expect(side.stderr).toMatch(/vectors\.parquet: \d+ of \d+ items have no vector/)
  expect((await itemsOf(side.out)).itemVectors).not.toEqual((await itemsOf(plain.out)).itemVectors)
  await expectExported(side.out)
  const initial = await trees('initial', ...vectors, '--item-vectors-in', 'initial')
  expect(initial.codes.structural).toEqual(plain.codes.structural)
  expect(initial.codes.semantic).not.toEqual(plain.codes.semantic)
  expect(initial.codes.semantic).not.toEqual(given.codes.semantic)
})

/** An exported folder ranks as well on validation data as training did, with what it learned of the side vectors, and so does Parquet. */
async function expectExported(run: string) {
  const row = ['--method', 'dtl-ns', '--out']
  for (const to of ['folder', 'parquet'])
    expect((await runHere(['export', run, '--to', to, ...row, `${run}-${to}`])).code).toBe(0)
  const { bestEpoch, history } = JSON.parse(readFileSync(join(run, 'train-dtl-ns', 'history.json'), 'utf8'))
  const { train, valid: held } = await readSplit(join(run, 'data'))
  const valid = openTruth(held)
  const [users, items] = ['users', 'items'].map(name => `'${join(`${run}-parquet`, name)}.parquet'`)
  const products = await withDatabase(undefined, database =>
    database.rows(`SELECT user_id, item_id, list_inner_product(u.vector, i.vector) FROM ${users} u, ${items} i`),
  )
  const scores = new Map(products.map(([user, item, score]) => [`${user} ${item}`, Number(score)]))
  const model = await openModel(`${run}-folder`)
  const recalls: number[] = []
  for (let user = 0; user < train.users; user++) {
    const truth = idsOf(valid, user)
    if (truth.length === 0) continue
    const id = train.userIds.ids[user]
    for (const { item, score } of model.recommend({ user: id, k: 5 }).items)
      expect(scores.get(`${id} ${item}`)).toBeCloseTo(score, 5)
    const found = model.recommend({ user: id, history: idsOf(train.byUser, user), k: 20 }).items.map(({ item }) => item)
    recalls.push(truth.filter(item => found.includes(item)).length / truth.length)
  }
  model.close()
  const mean = recalls.reduce((sum, value) => sum + value) / recalls.length
  expect(mean).toBeCloseTo(history.find(({ epoch }: { epoch: number }) => epoch === bestEpoch).validation, 9)

  function idsOf({ offsets, indices }: CsrPattern, user: number) {
    return Array.from(indices.subarray(offsets[user], offsets[user + 1]), item => train.itemIds.ids[item])
  }
}
