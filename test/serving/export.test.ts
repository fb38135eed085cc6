import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { PGlite } from '@electric-sql/pglite'
import { vector } from '@electric-sql/pglite-pgvector'
import { Index, MetricKind, ScalarKind } from 'usearch'
import { afterAll, describe, expect, it } from 'vitest'
import { createDataset, createVocabulary, type Dataset, sortIds } from '../../src/dataset/dataset.ts'
import { withDatabase } from '../../src/dataset/files/duckdb.ts'
import { UsageError } from '../../src/errors.ts'
import { exportTargets } from '../../src/serving/export/index.ts'
import { joinItems } from '../../src/serving/items/item-data.ts'
import { contentOf } from '../../src/serving/model/content.ts'
import { fitted, fused, served, shop, sourceOf, temporaryDirectory, vectorsFor } from '../support/serving-world.ts'
import { randomDataset } from '../support/toy.ts'

const withNumbers = randomDataset(30, 80, 0.1)
/** With quotes and other signs in the ids. */
const withTexts: Dataset = createDataset(
  { users: [0, 0, 1, 2], items: [0, 1, 2, 3] },
  createVocabulary(sortIds([`"u"`, `o'neill`, 'ü'])),
  createVocabulary(sortIds([`'; DROP TABLE x; --`, 'a,b', 'back\\slash', '日本', 'x', 'y', 'z'])),
)
const source = (data: Dataset) => {
  const titles = { name: 'title', type: 'text' as const, values: data.itemIds.ids.map(id => `It's ${id}`) }
  const table = {
    ids: data.itemIds.ids.map(String),
    columns: [titles],
    dropped: { withoutId: 0, repeated: 0, unreadable: 0 },
  }
  return sourceOf(vectorsFor(data), data, { items: joinItems(table, data.itemIds) })
}

/** One for all tests: it takes a second to start. */
let started: PGlite | undefined
afterAll(() => started?.close())

async function emptyPostgres(): Promise<PGlite> {
  started ??= await PGlite.create({ extensions: { vector } })
  await started.exec('DROP SCHEMA public CASCADE; CREATE SCHEMA public; RESET ALL')
  return started
}

async function exported(to: string, data: Dataset) {
  const out = join(await temporaryDirectory(), 'out')
  const said = await exportTargets.get(to).write(contentOf(source(data)), out)
  return { out, said, model: await served(source(data)) }
}

it('users have the vectors that the model ranks by, also where their histories have grown since it was trained', async () => {
  const [train, all] = [0.06, 0.1].map(density => randomDataset(30, 80, density, 3))
  const grown = sourceOf(vectorsFor(train), all, { fittedOn: 'train' })
  const out = join(await temporaryDirectory(), 'out')
  await exportTargets.get('parquet').write(contentOf(grown), out)
  const rows = await withDatabase(undefined, database =>
    database.rows(
      `SELECT user_id, item_id, list_inner_product(u.vector, i.vector) FROM '${join(out, 'users.parquet')}' u, '${join(out, 'items.parquet')}' i`,
    ),
  )
  const scoreOf = new Map(rows.map(([user, item, score]) => [`${user} ${item}`, Number(score)]))
  const model = await served(grown)
  for (const user of all.userIds.ids)
    for (const { item, score } of model.recommend({ user, k: 3 }).items)
      expect(Math.abs(scoreOf.get(`${user} ${item}`)! - score)).toBeLessThan(1e-5)
})

