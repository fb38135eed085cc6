import { createHash } from 'node:crypto'
import { cp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { createDataset, createVocabulary, type ExternalId, type TimeKind } from '../../src/dataset/dataset.ts'
import { loadSplit } from '../../src/dataset/load.ts'
import { createSplit, type Split } from '../../src/dataset/split.ts'
import { readSplit, writeSplit } from '../../src/dataset/store.ts'
import { openTruth } from '../../src/dataset/truth.ts'
import { temporaryDirectory } from '../support/directory.ts'
import { copyByDuckDB, cutFile, pairsOfPart } from '../support/interactions.ts'

/** Two users, four items; the last item has no interaction. */
function small(
  userIds: ExternalId[],
  itemIds: ExternalId[],
  columns: { timestamps?: number[]; weights?: number[]; timeKind?: TimeKind } = {},
  heldOutTime?: number,
): Split {
  const pairs = { users: [0, 0, 1], items: [2, 0, 1], ...columns }
  const train = createDataset(pairs, createVocabulary(userIds), createVocabulary(itemIds))
  const held = (user: number, item: number) => ({
    offsets: Int32Array.of(0, user === 0 ? 1 : 0, 1),
    indices: Int32Array.of(item),
    ...(heldOutTime !== undefined && { timestamps: Float64Array.of(heldOutTime + user) }),
  })
  return createSplit(train, held(0, 1), held(1, 3))
}

const TEXTS: ExternalId[] = ['10', '9', 'Zoë "q"\n', "it's"]

async function stored(split: Split): Promise<{ directory: string; back: Split }> {
  const directory = join(await temporaryDirectory(), 'data')
  await writeSplit(split, directory)
  return { directory, back: await readSplit(directory) }
}

async function contents(directory: string): Promise<Record<string, string>> {
  const names = (await readdir(directory)).sort()
  return Object.fromEntries(
    await Promise.all(names.map(async name => [name, (await readFile(join(directory, name))).toString('hex')])),
  )
}

it('the hash is over ids as lines of JSON, users first, and over the pairs of the parts', () => {
  const ids = Array.from({ length: 700 }, (_, id) => (id % 2 ? id : `ü${id}`))
  const train = createDataset({ users: [0, 699], items: [1, 2] }, createVocabulary(ids), createVocabulary([1, 2, 3]))
  const part = { offsets: Int32Array.from({ length: 701 }, (_, at) => Math.min(at, 1)), indices: Int32Array.of(2) }
  const hash = createHash('sha256').update(JSON.stringify({ users: 700, items: 3, columns: [false, false] }))
  for (const id of [...ids, 1, 2, 3]) hash.update(`${JSON.stringify(id)}\n`)
  for (const { offsets, indices } of [train.byUser, part, part]) hash.update(offsets).update(indices)
  expect(createSplit(train, part, part).hash).toBe(hash.digest('hex'))
})

describe('a split comes back as it was', () => {
  const splits: [what: string, split: Split][] = [
    ['integers', small([3, 7], [-1, 5, 2147483648, 9007199254740991])],
    ['strings, in an order of their own', small(['b', 'a'], TEXTS)],
    ['strings that look like integers', small(['1', '2'], ['1', '2', '3', '4'])],
    ['timestamps', small([1, 2], TEXTS, { timestamps: [1577872800123.456, 5, 0] })],
    ['timestamps of all parts', small([1, 2], TEXTS, { timestamps: [3, 5, 0] }, 7.25)],
    ['positions', small([1, 2], TEXTS, { timestamps: [1, 0, 0], timeKind: 'position' }, 2)],
    ['weights', small([1, 2], TEXTS, { weights: [0.1, 1, 2.5] })],
  ]
  for (const [what, split] of splits) {
    it(what, async () => {
      const { back } = await stored(split)
      expect(back.hash).toBe(split.hash)
      expect(back.train.userIds.ids).toEqual(split.train.userIds.ids)
      expect(back.train.itemIds.ids).toEqual(split.train.itemIds.ids)
      expect(back.train.byUser).toEqual(split.train.byUser)
      expect(back.train.timestamps).toEqual(split.train.timestamps)
      expect(back.train.timeKind).toEqual(split.train.timeKind)
      expect(back.train.weights).toEqual(split.train.weights)
      for (const part of ['valid', 'test'] as const) expect(openTruth(back[part])).toEqual(openTruth(split[part]))
    })
  }

  it('100,000 interactions, twice the same bytes, over what was there', async () => {
    const path = join(await temporaryDirectory(), 'a.parquet')
    await copyByDuckDB(
      "SELECT 'u' || hash(range) % 5000 AS user_id, hash(range * 31) % 900 AS item_id, 1500000000 + range AS ts FROM range(100000)",
      path,
    )
    const { split } = await loadSplit(path)
    const { directory, back } = await stored(split)
    expect(back.hash).toBe(split.hash)
    expect(pairsOfPart(back, 'test')).toEqual(pairsOfPart(split, 'test'))
    const first = await contents(directory)
    expect(Object.keys(first)).toEqual([
      'items.parquet',
      'split.json',
      'test.parquet',
      'train.parquet',
      'users.parquet',
      'valid.parquet',
    ])
    await writeSplit(back, directory)
    expect(await contents(directory)).toEqual(first)
  })

  it('can be read by others, and by loadSplit', async () => {
    const { directory } = await stored(small([3, 7], [-1, 5, 6, 8]))
    const csv = join(directory, 'out.csv')
    await copyByDuckDB(`FROM '${directory}/train.parquet'`, csv, 'FORMAT csv, HEADER')
    expect(await readFile(csv, 'utf8')).toBe('user_id,item_id\n3,-1\n3,6\n7,5\n')
    await rm(csv)
    await copyByDuckDB(`SELECT 3 AS user_id, 5 AS item_id`, join(directory, 'test.parquet'))
    await copyByDuckDB(`SELECT 7 AS user_id, 6 AS item_id`, join(directory, 'valid.parquet'))
    // without its manifest the folder is data like any other
    await rm(join(directory, 'split.json'))
    const { split } = await loadSplit(directory)
    expect(pairsOfPart(split, 'train')).toEqual(['3 -1', '3 6', '7 5'])
  })
})

describe('the hash', () => {
  const base = small([1, 2], [1, 2, 3, 4]).hash
  it('is that of the content', () => expect(small([1, 2], [1, 2, 3, 4]).hash).toBe(base))
  it('is SHA-256 over sizes, ids and pairs, in this writing', () => {
    const numbers = [0, 2, 3, 0, 2, 1, ...[0, 1, 1, 1], ...[0, 0, 1, 3]]
    const canonical = createHash('sha256')
      .update('{"users":2,"items":4,"columns":[false,false]}1\n2\n1\n2\n3\n4\n')
      .update(new Uint8Array(Int32Array.from(numbers).buffer))
    expect(base).toBe(canonical.digest('hex'))
  })
  const changes: [what: string, split: Split][] = [
    ['the type of ids', small(['1', '2'], [1, 2, 3, 4])],
    ['an id', small([1, 3], [1, 2, 3, 4])],
    ['timestamps', small([1, 2], [1, 2, 3, 4], { timestamps: [1, 2, 3] })],
    ['weights', small([1, 2], [1, 2, 3, 4], { weights: [1, 2, 3] })],
  ]
  for (const [what, split] of changes) it(`changes with ${what}`, () => expect(split.hash).not.toBe(base))

  it('changes with each part', () => {
    const { train } = small([1, 2], [1, 2, 3, 4])
    const empty = { offsets: Int32Array.of(0, 0, 0), indices: Int32Array.of() }
    const one = { offsets: Int32Array.of(0, 1, 1), indices: Int32Array.of(1) }
    const hashes = [
      createSplit(train, empty, empty),
      createSplit(train, one, empty),
      createSplit(train, empty, one),
    ].map(({ hash }) => hash)
    expect(new Set(hashes).size).toBe(3)
  })
})

describe('what is not a whole split is refused', () => {
  it('a directory without the manifest', async () => {
    const directory = await temporaryDirectory()
    await expect(readSplit(directory)).rejects.toThrow(
      `${join(directory, 'split.json')}: there is no complete split in this directory; write it again`,
    )
  })

  it('a manifest of something else', async () => {
    const directory = await temporaryDirectory({ 'split.json': '{"format":"other"}' })
    await expect(readSplit(directory)).rejects.toThrow(
      'expected "format": "dualtree split" and "version": 1; write the split again',
    )
    await writeFile(join(directory, 'split.json'), '{')
    await expect(readSplit(directory)).rejects.toThrow('split.json: not valid JSON')
  })

  it('a file of another split', async () => {
    const [one, other] = [await stored(small([1, 2], TEXTS)), await stored(small([1, 3], TEXTS))]
    await cp(join(other.directory, 'users.parquet'), join(one.directory, 'users.parquet'))
    await cp(join(other.directory, 'train.parquet'), join(one.directory, 'train.parquet'))
    await expect(readSplit(one.directory)).rejects.toThrow(
      /: the files are not those that split\.json was written with \(hash [0-9a-f]{12}, expected [0-9a-f]{12}\); write the split again$/,
    )
  })

  it('a damaged and a missing file', async () => {
    const { directory } = await stored(small([1, 2], TEXTS))
    await cutFile(join(directory, 'valid.parquet'), 100)
    await expect(readSplit(directory)).rejects.toThrow(/valid\.parquet cannot be read: .*; write the split again$/)
    await rm(join(directory, 'items.parquet'))
    await expect(readSplit(directory)).rejects.toThrow(/items\.parquet cannot be read: .*; write the split again$/)
  })
})
