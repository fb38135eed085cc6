import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { formats } from '../../src/dataset/formats/index.ts'
import { formatContract, type Row, type Writer } from '../contracts/format.ts'
import { temporaryDirectory } from '../support/directory.ts'
import { copyByDuckDB, readBack, readText } from '../support/interactions.ts'

const tableOf = (separator: string) => (rows: readonly Row[]) =>
  ['user_id\titem_id\trating\ttimestamp', ...rows.map(row => row.join('\t'))]
    .map(line => `${line.replaceAll('\t', separator)}\n`)
    .join('')

/** A user and their items a line, users in the order of their first row. */
const linesOf = (rows: readonly Row[]) =>
  [...Map.groupBy(rows, ([user]) => user)].map(([user, own]) => `${[user, ...own.map(row => row[1])].join(' ')}\n`)

/** How another tool would write the rows in each format. */
const writers: Record<string, Writer> = {
  csv: { write: tableOf(','), keeps: ['rating', 'time'], otherName: 'rows.tsv' },
  tsv: { write: tableOf('\t'), keeps: ['rating', 'time'], otherName: 'rows.csv' },
  jsonl: {
    // fields in another order in every second line, and times as text in every third
    write: rows =>
      rows
        .map(([user_id, item_id, rating, timestamp], at) => ({
          ...(at % 2 && { timestamp }),
          user_id,
          item_id,
          rating,
          timestamp: at % 3 ? timestamp : String(timestamp),
        }))
        .map(row => `${JSON.stringify(row)}\n`)
        .join(''),
    keeps: ['rating', 'time'],
    otherName: 'rows.csv',
  },
  pairs: {
    // words with any blanks between them, empty lines, either end of line
    write: rows =>
      rows
        .map((row, at) => (at % 2 ? `${row.join(' ')}\r\n` : `${row[0]}\t${row[1]}  ${row[2]} ${row[3]}\n\n`))
        .join(''),
    keeps: ['rating', 'time'],
    otherName: 'rows.csv',
  },
  adjacency: {
    write: rows => linesOf(rows.toSorted((a, b) => a[0] - b[0] || a[1] - b[1])).join(''),
    keeps: [],
    otherName: 'rows.csv',
  },
  sequences: { write: rows => linesOf(rows).join(''), keeps: ['position'], otherName: 'rows.csv' },
  parquet: {
    async write(rows) {
      const directory = await temporaryDirectory({ 'rows.csv': tableOf(',')(rows) })
      await copyByDuckDB(`FROM '${directory}/rows.csv'`, join(directory, 'rows.parquet'))
      return readFile(join(directory, 'rows.parquet'))
    },
    keeps: ['rating', 'time'],
    otherName: 'rows.csv',
    skip: [{ test: 'gzip, known by its bytes', reason: 'has a compression of its own' }],
  },
}

for (const format of formats.parts) formatContract(format, writers[format.name])

describe('detection by content', () => {
  const cases: [why: string, name: string, content: string, format: string][] = [
    ['commas', 'a.txt', 'user,item\n1,2\n', 'csv'],
    ['semicolons', 'a.txt', 'user;item;rating\n1;2;3,5\n', 'csv'],
    ['numbers between semicolons, with decimal commas', 'a.txt', '1;2;3,5\n1;3;4,5\n', 'csv'],
    ['bars', 'a', 'user|item\n1|2\n', 'csv'],
    ['MovieLens ratings.dat', 'ratings.dat', '1::1193::5::978300760\n1::661::3::978302109\n', 'csv'],
    ['blanks under a header', 'a.txt', 'user_id item_id\n1 2\n', 'csv'],
    ['tabs under a header', 'a.csv', 'user_id\titem_id\n1\t2\n', 'tsv'],
    ['RecBole .inter', 'a.inter', 'user_id:token\titem_id:token\ttimestamp:float\n1\t2\t1.6e9\n', 'tsv'],
    ['MovieLens u.data', 'u.data', '196\t242\t3\t881250949\n186\t302\t3\t891717742\n', 'pairs'],
    ['two words a line', 'a.csv', '1 2\n3 4\n', 'pairs'],
    ['JSON lines', 'a.txt', '\n{"user":1,"item":2}\n', 'jsonl'],
    ['ascending lists', 'a.txt', '0 1 5 9\n1 2\n2 0 7\n', 'adjacency'],
    ['lists in another order', 'a.txt', '0 5 1 9\n1 2\n2 0 7\n', 'sequences'],
  ]
  for (const [why, name, content, format] of cases) {
    it(`${why}: ${format}`, async () => {
      const { decisions } = await readText(name, content, { rating: 'none' })
      expect(decisions[0]).toContain(`${name}: format ${format}, because `)
    })
  }

  it('says how to read a list the other way', async () => {
    expect((await readText('a.txt', '0 5 1 9\n1 2\n')).decisions[0]).toContain('set --format adjacency')
    expect((await readText('a.txt', '0 1 5 9\n1 2\n')).decisions[0]).toContain('set --format sequences')
  })

  it('the option wins over the content', async () => {
    const asPairs = await readText('a.txt', '1 2 3\n4 5 6\n')
    const asLists = await readText('a.txt', '1 2 3\n4 5 6\n', {}, 'sequences')
    expect(asPairs.pairs).toEqual([[1, 2], [4, 5]]) // biome-ignore format: pairs
    expect(asPairs.ratings).toEqual([3, 6])
    expect(asLists.pairs).toEqual([[1, 2], [1, 3], [4, 5], [4, 6]]) // biome-ignore format: pairs
    expect(asLists.times).toEqual([0, 1, 0, 1])
  })

  it('an unknown format names the known ones', () => {
    expect(() => formats.get('parqet')).toThrow(`known are ${formats.names.join(', ')}; did you mean "parquet"?`)
  })
})

