/** Guesses that would read a file wrongly: columns without values, names that stand elsewhere, texts that are no tables. */
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { loadDataset, loadSplit } from '../../src/dataset/load.ts'
import { temporaryDirectory } from '../support/directory.ts'

/** 12 users with 5 of 11 items each. */
const PAIRS = Array.from({ length: 60 }, (_, row) => [1 + (row % 12), (5 * row) % 11] as const)
const rows = (write: (user: number, item: number, row: number) => string) =>
  PAIRS.map(([user, item], row) => `${write(user, item, row)}\n`).join('')

async function read(content: string | Buffer, name = 'a.csv', options: object = {}) {
  const { dataset, report } = await loadDataset(join(await temporaryDirectory({ [name]: content }), name), options)
  return { dataset, words: report.decisions.join('\n') }
}

describe('columns', () => {
  it('without a value in the first rows are not chosen, which is said', async () => {
    const event = (user: number, item: number) => ({ user_id: null, user_pseudo_id: `v${user}`, item_id: item })
    const { words } = await read(
      rows((u, i) => JSON.stringify(event(u, i))),
      'a.jsonl',
    )
    expect(words).toContain('"user_pseudo_id" (user), "item_id" (item); not used: "user_id" (empty in the first rows)')
    await expect(read(`username,episode_name,uri\n${rows((u, i) => `${u},,t:${i}`)}`)).rejects.toThrow(
      'a.csv line 1: no column looks like an item id but "episode_name", which is empty in the first rows; the columns are "username", "episode_name", "uri"; name it with --item',
    )
  })

  it.each([
    ['Kundennummer;Artikelnummer;Bestelldatum', 'Bestelldatum'],
    ['kundnr;artikelnr;köpdatum', 'köpdatum'],
    ['id_klienta;id_produktu;date', 'date'],
    ['Müşteri No;Ürün Kodu;time', 'time'],
    ['N° client;Référence produit;date', 'date'],
    ['会員ID;商品コード;購入日時', '購入日時'],
    ['用户ID;商品ID;点击时间', '点击时间'],
    ['distinct_id;page_uri;time', 'time'],
  ])('by names such as %s', async (header, time) => {
    const { words } = await read(`${header}\n${rows((u, i, r) => `${u};${i};2024-01-${10 + (r % 9)}`)}`)
    const [user, item] = header.split(';')
    expect(words).toContain(`columns "${user}" (user), "${item}" (item), "${time}" (time).`)
  })

  it.each([
    ['Customer User ID,Product ID', '"Customer User ID" (user), "Product ID" (item)'],
    ['buyer-email,sku', '"buyer-email" (user), "sku" (item)'],
    ['userToken,objectID', '"userToken" (user), "objectID" (item)'],
    ['anonymousId,page_url', '"anonymousId" (user), "page_url" (item)'],
    ['Kunde,Artikel\nuser,item', 'beside them 1 × second header (line 2: "user,item")'],
  ])('by names of two words, and below a second header: %s', async (header, columns) => {
    const { words, dataset } = await read(`${header}\n${rows((u, i) => `u${u},i${i}`)}`)
    expect(words).toContain(columns)
    expect(dataset).toMatchObject({ users: 12, items: 11 })
  })

  it('of one value in all rows are no items where another one can be', async () => {
    const { words } = await read(`app_id,user_id,page_url\n${rows((u, i) => `shop,${u},/p/${i}`)}`)
    expect(words).toContain('"user_id" (user), "page_url" (item)')
  })

  it('in the names of folders are in none', async () => {
    const directory = await temporaryDirectory({})
    await mkdir(join(directory, 'user_id=7'))
    await writeFile(join(directory, 'user_id=7', 'part-0.csv'), 'item_id,n\n1,2\n')
    await expect(loadSplit(directory)).rejects.toThrow('the names of folders are not read as columns: write user_id into the files') // biome-ignore format: one line
  })

  it('reviewers of Amazon stand behind books whose ids are digits', async () => {
    const { words } = await read(rows((u, i) => `000${1_000_000 + i},A2SUAM1J3GN${u + 10},5.0,1600000000`))
    expect(words).toContain('columns "1" (user), "0" (item), "2" (rating), "3" (time)')
  })

  it.each([
    ['pandas with orient="split"', { columns: ['ts', 'item_id', 'user_id'] }],
    ['an SQL API', { meta: [{ name: 'ts' }, { name: 'item_id' }, { name: 'user_id' }] }],
  ])('of arrays by names beside them: %s', async (_, names) => {
    const data = PAIRS.map(([user, item], row) => [1_600_000_000 + row, item, user])
    const { words, dataset } = await read(JSON.stringify({ ...names, data }), 'a.json')
    expect(words).toContain('fields "user_id" (user), "item_id" (item), "ts" (time)')
    expect(dataset).toMatchObject({ users: 12, items: 11 })
    const unnamed = await read(JSON.stringify(data.map(([ts, item, user]) => [user, item, ts])), 'a.json')
    expect(unnamed.words).toContain('(known by their places and values; --user, --item, --rating and --time name others)') // biome-ignore format: one line
  })

  it('a column per item is no table of interactions', async () => {
    const items = Array.from({ length: 25 }, (_, item) => `film ${item}`)
    const matrix = rows((u, _, row) => [u, ...items.map((_, item) => (item % 7 === row % 7 ? 1 : ''))].join(','))
    const remedy = 'a table with a column per item needs a row per user and item instead (melt in pandas)'
    await expect(read(`user,${items.join(',')}\n${matrix}`)).rejects.toThrow(remedy)
    await expect(read(matrix)).rejects.toThrow(remedy)
  })
})

