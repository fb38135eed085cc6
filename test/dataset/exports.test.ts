/** What comes out of other tools: lists of ids that are texts, tables of a terminal, sparse matrices, and what is no data at all. */
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { parseTime } from '../../src/dataset/columns/parse-time.ts'
import { foreignText } from '../../src/dataset/formats/foreign.ts'
import type { Sniff } from '../../src/dataset/formats/format.ts'
import { loadDataset, loadSplit } from '../../src/dataset/load.ts'
import { temporaryDirectory } from '../support/directory.ts'

/** 12 users, who have 5 of 11 items each. */
const itemsOf = (user: number) => Array.from({ length: 5 }, (_, place) => `i${1 + ((3 * user + 4 * place) % 11)}`)
const users = Array.from({ length: 12 }, (_, user) => ({ user: `u${user + 1}`, items: itemsOf(user) }))
const lines = (write: (user: string, items: string[]) => string) =>
  users.map(({ user, items }) => `${write(user, items)}\n`).join('')
const rows = (write: (user: string, item: string, row: number) => string) =>
  users.flatMap(({ user, items }, u) => items.map((item, place) => `${write(user, item, 5 * u + place)}\n`)).join('')

async function read(content: string | Buffer, name = 'data.txt', options: object = {}) {
  const { dataset, report } = await loadDataset(join(await temporaryDirectory({ [name]: content }), name), options)
  return { dataset, words: report.decisions.join('\n') }
}

describe('lists of ids that are texts', () => {
  it.each([
    ['blanks', lines((user, items) => `${user} ${items.join(' ')}`)],
    ['a colon after the user', lines((user, items) => `${user}: ${items.join(' ')}`)],
    ['a tab and commas', lines((user, items) => `${user}\t${items.join(',')}`)],
    [
      'commas alone, of different lengths',
      lines((user, items) => [user, ...items.slice(+user.slice(1) % 3)].join(',')),
    ],
    ['brackets', lines((user, items) => `${user} [${items.join(', ')}]`)],
    ['ids with colons', lines((user, items) => `shop:${user} ${items.map(item => `shop:${item}`).join(' ')}`)],
  ])('%s', async (what, content) => {
    const { dataset, words } = await read(content)
    expect(words).toContain('its lines are lists of ids and the items of a line do not ascend')
    expect(dataset).toMatchObject({ users: 12, items: 11 })
    const shop = what === 'ids with colons' ? 'shop:' : ''
    expect(dataset.userIds.ids).toEqual(users.map(({ user }) => shop + user).sort())
    expect(dataset.itemIds.ids).toContain(`${shop}i11`)
  })

  it('a table whose columns have their own values stays a table', async () => {
    const { words } = await read(
      lines((user, items) => `${user},${items[0]},c${1 + (+user.slice(1) % 3)},p9${user.slice(1)}`),
    )
    expect(words).toContain('format csv, because its rows have 4 fields')
  })

  it('in a column of a table, the error says how a row is made of each', async () => {
    const content = `user,items\n${lines((user, items) => `${user},${items.join(' ')}`)}`
    await expect(read(content)).rejects.toThrow(
      'column "items" holds lists such as "i1 i5 i9 i2 i6"; a row for each entry is made by --item "items[]"',
    )
    expect((await read(content, 'data.txt', { item: 'items[]' })).dataset.items).toBe(11)
    const titles = `user,title\n${lines((user, items) => `${user},Part ${items[0].slice(1)} of ${user.slice(1)}`)}`
    await expect(read(titles, 'data.txt', { item: 'title' })).resolves.toBeDefined()
  })

  it('in a JSON object of users with as many items each', async () => {
    const content = JSON.stringify(Object.fromEntries(users.map(({ user, items }) => [user, items])))
    expect((await read(content, 'data.json')).dataset).toMatchObject({ users: 12, items: 11, interactions: 60 })
  })
})

