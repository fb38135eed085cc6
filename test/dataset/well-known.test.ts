/** Layouts of well-known data sets, made small, and what is found in them without a flag. */
import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { loadDataset, loadSplit } from '../../src/dataset/load.ts'
import { temporaryDirectory } from '../support/directory.ts'
import { copyByDuckDB, readText } from '../support/interactions.ts'

/** 60 rows of 6 users and 10 items, each pair once; `line` writes one. */
function rows(line: (user: number, item: number, row: number) => string): string {
  return Array.from({ length: 60 }, (_, row) => line(1 + (row % 6), 1 + ((3 * row + Math.floor(row / 6)) % 10), row)).join('') // biome-ignore format: one line
}
const asin = (item: number) => `B${String(item).padStart(9, '0')}`

interface Found {
  readonly users: unknown
  readonly items: unknown
  readonly times?: boolean
  readonly says?: string
}

it.each<[string, string, string | Buffer, Found]>([
  [
    'Amazon ratings of 2018, items first',
    'a.csv',
    rows((u, i, r) => `${asin(i)},A${u}X,5.0,${1577836800 + r}\n`),
    { users: 'A1X', items: asin(1), times: true },
  ],
  [
    'Gowalla: time, latitude and longitude before the item',
    'g.txt',
    rows((u, i, r) => `${u}\t2010-10-19T23:55:${10 + (r % 50)}Z\t30.2359${r}\t-97.7951${r}\t${22847 + i}\n`),
    { users: 1, items: 22848, times: true },
  ],
  [
    'Yoochoose clicks: a session for the user',
    'y.dat',
    rows((u, i, r) => `${u},2014-04-07T10:51:${10 + (r % 50)}.277Z,${214536500 + i},0\n`),
    { users: 1, items: 214536501, times: true },
  ],
  [
    'Netflix Prize: items above their users',
    'combined_data_1.txt',
    `1:\n7,3,2005-09-06\n8,5,2005-05-13\n2:\n7,4,2005-10-19\n9,1,2004-01-01\n`,
    { users: 7, items: 1, times: true, says: 'format blocks' },
  ],
  [
    'Online Retail: codes like 85123E4, ids as pandas writes them, returns',
    'r.csv',
    `InvoiceNo,StockCode,Quantity,InvoiceDate,CustomerID\n${rows((u, i, r) => `${r},85123${String.fromCharCode(64 + i)}${i},${r === 9 ? -1 : 6},12/1/2010 8:${10 + (r % 50)},1785${u}.0\n`)}`,
    {
      users: 17851,
      items: '85123A1',
      times: true,
      says: `also the 1 of the first 60 rows where it is below zero, as for returns: --where '"Quantity" > 0' leaves them out`,
    },
  ],
  [
    'KuaiRand: moments rather than days',
    'k.csv',
    `user_id,video_id,date,time_ms\n${rows((u, i, r) => `${u},${i},20220408,${1649400000000 + r}\n`)}`,
    { users: 1, items: 1, times: true, says: 'times in column "time_ms" are milliseconds' },
  ],
  [
    'a shop: mail addresses, line items, a status',
    's.csv',
    `order_id,customer_email,line_item_sku,financial_status\n${rows((u, i, r) => `${r},u${u}@x.org,S-${i},${r === 3 ? 'refunded' : 'paid'}\n`)}`,
    { users: 'u1@x.org', items: 'S-1', says: 'refunded among them' },
  ],
  [
    'XING: kinds of event as numbers',
    'x.tsv',
    `user_id\titem_id\tinteraction_type\n${rows((u, i, r) => `${u}\t${i}\t${1 + (r % 4)}\n`)}`,
    {
      users: 1,
      items: 1,
      says: 'Kinds of event in column "interaction_type" are not used: every row counts as a positive; there are 1 (15), 2 (15)',
    },
  ],
  [
    'reviews over several lines',
    'q.csv',
    `user_id,item_id,review\n${rows((u, i) => `${u},${i},"good\n${u},${i} ""very"" good\n"\n`)}`,
    { users: 1, items: 1 },
  ],
  [
    'a separator at the end of every row but the header',
    't.csv',
    `user_id,item_id,rating\n${rows((u, i) => `${u},${i},4,\n`)}`,
    { users: 1, items: 1 },
  ],
  ['GUIDs in braces', 'u.csv', `user,item\n${rows((u, i) => `${u},{0000-${i}}\n`)}`, { users: 1, items: '{0000-1}' }],
  [
    'a list in objects',
    'd.json',
    JSON.stringify({
      data: {
        events: rows((u, i) => `${u} ${i},`)
          .split(',')
          .filter(Boolean)
          .map(pair => ({ userId: Number(pair.split(' ')[0]), itemId: Number(pair.split(' ')[1]) })),
      },
    }),
    { users: 1, items: 1 },
  ],
  [
    'users with lists of objects',
    'm.json',
    JSON.stringify({ 1: [{ item: 4, rating: 2 }, { item: 5 }], 2: [{ item: 4, rating: 1 }] }),
    { users: 1, items: 4 },
  ],
])('%s', async (_name, name, content, found) => {
  const { pairs, times, decisions } = await readText(name, content)
  const ids = pairs.length === 60 ? [6, 10] : [new Set(pairs.map(([user]) => user)).size, new Set(pairs.map(([, item]) => item)).size] // biome-ignore format: one line
  expect([new Set(pairs.map(([user]) => user)).size, new Set(pairs.map(([, item]) => item)).size]).toEqual(ids)
  expect(pairs.map(([user]) => user)).toContain(found.users)
  expect(pairs.map(([, item]) => item)).toContain(found.items)
  expect(times !== undefined).toBe(found.times ?? false)
  if (found.says) expect(decisions.join('\n')).toContain(found.says)
})