describe('ids', () => {
  it('of users that are items too, and an id that has a fifth of all rows, are pointed out', async () => {
    const baskets = await read(rows((u, i) => `tea ${u % 9},tea ${(u + i + 1) % 9},tea ${i}`))
    expect(baskets.words).toContain('9 of 9 user ids are item ids too, such as "tea 0": right for users of users, wrong for a row that lists items') // biome-ignore format: one line
    const guests = await read(`user,item\n${rows((u, i, r) => `${r % 4 ? u : 0},${i}`)}`)
    expect(guests.words).toContain('User "0" has 15 of 60 rows: if guests share this id, --where leaves them out.')
  })

  it('a row without a kind of event is no kind to choose', async () => {
    const { words } = await read(`email,sku,financial_status\n${rows((u, i, r) => `${u}@x,s${i},${r % 3 ? '' : 'paid'}`)}`) // biome-ignore format: one line
    expect(words).toContain('there are nothing (40), paid (20); choose with --event paid.')
  })
})

describe('times', () => {
  it.each([
    ['dotnet-ticks', 637_355_896_000_000_000n, 36_000_000_000n],
    ['filetime', 132_444_736_000_000_000n, 36_000_000_000n],
  ])('%s are known by their size', async (unit, first, step) => {
    const { words } = await read(`user,item,ts\n${rows((u, i, r) => `${u},${i},${first + BigInt(r) * step}`)}`)
    expect(words).toContain(`times in column "ts" are ${unit}, 2020-09-13 to 2020-09-15`)
  })

  it.each(['0000-00-00 00:00:00', '0001-01-01T00:00:00Z'])('%s is none', async zero => {
    const day = (row: number) => (row === 7 ? zero : `2020-09-${10 + (row % 20)}`)
    const { words } = await read(`user,item,created\n${rows((u, i, r) => `${u},${i},${day(r)}`)}`)
    expect(words).toContain('60 rows, 59 read and 1 refused: 1 × no time in column "created"')
  })

  it('stand alone in the rows that the Netflix Prize asks for', async () => {
    const { words } = await read(`1:\n7,2005-09-06\n8,2005-09-07\n2:\n7,2005-09-08\n`, 'q.txt')
    expect(words).toContain('columns "user" (user), "item" (item), "time" (time)')
  })
})