describe('tables of other tools', () => {
  it('pandas with orient="index": rows under their numbers', async () => {
    const rows = users.flatMap(({ user, items }) => items.map(item => ({ user, item })))
    const { dataset } = await read(JSON.stringify(Object.fromEntries(rows.entries())), 'data.json')
    expect(dataset).toMatchObject({ users: 12, items: 11, interactions: 60 })
  })

  it('Markdown and the terminal of a database: rulers are no rows', async () => {
    const markdown = await read(`| user | item |\n|:---|---:|\n${rows((user, item) => `| ${user} | ${item} |`)}`)
    expect(markdown.dataset).toMatchObject({ users: 12, items: 11, interactions: 60 })
    expect(markdown.words).toContain('60 rows, all read; beside them 1 × ruler (line 2: "|:---|---:|")')
    const ruler = '+------+------+\n'
    const mysql = await read(
      `${ruler}| user | item |\n${ruler}${rows((user, item) => `| ${user} | ${item} |`)}${ruler}`,
    )
    expect(mysql.words).toContain('60 rows, all read; beside them')
    expect(mysql.words).toContain('2 × ruler (first in line 3')
  })

  it('MatrixMarket: the line with the size is no interaction', async () => {
    const entries = rows((user, item) => `${user.slice(1)} ${item.slice(1)} 1`)
    const { dataset, words } = await read(`%%MatrixMarket matrix coordinate real general\n% made\n12 11 60\n${entries}`)
    expect(dataset).toMatchObject({ users: 12, items: 11, interactions: 60 })
    expect(words).toContain('1 × line with the size of the matrix (line 3: "12 11 60")')
  })
})

describe('what is no data', () => {
  it.each([
    [
      'version https://git-lfs.github.com/spec/v1\noid sha256:ab\nsize 12\n',
      'a pointer of Git LFS, not the data; fetch',
    ],
    ['<!DOCTYPE html>\n<p>Sign in\n', 'a page of HTML or XML, perhaps in place of a download'],
    ['-- dump\n\nINSERT INTO t (user, item) VALUES (1, 2);\n', 'SQL statements; load them into the database'],
    ['% made\n@RELATION clicks\n', 'an ARFF file; export'],
    [
      '%%MatrixMarket matrix array real general\n2 2\n1\n',
      'a dense matrix (MatrixMarket array); write it as coordinates',
    ],
  ])('%j', async (content, message) => {
    await expect(read(content)).rejects.toThrow(message)
  })

  it('thousands of blank lines before the data take no time', () => {
    const start = performance.now()
    for (const line of ['user,item\n', '1 2:x\n', '-- a\nselect 1;\n'])
      expect(foreignText({ text: Buffer.from('\n'.repeat(3000) + line) } as Sniff)).toBeUndefined()
    expect(performance.now() - start).toBeLessThan(5000)
  })

  it('lines of svmlight, unless a format of one’s own takes them', () => {
    const text = Buffer.from('1 3:1 7:2\n2 4:1 9:1\n')
    expect(foreignText({ text } as Sniff)).toEqual({
      what: 'lines of index:value pairs (svmlight)',
      remedy: 'write a row of user, item, value for each pair',
    })
  })

  it('lines of Vowpal Wabbit, and none of a table between bars', () => {
    for (const text of ['1 |u u7 |i i3\n0 |u u8 |i i3\n', '1 0.5 tag|user a:1\n-1 |user b\n'])
      expect(foreignText({ text: Buffer.from(text) } as Sniff)?.what).toBe('lines of Vowpal Wabbit')
    for (const text of ['user|item\n7|3\n', '1|x 2|3\n2|y z|4\n', '| a | b |\n| 1 | 2 |\n'])
      expect(foreignText({ text: Buffer.from(text) } as Sniff)).toBeUndefined()
  })

  it('a header in another encoding is named as such before its columns are looked for', async () => {
    const content = Buffer.from(`usuário;artículo\n${rows((user, item) => `${user};${item}`)}`, 'latin1')
    await expect(read(content)).rejects.toThrow('line 1: byte 0xe1 is not UTF-8 text; save the file as UTF-8, or name its encoding') // biome-ignore format: one line
  })
})

describe('columns that are not used', () => {
  it('a time by its name whose values are none that is read, and a column that says no', async () => {
    const { words } = await read(
      `user,item,event_date,thumb\n${rows((user, item, row) => `${user},${item},2020-${100 + (row % 40)},${row % 2 ? 'up' : 'down'}`)}`,
    )
    expect(words).toContain('"event_date" (a time by its name, but values such as "2020-100" are not surely times')
    expect(words).toContain('"thumb" (down is among its values; every row counts as a positive without --where')
  })

  it('months, and the times of web servers, are times', () => {
    expect(parseTime('2020-09')).toMatchObject({ value: Date.UTC(2020, 8), dated: 1 })
    expect(parseTime('13/Sep/2020:12:26:40 +0200')).toMatchObject({
      value: Date.UTC(2020, 8, 13, 10, 26, 40),
      dated: 1,
    })
    expect(parseTime('2020-13').value).toBe(Number.POSITIVE_INFINITY)
  })
})

