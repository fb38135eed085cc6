/** How people and programs spell dates, numbers, ids and the names of columns. */
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { parseNumber } from '../../src/dataset/columns/parse-number.ts'
import { parseTime } from '../../src/dataset/columns/parse-time.ts'
import { loadSplit } from '../../src/dataset/load.ts'
import { temporaryDirectory } from '../support/directory.ts'
import { readBack, readText } from '../support/interactions.ts'

const utc = (...parts: [number, number, number, number?, number?, number?]) => Date.UTC(...parts)
const noon = utc(2020, 8, 15, 13, 20, 48)
const HOUR = 3_600_000

/** 8 users with 6 of 11 items each, and a further field. */
const table = (header: string, field: (row: number) => string | number) =>
  `user,item,${header}\n${Array.from({ length: 48 }, (_, row) => `${row % 8},${(row * 5) % 11},${field(row)}\n`).join('')}`

describe('dates', () => {
  const written: [text: string, ms: number][] = [
    ['15 Sep 2020, 01:20 p.m.', utc(2020, 8, 15, 13, 20)],
    ['2020/09/15 下午01:20:48', noon],
    ['2020-09-15 01:20:48 오후', noon],
    ['2020. 9. 15. 오전 1:20:48', noon - 12 * HOUR],
    ['9/15/2020, 1:20:48\u202fPM', noon],
    ['2020年9月15日 13:20:48', noon],
    ['2020年09月15日13时20分48秒', noon],
    ['2020.09.15 13.20', utc(2020, 8, 15, 13, 20)],
    ['2020-09-15-13.20.48.000000', noon],
    ['2020-09-15_13:20:48', noon],
    ['2020-09-15 13', utc(2020, 8, 15, 13)],
    ['20200915 132048', noon],
    ['15-SEP-20', utc(2020, 8, 15)],
    ['15-SEP-20 01.20.48.000000 PM', noon],
    ['15SEP2020:13:20:48', noon],
    ['Tue Sep 15 2020 13:20:48 GMT+0200 (Central European Summer Time)', noon - 2 * HOUR],
    ['2020-09-15T15:20:48+02:00[Europe/Berlin]', noon],
    ['2020-09-15 13:20:48 PST', noon + 8 * HOUR],
    ['Tue Sep 15 13:20:48 CEST 2020', noon - 2 * HOUR],
    ['15. Dezember 2020', utc(2020, 11, 15)],
    ['3 März 2020', utc(2020, 2, 3)],
    ['mar. 15 sept. 2020', utc(2020, 8, 15)],
    ['15 de enero de 2020 09:05', utc(2020, 0, 15, 9, 5)],
    ['31/12/2019 à 09h05', utc(2019, 11, 31, 9, 5)],
    ['2020-W38', utc(2020, 8, 14)],
    ['2021-W01-7', utc(2021, 0, 10)],
    ['/Date(1600176048000+0200)/', noon],
  ]
  it.each(written)('%s', (text, ms) => expect(parseTime(text).value).toBe(ms))

  it.each([
    ['2020-09-15 foo bar'],
    ['2020-09-15 13:20:48 x1'],
    ['2020-W54'],
    ['Marathon 5 2020'],
    ['Sep 15'],
    ['May 3 4 2020'],
  ])('%s is no time: what stands behind the day has to be understood', text =>
    expect(parseTime(text).value).toBe(Number.POSITIVE_INFINITY),
  )

  it('day or month first is told by the files that belong together', async () => {
    const directory = await temporaryDirectory({
      'train.csv': table('date', row => `${13 + (row % 9)}/08/2020`),
      'test.csv': table('date', row => `0${1 + (row % 9)}/09/2020`),
    })
    const { decisions } = await readBack(join(directory, '*.csv'))
    expect(decisions).toContain(`${join(directory, 'test.csv')}: times in column "date" are dates (day first), 2020-09-01 to 2020-09-09.`) // biome-ignore format: one line
  })

  it('dates of which some have the day first and some the month', async () => {
    const { decisions } = await readText(
      'a.csv',
      table('date', row => (row % 2 ? '25/04/2020' : '04/26/2020')),
    )
    expect(decisions.join()).toContain('dates (of some the day is first, of some the month), 2020-04-25 to 2020-04-26')
  })

  it('digits with the day first, and a size that is no time', async () => {
    const read = await readText(
      'a.csv',
      table('date', row => `${1 + (row % 28)}092018`),
    )
    expect(read.times?.slice(0, 2)).toEqual([utc(2018, 8, 1), utc(2018, 8, 2)])
    expect(read.decisions.join()).toContain('dates of digits (ddmmyyyy), 2018-09-01 to 2018-09-28 (a guess')
    const { decisions } = await readText(
      'a.csv',
      table('ts', row => `13244${row + 10}0000000000`),
    )
    expect(decisions.join()).toContain('(a guess: by their size, though no date between 1974 and 2103 comes of it)')
  })

  it.each([
    ['9999-12-31', '2020-05-01', '9999-12-31'],
    ['-1', '1600000000', '1969-12-31'],
  ])('%s far from all others is told of', async (missing, usual, day) => {
    const text = table('ts', row => (row % 16 ? usual.replace(/.$/, String(1 + (row % 9))) : missing))
    expect((await readText('a.csv', text)).decisions.join()).toContain(
      `; 3 rows of ${day}, far from all others: a missing time?`,
    )
  })
})