describe('csv as it comes', () => {
  const header = 'user_id,item_id\n'
  const cases: [what: string, content: string, pairs: unknown][] = [
    ['CRLF', 'user_id,item_id\r\na,b\r\nc,d\r\n', [['a', 'b'], ['c', 'd']]],
    ['a byte order mark', `\ufeff${header}a,b\n`, [['a', 'b']]],
    ['no line feed at the end', `${header}a,b`, [['a', 'b']]],
    ['blank lines', `${header}\na,b\n\nc,d\n\n`, [['a', 'b'], ['c', 'd']]],
    ['quoted separators', `${header}"a,1","b;2"\n`, [['a,1', 'b;2']]],
    ['doubled quotes', `${header}"say ""hi""",b\n`, [['say "hi"', 'b']]],
    ['a line feed in quotes', `${header}"a\n1",b\nc,d\n`, [['a\n1', 'b'], ['c', 'd']]],
    ['a quoted header', '"user_id","item_id"\n1,2\n', [[1, 2]]],
    ['blanks around fields', 'user_id, item_id\n1, 2\n', [[1, 2]]],
    ['other columns before', 'city,movieId,userId\nRome,7,1\n', [[1, 7]]],
    ['a separator at the end of a line', `${header}1,2,\n3,4\n`, [[1, 2], [3, 4]]],
    ['no header', '1,2\n3,4\n', [[1, 2], [3, 4]]],
    ['text beyond ASCII', `${header}Zoë,日本\n`, [['Zoë', '日本']]],
  ] // biome-ignore format: a table
  for (const [what, content, pairs] of cases) {
    it(what, async () => expect((await readText('a.csv', content)).pairs).toEqual(pairs))
  }

  it('columns by name, and by position without a header', async () => {
    const named = await readText('a.csv', 'who,what,when\n1,2,2020-01-01\n', {
      user: 'who',
      item: 'what',
      time: 'when',
    })
    expect(named.pairs).toEqual([[1, 2]])
    expect(named.times).toEqual([Date.UTC(2020, 0, 1)])
    const placed = await readText('a.csv', 'u1,x,i1\nu2,y,i2\n', { user: '0', item: '2', rating: 'none' })
    expect(placed.pairs).toEqual([['u1', 'i1'], ['u2', 'i2']]) // biome-ignore format: pairs
  })

  it('a third column of a file without header is a rating, or a time when the numbers are that large', async () => {
    expect(await readText('a.csv', '1,2,5\n')).toMatchObject({ ratings: [5] })
    expect(await readText('a.csv', '1,2,1600000000\n')).toMatchObject({ times: [1600000000000] })
    expect(await readText('a.txt', '1 2 2020-01-01T00:00:00Z\n')).toMatchObject({ times: [Date.UTC(2020, 0, 1)] })
  })

  it('"none" leaves ratings and times alone, whatever they hold', async () => {
    const read = await readText('a.csv', 'user,item,rating,time\n1,2,bad,worse\n', { rating: 'none', time: 'none' })
    expect(read.pairs).toEqual([[1, 2]])
    expect(read).not.toHaveProperty('times')
    expect(read).not.toHaveProperty('ratings')
  })

  it('a name with a quote and the characters of a glob', async () => {
    const directory = await temporaryDirectory({ "it's[1]*.csv": `${header}1,2\n` })
    expect((await readBack(join(directory, "it's[1]*.csv"))).pairs).toEqual([[1, 2]])
  })
})