describe('what is no table', () => {
  const time = '20/Dec/2023:23:36:16 +0000'
  it.each([
    [
      'an access log of a web server; write user, page and time of each line as CSV',
      rows((u, i) => `10.0.0.${u} - - [${time}] "GET /p/${i} HTTP/1.1" 200 5 "-" "Mozilla/5.0 (X11; Linux)"`),
    ],
    ['a log in the format of the W3C', `#Version: 1.0\n#Fields: date c-ip cs-uri-stem\n${rows((u, i) => `2024-01-01\t10.0.0.${u}\t/p/${i}`)}`], // biome-ignore format: one line
    ['lines of name=value', rows((u, i) => `ts=17000 user=${u} item=${i} action=view`)],
    ['lines of name=value', rows((u, i) => `view,user=u${u},item=i${i} value=1 16000000000`)],
    ['lines of name=value', rows((u, i) => `2020-09-13T12:26:40Z INFO user=u${u} item=i${i}`)],
    ['a log with JSON behind other text', rows((u, i) => `2020-09-13 12:26:40,123 INFO {"user": ${u}, "item": ${i}}`)],
    ['objects as Scala prints them; write their fields as CSV', rows((u, i) => `Rating(${u},${i},3.0)`)],
    [
      'a table drawn with lines; write it as CSV',
      `┌────┬────┐\n│user│item│\n├────┼────┤\n${rows((u, i) => `│${u}│${i}│`)}`,
    ],
    ['users above their items ("0|144")', rows((u, i) => `${u}|2\n${i}\t90\t1\t12:30:00\n${i + 1}\t90\t1\t12:31:00`)],
    [
      'as the shell of MongoDB prints it; write it by mongoexport',
      rows((u, i) => `{ "_id" : ObjectId("5f"), "user" : ${u}, "item" : ${i} }`),
    ],
    [
      'no interaction in this file, but 60 × line with a user and no item (first in line 1',
      rows((u, i) => `${1000 + u}${1000 + i}`),
    ],
    ['tuples of Python', rows((u, i) => `(${u}, ${i}, 17000)`)],
    ['tuples of Python', `[${PAIRS.map(([u, i]) => `(${u}, ${i})`).join(', ')}]\n`],
  ])('%s', async (what, text) => {
    await expect(read(text, 'a.log')).rejects.toThrow(what)
  })

  it('but names of values within fields are those of a table', async () => {
    const { dataset } = await read(rows((u, i) => `${u},${i},http://x/?a=1&b=2,c=3`))
    expect(dataset).toMatchObject({ users: 12, items: 11 })
  })

  it('what is packed twice', async () => {
    const packed = gzipSync(gzipSync(`user,item\n${rows((u, i) => `${u},${i}`)}`))
    await expect(read(packed, 'a.csv.gz')).rejects.toThrow('a.csv.gz: packed twice (gzip, gzip); unpack it once first')
  })

  it('bytes of letters that take several suggest encodings that have them', async () => {
    const text = Buffer.concat([Buffer.from([0x89, 0xef, 0x88, 0xf5, 0x2c]), Buffer.from('item\n1,2\n')])
    await expect(read(text)).rejects.toThrow('such as --encoding windows-1252, shift_jis, gbk or euc-kr')
    await expect(read(Buffer.from('us\xe9r,item\n1,2\n', 'latin1'))).rejects.toThrow(/such as --encoding windows-1252$/)
  })
})

describe('folders', () => {
  it('MovieLens 1M: the titles in another encoding are not asked', async () => {
    const directory = await temporaryDirectory({
      'ratings.dat': rows((u, i, r) => `${u}::${i}::4::${1_600_000_000 + r}`),
      'movies.dat': Buffer.from('73::Mis\xe9rables, Les (1995)::Drama\n', 'latin1'),
      'users.dat': '1::M::25::15::55117\n',
    })
    expect((await loadSplit(directory)).report.decisions[0]).toContain('ratings.dat is called so, and is read')
  })

  it('what the names of folders say is told of where files are chosen too', async () => {
    const directory = await temporaryDirectory({})
    for (const [folder, part] of [
      ['event=view', 0],
      ['event=buy', 1],
    ] as const) {
      // biome-ignore format: one line
      await mkdir(join(directory, folder))
      await writeFile(join(directory, folder, `p${part}.csv`), `user,item\n${rows((u, i) => `${u},${i + part}`)}`)
    }
    expect((await loadSplit(directory)).report.decisions[0]).toMatch(
      /^The names of folders, such as event=\w+, are not read as a column\. .* have the same columns/,
    )
  })

  it('of Hive have files without an ending', async () => {
    const directory = await temporaryDirectory({ '000000_0': rows((u, i) => `${u}\t${i}`), '000001_0': '1\t3\n' })
    expect((await loadDataset(directory)).dataset).toMatchObject({ users: 12, items: 11 })
  })

  it('one item in all is said as such', async () => {
    const directory = await temporaryDirectory({ 'a.csv': `user,app\n${rows(u => `${u},1`)}` })
    await expect(loadSplit(join(directory, 'a.csv'))).rejects.toThrow(
      'a.csv: the only item is "1", so that nothing is left to recommend; check which column holds the items, and the filters',
    )
  })
})