describe('numbers', () => {
  it.each([
    ['$2.50', 2.5],
    ['-€3', -3],
    ['2,50 €', 2.5],
    ['EUR 2,50', 2.5],
    ['R$ 3,50', 3.5],
    ['12,5 %', 12.5],
    ['1,200.5', 1200.5],
    ['1.200,50', 1200.5],
    ['1,234,567', 1_234_567],
    ['1.234.567', 1_234_567],
    ["1'234.50", 1234.5],
    ['1\u202f234,5', 1234.5],
    ['(2.50)', -2.5],
    ['2.50-', -2.5],
    ['−1', -1],
    ['(null)', Number.NaN],
    ['SKU12', Number.POSITIVE_INFINITY],
    ['4/5', Number.POSITIVE_INFINITY],
    ['1.2.3.4', Number.POSITIVE_INFINITY],
    ['12,345,67', Number.POSITIVE_INFINITY],
  ])('%s', (text, value) => expect(parseNumber(text)).toBe(value))

  it('a comma before three digits is what the column says', async () => {
    const ratings = async (...texts: string[]) =>
      readText('a.csv', `user,item,rating\n${texts.map((text, row) => `${row},${row + 1},"${text}"\n`).join('')}`)
    const thousands = await ratings('1,200', '999', '2.5')
    expect(thousands.ratings).toEqual([1200, 999, 2.5])
    expect(thousands.decisions.join()).toContain('1 × number with a comma between thousands (line 2: "1,200")')
    expect((await ratings('1,250', '0,125', '3')).ratings).toEqual([1.25, 0.125, 3])
    expect((await ratings('1,250', '2,5')).ratings).toEqual([1.25, 2.5])
    const json = await readText('a.jsonl', '{"user":1,"item":2,"rating":"1,200"}\n{"user":2,"item":2,"rating":7}\n')
    expect(json.ratings).toEqual([1200, 7])
  })

  it('percentages filter', async () => {
    const { split } = await loadSplit(
      join(await temporaryDirectory({ 'a.csv': table('rating', row => `${20 + 20 * (row % 5)}%`) }), 'a.csv'),
      { minRating: 40 },
    )
    expect(split.train.users).toBe(8)
  })
})

describe('ids', () => {
  it('blanks of Unicode and marks without width around an id are none of it', async () => {
    const text = 'user,item\nu1,i1\nu1\u00a0,i2\n\u200bu1,i1\u3000\nu2\u200b,\ufeffi2\nu 2,i\u00a03\n\u00a0,i1\n'
    expect((await readText('a.csv', text)).pairs).toEqual([
      ['u1', 'i1'],
      ['u1', 'i2'],
      ['u1', 'i1'],
      ['u2', 'i2'],
      ['u 2', 'i\u00a03'],
    ])
    const within = await readText('a.csv', 'user,item\nu12,i1\nu\u200b12,i2\nu3,i2\n')
    expect(within.decisions.join()).toContain('differ by case, blanks or the encoding of a letter alone (1 such id)')
  })

  it('="00012" of a spreadsheet is 00012', async () => {
    const read = await readText('a.csv', 'customer;sku\n="00012";A1\n="00013";="0007"\n"=""00012""";A1\n')
    expect(read.pairs).toEqual([['00012', 'A1'], ['00013', '0007'], ['00012', 'A1']]) // biome-ignore format: pairs
    expect(read.decisions.join()).toContain('User ids such as "=\\"00012\\"" are read as 00012.')
  })
})