it('Netflix Prize: every row under its item, with rating and date; a line that is none is refused', async () => {
  const text = `1:\n7,3,2005-09-06\n8,5,2005-05-13\n2:\n7,4,2005-10-19\n${'9,1,2004-01-01\n'.repeat(30)}broken\n`
  const { pairs, ratings, times, decisions } = await readText('mv_0000001.txt', text)
  expect(pairs.slice(0, 4)).toEqual([[7, 1], [8, 1], [7, 2], [9, 2]]) // biome-ignore format: one line
  expect(ratings!.slice(0, 3)).toEqual([3, 5, 4])
  expect(times![0]).toBe(Date.UTC(2005, 8, 6))
  expect(decisions.join('\n')).toContain(
    '34 rows, 33 read and 1 refused: 1 × 1 fields instead of 3 (line 36: "broken")',
  )
})

describe('ids that look like numbers', () => {
  it.each([
    ['hexadecimal digits', ['01e1', '10', '1e001'], 3],
    ['codes among others', ['1e5', '100000', 'ab'], 3],
    ['floats as they are printed', ['1e5', '100000', '1.5e+05', '150000.0'], 2],
    ['leading zeros', ['007', '7', '07'], 3],
  ])('%s', async (_name, items, count) => {
    const { pairs } = await readText(
      'i.csv',
      `user_id,item_id\n${items.map((item, at) => `${at + 1},${item}\n`).join('')}`,
    )
    expect(new Set(pairs.map(([, item]) => item)).size).toBe(count)
  })

  it('that a spreadsheet has rounded are said', async () => {
    const { decisions } = await readText('i.csv', 'user_id,item_id\n1,4.71E+12\n2,4.72E+12\n')
    expect(decisions.join('\n')).toContain('Item ids such as "4.71E+12" have lost digits')
    const floats =
      '{"user":7.656119800000001e16,"item":1}\n{"user":7.656119900000001e16,"item":2}\n{"user":1,"item":2}\n'
    const read = await readText('floats.jsonl', floats)
    expect(read.decisions.join('\n')).toContain('User ids such as "76561198000000020" have lost digits')
    const exact = await readText('i.csv', 'user_id,item_id\n1,1.5e+01\n2,2e5\n')
    expect(exact.decisions.join('\n')).not.toContain('have lost digits')
  })
})