describe.each([
  ['integers', withNumbers],
  ['texts', withTexts],
])('with %s as ids', (_name, data) => {
  it('pgvector: PostgreSQL recommends what the model does, within 1e-5', async () => {
    const { out, said, model } = await exported('pgvector', data)
    expect(said).toContain('<#> is the negative of the score')
    const postgres = await emptyPostgres()
    await postgres.exec(await readFile(out, 'utf8'))
    // twice does no harm
    await postgres.exec(await readFile(out, 'utf8'))
    // exact, as the model is
    await postgres.exec('SET enable_indexscan = off')
    for (const user of data.userIds.ids.slice(0, 10)) {
      const { rows } = await postgres.query<{ item_id: unknown; score: number }>(
        'SELECT * FROM dualtree_recommend($1, 5)',
        [user],
      )
      const { items } = model.recommend({ user, k: 5 })
      expect(rows.map(({ item_id }) => String(item_id))).toEqual(items.map(({ item }) => String(item)))
      rows.forEach(({ score }, place) => {
        expect(Math.abs(score - items[place].score)).toBeLessThan(1e-5)
      })
    }
    const titles = await postgres.query<{ item_id: unknown; title: string }>(
      'SELECT item_id, title FROM dualtree_items',
    )
    for (const { item_id, title } of titles.rows) expect(title).toBe(`It's ${item_id}`)
  })

  it('parquet: inner products of the tables are the scores, within 1e-5', async () => {
    const { out, model } = await exported('parquet', data)
    const rows = await withDatabase(undefined, database =>
      database.rows(
        `SELECT user_id, item_id, list_inner_product(u.vector, i.vector) AS score
         FROM '${join(out, 'users.parquet')}' u, '${join(out, 'items.parquet')}' i ORDER BY user_id, score DESC`,
      ),
    )
    const [user] = rows[0]
    const own = rows.filter(row => row[0] === user)
    const { items } = model.recommend({ user: String(user), k: own.length, allowSeen: true })
    expect(items.map(({ item }) => String(item))).toEqual(own.map(row => String(row[1])))
    own.forEach((row, place) => {
      expect(Math.abs(Number(row[2]) - items[place].score)).toBeLessThan(1e-5)
    })
  })

  it('usearch: the index finds the best items by inner product', async () => {
    const { out, said, model } = await exported('usearch', data)
    const { recall } = JSON.parse(await readFile(join(out, 'index.json'), 'utf8'))
    expect(said).toContain(`finds ${(100 * recall.value).toFixed(1)} % of the exact best 20`)
    expect(recall.value).toBeGreaterThan(0.95)
    const index = new Index({
      ...{ dimensions: 8, metric: MetricKind.IP, quantization: ScalarKind.F32 },
      ...{ connectivity: 16, expansion_add: 128, expansion_search: 64, multi: false },
    })
    index.load(join(out, 'items.usearch'))
    const [[vectorOfUser]] = await withDatabase(undefined, database =>
      database.rows(`SELECT vector FROM '${join(out, 'users.parquet')}' LIMIT 1`),
    )
    const query = Float32Array.from((vectorOfUser as unknown as { items: number[] }).items)
    const { keys, distances } = index.search(query, 3, 1)
    const { items } = model.recommend({ user: data.userIds.ids[0], k: 3, allowSeen: true })
    expect(Array.from(keys, key => data.itemIds.ids[Number(key)])).toEqual(items.map(({ item }) => item))
    distances.forEach((distance, place) => {
      expect(1 - distance).toBeCloseTo(items[place].score, 5)
    })
  })

  it('qdrant: collections by inner product, and a script that sends them', async () => {
    const { out, model } = await exported('qdrant', data)
    expect((await readdir(out)).sort()).toEqual([
      'collection.json',
      'items-00000.json',
      'upload.sh',
      'users-00000.json',
    ])
    const json = async (name: string) => JSON.parse(await readFile(join(out, name), 'utf8'))
    expect(await json('collection.json')).toEqual({ vectors: { size: 8, distance: 'Dot' } })
    const [items, users] = [(await json('items-00000.json')).points, (await json('users-00000.json')).points]
    expect(items.map(({ payload }: { payload: { item_id: unknown } }) => payload.item_id)).toEqual(data.itemIds.ids)
    const scores = items.map(({ vector }: { vector: number[] }) =>
      vector.reduce((sum, x, d) => sum + x * users[0].vector[d], 0),
    )
    const best = model.recommend({ user: data.userIds.ids[0], k: 1, allowSeen: true }).items[0]
    expect(Math.max(...scores)).toBeCloseTo(best.score, 5)
  })
})

describe('what has no vectors', () => {
  const data = shop()
  const refused = (method: string, make: typeof fused, to: string) =>
    exportTargets.get(to).write(contentOf(sourceOf(make(data), data, { method })), '/nowhere')

  it.each(['parquet', 'pgvector', 'qdrant', 'usearch'])(
    'a fusion is refused by %s, with what can be exported',
    async to => {
      const failure = refused('dtl-ns+rp3beta', fused, to)
      await expect(failure).rejects.toThrow(UsageError)
      await expect(failure).rejects.toThrow(
        /method "dtl-ns\+rp3beta" cannot be exported as vectors: its scores are those of two models.*--method dtl-ns.*--all --out/,
      )
    },
  )

  it('a neighbourhood is refused, but by parquet, which has its weights', async () => {
    await expect(refused('item-knn', own => fitted('item-knn', own), 'pgvector')).rejects.toThrow(
      /its scores are sums of weights between items; --to parquet writes the weights/,
    )
    const out = await temporaryDirectory()
    const content = contentOf(sourceOf(fitted('item-knn', data), data))
    await exportTargets.get('parquet').write(content, out)
    const rows = await withDatabase(undefined, database =>
      database.rows(
        `SELECT * FROM '${join(out, 'neighbors.parquet')}' WHERE item_id = 'cap' AND neighbor_id = 'boots'`,
      ),
    )
    expect(rows).toEqual([['cap', 'boots', 0.75]])
  })
})