describe('ids', () => {
  const ids = async (...texts: string[]) =>
    (await readText('a.csv', `user_id,item_id\n${texts.map(text => `${text},1\n`).join('')}`)).pairs.map(
      ([user]) => user,
    )

  it('integers are kept exactly up to 2^53', async () => {
    expect(await ids('9007199254740991', '-5', '3000000000', '0')).toEqual([9007199254740991, -5, 3000000000, 0])
  })

  it('one beyond 2^53 makes the column text, and says so', async () => {
    expect(await ids('9007199254740993', '5')).toEqual(['9007199254740993', '5'])
    const { decisions } = await readText('a.csv', 'user_id,item_id\n9007199254740993,1\n')
    expect(decisions.join(' ')).toContain('since "9007199254740993" is beyond 2^53')
  })

  it('one that is not an integer among many that are makes the column text, and is named', async () => {
    const { decisions } = await readText('a.csv', 'user,item\n1,1\n2,2\nx7,3\n')
    expect(decisions).toContain(
      'User ids are strings, such as "1", since "x7" is not an integer; item ids are integers, 1 to 3.',
    )
  })

  it('leading zeros are text', async () => expect(await ids('007', '7')).toEqual(['007', '7']))

  it('large integers in JSON keep their digits', async () => {
    const read = await readText('a.jsonl', '{"user":9007199254740993,"item":1}\n')
    expect(read.pairs).toEqual([['9007199254740993', 1]])
  })

  it('items numbered on from the users are pointed out', async () => {
    const { decisions } = await readText('a.txt', '0 2\n1 3\n')
    expect(decisions).toContain(
      'Item ids start at 2, just after the user ids: taken as one shared id space; original ids are kept.',
    )
    expect((await readText('a.txt', '0 1\n1 3\n')).decisions.join(' ')).not.toContain('shared id space')
  })
})

describe('Parquet made by others', () => {
  const types: [type: string, users: unknown[]][] = [
    ['INTEGER', [1, 2]],
    ['BIGINT', [1, 2]],
    ['UINTEGER', [1, 2]],
    ['DOUBLE', [1, 2]],
    ['VARCHAR', [1, 2]],
    ['BLOB', [1, 2]],
    ['DECIMAL(9, 2)', [1, 2]],
  ]
  for (const [type, users] of types) {
    for (const compression of ['uncompressed', 'snappy', 'zstd', 'gzip']) {
      it(`ids of type ${type}, ${compression}`, async () => {
        const path = join(await temporaryDirectory(), 'a.parquet')
        const value = type === 'BLOB' ? 'id::VARCHAR::BLOB' : `id::${type}`
        await copyByDuckDB(
          `SELECT ${value} AS user_id, 'x' AS item_id FROM (VALUES (1), (2)) t(id)`,
          path,
          `FORMAT parquet, COMPRESSION ${compression}`,
        )
        expect((await readBack(path)).pairs.map(([user]) => user)).toEqual(users)
      })
    }
  }

  const times: [sql: string, ms: number][] = [
    ["TIMESTAMP '2020-01-01 10:00:00.123'", 1577872800123],
    ["TIMESTAMPTZ '2020-01-01 10:00:00+02'", 1577865600000],
    ["TIMESTAMP_NS '2020-01-01 10:00:00'", 1577872800000],
    ["TIMESTAMP_MS '2020-01-01 10:00:00'", 1577872800000],
    ["DATE '2020-01-01'", 1577836800000],
    ['1577836800::BIGINT', 1577836800000],
    ['1577836800.5::DOUBLE', 1577836800500],
    ['1577836800123::BIGINT', 1577836800123],
    ['1577836800123456::BIGINT', 1577836800123.456],
    ["'2020-01-01T10:00:00+02:00'", 1577865600000],
    ["'2020-01-01 10:00:00'", 1577872800000],
  ]
  for (const [sql, ms] of times) {
    it(`a time written as ${sql}`, async () => {
      const path = join(await temporaryDirectory(), 'a.parquet')
      await copyByDuckDB(`SELECT 1 AS user_id, 2 AS item_id, ${sql} AS ts`, path)
      expect((await readBack(path)).times).toEqual([ms])
    })
  }

  it('files of a glob are one table, in the order of their names', async () => {
    const directory = await temporaryDirectory()
    await copyByDuckDB("SELECT 'b' AS user_id, 2 AS item_id", join(directory, 'part-1.parquet'))
    await copyByDuckDB("SELECT 'a' AS user_id, 1 AS item_id", join(directory, 'part-0.parquet'))
    expect((await readBack(join(directory, '*.parquet'))).pairs).toEqual([['a', 1], ['b', 2]]) // biome-ignore format: pairs
  })
})

describe('rows keep their places through the parallel reading', () => {
  it('200,000 rows of CSV and of Parquet', async () => {
    const directory = await temporaryDirectory()
    const select = 'SELECT range % 1000 AS user_id, range % 777 AS item_id, 1500000000 + range AS ts FROM range(200000)'
    await copyByDuckDB(select, join(directory, 'a.csv'), 'FORMAT csv, HEADER')
    await copyByDuckDB(select, join(directory, 'a.parquet'))
    for (const name of ['a.csv', 'a.parquet']) {
      const { pairs, times } = await readBack(join(directory, name))
      const wrong = pairs.findIndex(([user, item], row) => user !== row % 1000 || item !== row % 777)
      expect(wrong).toBe(-1)
      expect(times!.findIndex((time, row) => time !== (1500000000 + row) * 1000)).toBe(-1)
    }
  })
})