describe('folders and archives of several files', () => {
  const csv = (header: string) => `${header}\n${rows((u, i) => `${u},${i},3\n`)}`

  it('the one that names users and items is read, which is said', async () => {
    const directory = await temporaryDirectory({
      'BX-Book-Ratings.csv': csv('User-ID,ISBN,Book-Rating'),
      'BX-Books.csv': 'ISBN,Book-Title,Year\n1,A,2000\n',
      'BX-Users.csv': 'User-ID,Location,Age\n1,x,3\n',
      'README.txt': 'Cite us.\n',
    })
    const { report } = await loadSplit(directory)
    expect(report.counts.rows).toBe(60)
    expect(report.decisions[0]).toBe(
      'BX-Book-Ratings.csv names users and items, and is read; not BX-Books.csv, BX-Users.csv (a guess: a path names another file).',
    )
  })

  it('of several such, the one with a name that interactions have; without a header, the name alone', async () => {
    const { report } = await loadSplit(
      await temporaryDirectory({
        'ratings.csv': csv('userId,movieId,rating'),
        'tags.csv': 'userId,movieId,tag\n1,1,x\n',
      }),
    )
    expect([report.counts.rows, report.rows.length]).toEqual([60, 1])
    const plain = await temporaryDirectory({
      'ratings.dat': rows((u, i) => `${u}::${i}::3::978300760\n`),
      'movies.dat': '1::A::B\n',
    })
    expect((await loadSplit(plain)).report.decisions[0]).toMatch(
      /^ratings\.dat is called so, and is read; not movies\.dat/,
    )
  })

  it('files with the same columns are one table, packed and empty ones too', async () => {
    const half = csv('user,item,rating').split('\n')
    const directory = await temporaryDirectory({
      'jan.csv.gz': gzipSync(half.slice(0, 31).join('\n')),
      'feb.csv.gz': gzipSync([half[0], ...half.slice(31)].join('\n')),
      'mar.csv': '',
    })
    const { report } = await loadSplit(directory)
    expect(report.counts.rows).toBe(60)
    expect(report.decisions[0]).toBe('feb.csv.gz, jan.csv.gz have the same columns: read as one table.')
  })

  it('where none will do, what could help is said', async () => {
    const shop = await temporaryDirectory({
      'orders.csv': 'order,user_id,x\n1,1,1\n',
      'lines.csv': 'order,product_id,x\n1,1,1\n',
    })
    await expect(loadSplit(shop)).rejects.toThrow(
      'orders.csv names users and lines.csv items: join them into one file; give one file',
    )
    const two = await temporaryDirectory({ 'a.csv': csv('user,item,x'), 'b.csv': csv('user,item,y') })
    await expect(loadSplit(two)).rejects.toThrow('users and items are named by a.csv, b.csv; give one file')
  })

  it('a file of an archive is named by its path there', async () => {
    const { execFileSync } = await import('node:child_process')
    const directory = await temporaryDirectory({})
    mkdirSync(join(directory, 'ml'))
    for (const name of ['ratings', 'tags']) writeFileSync(join(directory, 'ml', `${name}.csv`), csv('userId,movieId,x'))
    execFileSync('tar', ['-czf', 'ml.tar.gz', 'ml'], { cwd: directory })
    const { report } = await loadDataset(join(directory, 'ml.tar.gz', 'ml', 'tags.csv'))
    expect(report.decisions[0]).toContain('ml.tar.gz/ml/tags.csv: format csv')
    await expect(loadDataset(join(directory, 'ml.tar.gz', 'links.csv'))).rejects.toThrow(
      'there is no file "links.csv" in it; it holds ml/ratings.csv, ml/tags.csv',
    )
  })
})

describe('lists of objects', () => {
  const sessions = [1, 2].map(session => ({ session, events: [{ aid: 10 + session, ts: 1600000000000 + session, type: 'clicks' }, { aid: 20, ts: 1700000000000, type: 'orders' }] })) // biome-ignore format: one line
  const wishes = { item: 'events[].aid', time: 'events[].ts', event: 'events[].type' }

  it('OTTO: each entry with its own time', async () => {
    const { pairs, times } = await readText('o.jsonl', sessions.map(row => `${JSON.stringify(row)}\n`).join(''), wishes)
    expect(pairs).toEqual([[1, 11], [1, 20], [2, 12], [2, 20]]) // biome-ignore format: one line
    expect(times).toEqual([1600000000001, 1700000000000, 1600000000002, 1700000000000])
  })

  it('in Parquet too', async () => {
    const path = join(mkdtempSync(join(tmpdir(), 'dualtree-test-')), 'o.parquet')
    await copyByDuckDB(`SELECT 1 AS session, [{aid: 5, ts: 1600000000000}, {aid: 6, ts: 1700000000000}] AS events UNION ALL SELECT 2, [{aid: 5, ts: 1650000000000}]`, path) // biome-ignore format: one line
    const { dataset } = await loadDataset(path, { item: 'events[].aid', time: 'events[].ts' })
    expect([...dataset.timestamps!]).toEqual([1600000000000, 1700000000000, 1650000000000])
  })

  it('the fields inside are named where no column is found', async () => {
    const text = sessions.map(row => `${JSON.stringify(row)}\n`).join('')
    await expect(readText('o.jsonl', text)).rejects.toThrow(
      'inside of fields there are "events[].aid", "events[].ts", "events[].type"',
    )
    const path = join(mkdtempSync(join(tmpdir(), 'dualtree-test-')), 's.parquet')
    await copyByDuckDB(`SELECT 'C1' AS customer, {sku: 'S1', qty: 1} AS line UNION ALL SELECT 'C2', NULL`, path)
    await expect(loadDataset(path)).rejects.toThrow('inside of fields there are "line.sku", "line.qty"')
  })
})

it('a test file whose columns stand the other way round is read by what its ids say, or stops the run', async () => {
  const train = rows((u, i) => `u${u} i${i}\n`)
  const { report } = await loadSplit(
    await temporaryDirectory({
      'train.txt': train.slice(0, 280),
      'test.txt': 'i10 u1\ni9 u2\ni8 u6\ni9 u3\ni7 u5\ni10 u4\n',
    }),
  )
  expect(report.decisions.join('\n')).toContain('test.txt: columns "1" (user), "0" (item)')
  const numbers = await temporaryDirectory({
    'train.txt': rows((u, i) => `${u} ${100 + i}\n`),
    'test.txt': '101 1\n103 4\n105 6\n',
  })
  await expect(loadSplit(numbers)).rejects.toThrow(
    'the users of the test part are items of train, and its items users: its columns stand the other way round; write them as in train',
  )
})