describe('what could be read in two ways is said', () => {
  it.each<[string, string, (user: string, item: string, row: number) => string, string]>([
    [
      'impressions',
      'user,item,clicked',
      (u, i, r) => `${u},${i},${r % 2}`,
      `"clicked" (0 or 1: every row counts as a positive; --where "clicked = '1'" takes those with 1)`,
    ],
    [
      'returns',
      'user,item,is return',
      (u, i, r) => `${u},${i},${r % 2 ? 'Y' : 'N'}`,
      `"is return" (N or Y: every row counts as a positive; --where "\\"is return\\" = 'N'" takes those with N)`,
    ],
    [
      'ratings in words',
      'user,item,rating',
      (u, i) => `${u},${i},4/5`,
      '"rating" (a rating by its name, but values such as "4/5" are no numbers',
    ],
    [
      'ids that differ by case',
      'user,item',
      (u, i, r) => `${r % 2 ? u : u.toUpperCase()},${i}`,
      'User ids "U1" and "u1" differ by case, blanks or the encoding of a letter alone (12 such ids)',
    ],
    [
      'one time for all',
      'user,item,time',
      (u, i) => `${u},${i},0`,
      'are seconds, all 1970-01-01, which gives no order',
    ],
    [
      'the title of a sheet',
      'Report,,\nuser,item,price',
      (u, i) => `${u},${i},9.5`,
      '60 rows, all read; beside them 1 × line before the table (line 1: "Report,,")',
    ],
    [
      'columns of a fixed width',
      'user      item      time',
      (u, i, r) => `${u.padEnd(10)}${i.padEnd(10)}${1_600_000_000 + r}`,
      'columns "user" (user), "item" (item), "time" (time)',
    ],
    ['carets', 'user^item', (u, i) => `${u}^${i}`, 'separator "^", a header'],
    ['what Hive writes', '', (u, i) => `${u}\u0001${i}`, 'separator control-A, no header'],
  ])('%s', async (_what, header, line, sentence) => {
    // biome-ignore format: a table
    const { dataset, words } = await read(`${header}\n${rows(line)}`)
    expect(words).toContain(sentence)
    expect(dataset.interactions).toBe(60)
  })

  it('the conditions that are offered keep what they say', async () => {
    const content = `user,item,is return\n${rows((u, i, r) => `${u},${i},${r % 4 ? 'N' : 'Y'}`)}`
    expect((await read(content, 'data.csv', { where: `"is return" = 'N'` })).dataset.interactions).toBe(45)
  })

  it('held-out rows that train does not know come with an example', async () => {
    const directory = await temporaryDirectory({
      'train.csv': `user,item\n${rows((u, i) => `${u.slice(1)},${i}`)}`,
      'test.csv': 'user,item\n0001,i1\n0002,i3\n',
    })
    await expect(loadSplit(directory)).rejects.toThrow('or pairs that it has already; the first is of user "0001" (not in train) and item "i1" (in train)') // biome-ignore format: one line
  })
})

describe('parts of which some have an order', () => {
  const train = lines((user, items) => [user, ...items.slice(0, 3)].join(' ').replaceAll(/[ui]/g, ''))
  const pairs = (from: number) =>
    users.map(({ user, items }) => `${user} ${items[from]}\n`.replaceAll(/[ui]/g, '')).join('')

  it('sequences beside pairs: the parts are read, and what has no order is said', async () => {
    const directory = await temporaryDirectory({ 'train.txt': train, 'valid.txt': pairs(3), 'test.txt': pairs(4) })
    const { report, split } = await loadSplit(directory)
    expect(report.counts).toMatchObject({ train: 36, valid: 12, test: 12 })
    expect(split.train.timeKind).toBe('position')
    expect(report.decisions.join('\n')).toContain('The valid file has no order of interactions, so what is made from train + valid has none either.') // biome-ignore format: one line
  })
})