describe('ids that a program has changed', () => {
  it('GUIDs with and without braces are told of, and dates that a spreadsheet has made', async () => {
    const guid = '0f8fad5b-d9cb-469f-a165-70867728950e'
    const read = await readText('a.csv', `user,sku\n${guid},A-1\n{${guid}},1-Jan\nx,B-2\nx,Mar-04\nx,C-3\n`)
    expect(read.pairs.length).toBe(5)
    const words = read.decisions.join('\n')
    expect(words).toContain(`User ids "${guid}" and "{${guid}}" differ by case`)
    expect(words).toContain('Item ids such as "1-Jan" look like dates that a spreadsheet has made of ids (2 of 5): mark the column as text there.') // biome-ignore format: one line
  })

  it('with zeros ahead are texts, however long', async () => {
    const { decisions } = await readText('a.csv', 'user,item\n0000000000000000019,1\n2,2\n')
    expect(decisions.join()).not.toContain('2^53')
  })
})

describe('tables', () => {
  it('a header with a separator of its own, and a row of types below the names', async () => {
    const read = await readText('a.csv', 'x;item_id;user_id\n9,5,1\n8,6,2\n7,5,2\n')
    expect(read.pairs).toEqual([[1, 5], [2, 6], [2, 5]]) // biome-ignore format: pairs
    const typed = await readText('a.csv', 'user,item\nint,VARCHAR(20)\n1,5\n2,6\n')
    expect(typed.pairs).toEqual([[1, 5], [2, 6]]) // biome-ignore format: pairs
    expect(typed.decisions.join()).toContain('beside them 1 × ruler (line 2: "int,VARCHAR(20)")')
  })

  it('exports of shops', async () => {
    const shopify = 'Name,Email,Financial Status,Lineitem name,Lineitem sku\n#1,a@x.org,paid,Mug,M1\n#2,b@x.org,paid,Cup,C1\n'
    expect((await readText('a.csv', shopify)).pairs[0]).toEqual(['a@x.org', 'M1'])
    const woo = 'Order ID,Customer User,Product SKU\n7,1,M1\n8,2,C1\n'
    expect((await readText('a.csv', woo)).pairs[0]).toEqual([1, 'M1'])
  }) // biome-ignore format: one line

  it('a header with one name too few: row names of R never come twice', async () => {
    const body = '1,2,5,7\n1,3,4,8\n2,3,4,9\n'
    expect((await readText('a.csv', `user,item,rating\n${body}`)).pairs).toEqual([[1, 2], [1, 3], [2, 3]]) // biome-ignore format: pairs
    const r = 'user,item,rating\n1,2,5,4\n2,3,4,4\n3,3,4,4\n'
    const named = await readText('a.csv', r)
    expect(named.pairs).toEqual([[2, 5], [3, 4], [3, 4]]) // biome-ignore format: pairs
    expect(named.decisions.join()).toContain('a header with a name too few (none for the first column)')
  })

  it('rows without a value, footers and marks of byte order in the middle are no rows', async () => {
    const { decisions, pairs } = await readText(
      'a.csv',
      '\ufeffuser,item,x\n1,2,3\n,,\n"","",\n\ufeffuser,item,x\n\ufeff1,3,3\n(2 rows)\n',
    )
    expect(pairs).toEqual([[1, 2], [1, 3]]) // biome-ignore format: pairs
    expect(decisions.join('\n')).toContain(
      'a.csv: 2 rows, all read; beside them 2 × empty row (first in line 3: ",,"), 1 × repeated header (line 5: "user,item,x"), 1 × footer (line 7: "(2 rows)").',
    )
  })

  it.each([
    ['código_cliente;código_produto', 'Portuguese'],
    ['用户ID;商品ID', 'Chinese'],
    ['顧客ID;商品コード', 'Japanese'],
    ['пользователь;товар', 'Russian'],
    ['events.user_id;events.item_id', 'with the name of a table'],
  ])('columns %s: %s', async header => {
    expect((await readText('a.csv', `x;${header}\n7;1;5\n7;2;5\n`.replace(/^x;events/, 'events.x;events'))).pairs).toEqual([[1, 5], [2, 5]]) // biome-ignore format: pairs
  })

  it('the column that is offered ends as ids do, and is none of the other side', async () => {
    await expect(readText('a.csv', 'user_id,session_id,name,gmap_id\n1,2,a,b\n')).rejects.toThrow(
      'did you mean "gmap_id"?',
    )
  })

  it('kinds of event in other languages', async () => {
    const text = table('ereignis', row => ['Kauf', 'Ansicht', 'Rückgabe'][row % 3])
    expect((await readText('a.csv', text)).decisions.join()).toContain('every row counts as a positive, Rückgabe among them') // biome-ignore format: one line
  })
})
