/** What programs, data stores and well-known data sets write, beside plain tables: JSON of services, folds, counts, packed shards. */
import { mkdir, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { gzipSync, zstdCompressSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { loadDataset, loadSplit } from '../../src/dataset/load.ts'
import { columnsOf } from '../../src/kernels/csr.ts'
import { temporaryDirectory } from '../support/directory.ts'
import { copyByDuckDB, readBack, readText } from '../support/interactions.ts'

const PAIRS = [[1, 7], [2, 8], [1, 8]] // biome-ignore format: pairs
const rows = PAIRS.map(([user, item]) => ({ user_id: user, item_id: item, ts: 1_600_000_000 + item }))
const lines = (map: (row: (typeof rows)[number], index: number) => unknown) =>
  rows.map((row, index) => `${JSON.stringify(map(row, index))}\n`).join('')

/** 8 users with 6 of 11 items each, from a row on. */
const csv = (from = 0, to = 48) =>
  `user,item,x\n${Array.from({ length: to - from }, (_, row) => `${(from + row) % 8},${((from + row) * 5) % 11},1\n`).join('')}`

describe('JSON of services', () => {
  const written: [what: string, text: string][] = [
    ['hits of a search engine', JSON.stringify({ hits: { total: 3, hits: rows.map(row => ({ _id: 'x', _source: row })) } })],
    ['edges of GraphQL', JSON.stringify({ data: { orders: { edges: rows.map(row => ({ node: row })) } } })],
    ['features of a map', JSON.stringify({ type: 'All', features: rows.map(row => ({ properties: row })) })],
    ['pages, one a line', `${JSON.stringify({ page: 1, data: rows.slice(0, 2) })}\n${JSON.stringify({ page: 2, data: rows.slice(2) })}\n`],
    ['typed values of DynamoDB', lines(({ user_id, item_id }) => ({ Item: { userId: { N: `${user_id}` }, itemId: { S: `${item_id}` } } }))],
    ['keys of a document store', JSON.stringify({ events: Object.fromEntries(rows.map((row, index) => [`-Mk${index}`, row])) })],
    ['arrays below their header', JSON.stringify([['item', 'user'], ...rows.map(row => [row.item_id, row.user_id])])],
    ['arrays below their header and types', `["item","user"]\n["UInt32","Nullable(String)"]\n${lines(row => [row.item_id, `${row.user_id}`])}`],
    ['arrays with nothing in some', lines(({ user_id, item_id }, row) => [user_id, item_id, row ? null : 4])],
    ['a sequence of texts', rows.map(row => `\u001e${JSON.stringify(row)}\n`).join('')],
    ['null ahead of the rows', `null\n${lines(row => row).repeat(20)}`],
    ['a comment above', `// export\n${lines(row => row)}`],
  ] // biome-ignore format: one a line
  it.each(written)('%s', async (_, text) => expect((await readText('a.json', text)).pairs.slice(0, 3)).toEqual(PAIRS))

  it('arrays of lists are no rows, and what a search engine says of a hit is no rating', async () => {
    const named = lines(({ user_id, item_id }) => [user_id, [item_id]])
    await expect(readText('a.json', named)).rejects.toThrow('field "1" holds lists such as "[7]"; a row for each entry is made by --item "1[]"') // biome-ignore format: one line
    expect((await readText('a.json', named, { user: '0', item: '1[]' })).pairs).toEqual(PAIRS)
    await expect(readText('a.json', '[[1, 2], [3, 4, 5], [6]]')).rejects.toThrow('a.json line 1: arrays of 2, 3 and other numbers of entries, as lists of items are') // biome-ignore format: one line
    const hits = lines(row => ({ _type: 'x', _score: 1, _source: row }))
    expect(await readText('a.json', hits)).not.toHaveProperty('ratings')
  })

  it('hints lead to ids however deep they lie, and to none among keys', async () => {
    const event = lines(({ user_id, item_id }) => ({
      visitorId: user_id,
      details: [{ n: 1, product: { id: item_id } }],
    }))
    await expect(readText('a.json', event)).rejects.toThrow('inside of fields there are "details[].product.id", "details[].n"') // biome-ignore format: one line
    const invoice = lines(({ user_id, item_id }) => ({
      user: user_id,
      item: { object: 'list', data: [{ id: item_id }] },
    }))
    await expect(readText('a.json', invoice)).rejects.toThrow('such as --item "item.data[].id"')
    const plays = lines(({ user_id, item_id }, row) => ({ user: user_id, items: { [`i${item_id}${row}`]: 3 } }))
    await expect(readText('a.json', plays)).rejects.toThrow('objects whose keys are ids, such as "{\\"i70\\":3}"; write a row for each') // biome-ignore format: one line
    const arrays = 'user,items\n1,"{4,5}"\n2,"{6}"\n1,"{7,9}"\n'
    await expect(readText('a.csv', arrays)).rejects.toThrow('holds lists such as "{4,5}"; a row for each entry is made by --item "items[]"') // biome-ignore format: one line
  })

  it('dates within values of MongoDB', async () => {
    const text = lines(({ user_id, item_id, ts }) => ({
      user: { $oid: `${user_id}` },
      item: item_id,
      at: { $date: { $numberLong: `${ts * 1000}` } },
    }))
    expect((await readText('a.json', text, { time: 'at' })).times?.[0]).toBe(1_600_000_007_000)
  })

  it('users with their ratings of items', async () => {
    const read = await readText('a.json', '{"u1":{"i1":5,"i2":3},"u2":{"i2":4}}')
    expect(read.pairs).toEqual([['u1', 'i1'], ['u1', 'i2'], ['u2', 'i2']]) // biome-ignore format: pairs
    expect(read.ratings).toEqual([5, 3, 4])
  })

  it('a user and an item of one entry are a row, not each with each', async () => {
    const text = `${JSON.stringify({ rows: rows.slice(0, 2) })}\n${JSON.stringify({ rows: rows.slice(2) })}\n`
    const wishes = { user: 'rows[].user_id', item: 'rows[].item_id' }
    expect((await readText('a.jsonl', text, wishes)).pairs).toEqual(PAIRS)
  })

  it('a user beside nested objects is not looked for in them', async () => {
    const text = lines(({ user_id, item_id }) => ({ user: user_id, seller: { user: 9, item: 9 }, item: item_id }))
    expect((await readText('a.jsonl', text)).pairs).toEqual(PAIRS)
  })
})

describe('parts of folders', () => {
  it('shards of which some are packed', async () => {
    const directory = await temporaryDirectory({
      'train-0.csv.gz': gzipSync(csv(0, 20)),
      'train-1.csv': csv(20, 40),
      'test-0.csv': csv(40),
    })
    expect((await loadSplit(directory)).report.counts.rows).toBe(48)
  })

  it('beside test.csv, a file of items is none of the part', async () => {
    const directory = await temporaryDirectory({
      'a_train.csv': csv(0, 40),
      'a_test.csv': csv(40),
      'a_test_items.csv': 'item,title\n1,x\n',
    })
    const { report } = await loadSplit(directory)
    expect(report.counts.rows).toBe(48)
    expect(report.decisions[0]).toBe('a_test.csv names users and items, and is read; not a_test_items.csv (a guess: a path names another file).') // biome-ignore format: one line
  })

  it('folds are not added to each other', async () => {
    const files = ['u1', 'u2'].flatMap(fold => ['base', 'test'].map(part => [`${fold}.${part}`, csv()]))
    await expect(loadSplit(await temporaryDirectory(Object.fromEntries(files)))).rejects.toThrow(
      'u1.base, u1.test, u2.base, u2.test look like folds of a cross-validation, of which each trains on what others test on; put the files of one into a directory of its own',
    )
  })

  it('what the names of folders say is told of', async () => {
    const directory = await temporaryDirectory()
    for (const day of [1, 2]) {
      await mkdir(join(directory, `day=${day}`))
      await writeFile(join(directory, `day=${day}`, 'a.csv'), csv(24 * (day - 1), 24 * day))
    }
    const { report } = await loadSplit(directory)
    expect(report.decisions[0]).toBe('The names of folders, such as day=1, are not read as a column.')
    expect(report.counts.rows).toBe(48)
  })

  it('a link to nothing', async () => {
    const directory = await temporaryDirectory({ 'a.csv': csv() })
    await symlink('nowhere.csv', join(directory, 'b.csv'))
    await expect(loadSplit(directory)).rejects.toThrow('b.csv: a link to a file that is not there; remove or mend it')
  })
})

describe('lists', () => {
  it('that begin with how many follow: the lines are the users', async () => {
    const read = await readText('users.dat', '3 11 14 12\n2 13 11\n0\n2 12 14\n')
    expect(read.pairs).toEqual([[0, 11], [0, 14], [0, 12], [1, 13], [1, 11], [3, 12], [3, 14]]) // biome-ignore format: pairs
    expect(read.decisions.join()).toContain('each line begins with the number of its items, which is no user')
    // users may be as many as their items by chance, but never twice
    expect((await readText('a.txt', '3 11 14 12\n2 13 11\n1 11\n')).pairs[0]).toEqual([3, 11])
  })

  it('behind a running index and a time, in a table without a header', async () => {
    const text = Array.from(
      { length: 60 },
      (_, row) => `${row + 1}\tU${row % 9}\t11/15/2019 9:0${row % 9}:00 AM\tN${row % 7} N${row % 5}\tN1-0\n`,
    ).join('')
    await expect(readText('behaviors.tsv', text)).rejects.toThrow('column "3" holds lists such as')
  })

  it('of impressions: what ends an entry is the kind of event', async () => {
    const text = 'u1\tN4-0 N5-1\nu2\tN4-1 N6-0\nu3\tN7-1 N4-0\n'
    const wishes = { user: '0', item: '1[]' }
    const all = await readText('behaviors.tsv', text, wishes)
    expect(all.pairs.slice(0, 2)).toEqual([['u1', 'N4'], ['u1', 'N5']]) // biome-ignore format: pairs
    expect(all.decisions.join()).toContain(
      'counts as a positive, 0 among them; there are 0 (3), 1 (3); choose with --event 1.',
    )
    expect(all.decisions.join()).toContain(
      'which is read as the kind of event; --event-column none keeps it in the id.',
    )
    const path = join(await temporaryDirectory({ 'behaviors.tsv': text }), 'behaviors.tsv')
    const { dataset } = await loadDataset(path, { ...wishes, event: ['1'] })
    expect(dataset.itemIds.ids).toEqual(['N4', 'N5', 'N7'])
    expect(columnsOf(dataset.byUser, 0)).toEqual(Int32Array.of(1))
    const whole = await readText('behaviors.tsv', text, { ...wishes, event: 'none' })
    expect(whole.pairs[0]).toEqual(['u1', 'N4-0'])
    // ids that end alike all along are ids
    expect((await readText('a.tsv', 'u1\tN4-1 N5-1\nu2\tN4-1 N6-2\n', wishes)).pairs[0]).toEqual(['u1', 'N4-1'])
  })
})

describe('columns ahead of users and items, without a header', () => {
  const read = (line: (row: number, user: number, item: number) => string) =>
    readText(
      'a.csv',
      Array.from({ length: 60 }, (_, row) => `${line(row, 1 + (row % 9), 100 + (row % 14))}\n`).join(''),
    )

  it.each<[string, (row: number, user: number, item: number) => string]>([
    ['a time', (row, user, item) => `${1_600_000_000 + 7 * row},${user},${item},${1 + (row % 5)}`],
    ['the id of a row', (row, user, item) => `r-${7919 * row},${user},${item}`],
    ['what was done', (row, user, item) => `${['view', 'add_to_cart', 'buy'][row % 3]},${user},${item}`],
  ])('%s is none of both', async (_, line) => {
    expect((await read(line)).pairs.slice(0, 2)).toEqual([[1, 100], [2, 101]]) // biome-ignore format: pairs
  })

  it('but items that never come twice, ahead of users with ratings, are items', async () => {
    const { pairs } = await read((row, user) => `${7919 * row},${user},${1 + (row % 5)}`)
    expect(pairs[1]).toEqual([2, 7919])
  })
})

describe('what is not used', () => {
  it('weights of kinds of event are told as such, and an encoding that there is not is refused', async () => {
    const path = join(await temporaryDirectory({ 'a.csv': csv().replace('x\n', 'event\n').replaceAll(',1\n', ',buy\n') }), 'a.csv') // biome-ignore format: one line
    const { report } = await loadSplit(path, { eventWeight: ['buy=2'] })
    expect(report.decisions.join()).toContain('Kinds of event in column "event": buy (48); weights are buy=2, and 1 for others.') // biome-ignore format: one line
    await expect(loadSplit(path, { encoding: 'utf-99' })).rejects.toThrow('--encoding: expected the name of an encoding, such as windows-1252, iso-8859-1, shift_jis or gbk, got "utf-99"') // biome-ignore format: one line
  })

  it('dates in parts, times of day, and values below zero are pointed out', async () => {
    const body = Array.from({ length: 12 }, (_, row) => `${row % 3},${row % 4},2020,9,1${row % 9},10:0${row % 6},${(row % 3) - 1}`) // biome-ignore format: one line
    const { decisions } = await readText('a.csv', `user,item,year,month,day,time,opinion\n${body.join('\n')}\n`)
    expect(decisions.join('\n')).toContain(
      '"day" (a part of a date: one column with the whole date is read as a time), "time" (times of day: one column with date and time orders the rows of a day), "opinion" (-1 is among its values; every row counts as a positive without --where)',
    )
  })

  it('a column of zeros is no rating', async () => {
    const text = Array.from({ length: 12 }, (_, row) => `${row % 3},2014-04-0${1 + (row % 7)},${row % 4},0\n`).join('')
    expect((await readText('a.dat', text)).ratings).toBeUndefined()
  })

  it('no row that counts: the reason, not an empty part', async () => {
    const path = join(await temporaryDirectory({ 'a.csv': csv() }), 'a.csv')
    await expect(loadSplit(path, { where: 'x > 1' })).rejects.toThrow('no row is left: 48 rows do not meet --where; change what is asked for') // biome-ignore format: one line
  })
})

describe('bytes', () => {
  it('a few zero bytes are characters, and a run of them at the end is a refused row', async () => {
    const { decisions, pairs } = await readText('a.csv', `${csv().replace('1\n', 'a\0b\n')}${'\0'.repeat(5000)}`)
    expect(pairs.length).toBe(48)
    expect(decisions.join()).toContain('49 rows, 48 read and 1 refused: 1 × 1 fields instead of 3')
  })

  it('frames that are skipped, ahead of zstd', async () => {
    const bytes = Buffer.concat([Buffer.from('502a4d1804000000', 'hex'), Buffer.alloc(4), zstdCompressSync(csv())])
    expect((await readText('a.csv.zst', bytes)).pairs.length).toBe(48)
  })

  it('ids of sixteen bytes that happen to be UTF-8 are hexadecimal digits', async () => {
    const path = join(await temporaryDirectory(), 'a.parquet')
    await copyByDuckDB("SELECT '\\x01\\x00\\x41\\x42'::BLOB AS user, 2 AS item", path)
    expect((await readBack(path)).pairs).toEqual([['01004142', 2]])
  })

  it.each([
    ['4f524300', 'an ORC file; export the table as Parquet'],
    ['4d41544c414220352e30', 'a MATLAB file; write its matrix as CSV'],
    ['580a000000030004', 'R data; write the table by write.csv'],
    ['ffffffff10000000', 'an Arrow stream; export the table as Parquet'],
    ['fffe0000750000', 'text in UTF-32; save it as UTF-8'],
  ])('%s is %s', async (hex, message) => {
    await expect(readText('a.dat', Buffer.from(hex.padEnd(40, '0'), 'hex'))).rejects.toThrow(`a.dat: ${message}`)
  })

  it('a header may begin with the letters of a signature', async () => {
    const read = await readText('a.csv', 'ORCID,item\n0000-1,5\n0000-2,6\n', { user: 'ORCID' })
    expect(read.pairs[0]).toEqual(['0000-1', 5])
  })
})
