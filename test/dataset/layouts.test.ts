/** Files as people have them: how they are laid out is found, agreed upon, and said. */
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { loadSplit } from '../../src/dataset/load.ts'
import { temporaryDirectory } from '../support/directory.ts'
import { readBack, readText } from '../support/interactions.ts'

/** `rows` rows of `users` users and 13 items, each pair once. */
const rowsOf = (users: number, each: number) =>
  Array.from({ length: users * each }, (_, row) => [
    `${1 + (row % users)}`,
    `${1 + ((5 * row + Math.floor(row / users)) % 13)}`,
  ])

async function loaded(files: Record<string, string>, options: object = {}, target = '') {
  const { report, split } = await loadSplit(join(await temporaryDirectory(files), target), options)
  return { ...report, words: report.decisions.join('\n'), split }
}

describe('files that belong together are read alike', () => {
  const lists = '1 9 3 7\n2 8 1\n3 2 9 4 6\n4 5 1 2 8\n'
  const valid = { 'valid.txt': '1 8\n2 9\n3 7\n' }

  it('a test file of lists of one length beside ragged lists', async () => {
    const { counts, words } = await loaded({ 'train.txt': lists, ...valid, 'test.txt': '1 4 2\n2 6 7\n3 1 5\n4 9 3\n' })
    expect(counts).toMatchObject({ rows: 24, test: 8 })
    expect(words).toContain('test.txt: format sequences, because its lines are lists of ids, as in train.txt beside it')
  })

  it('one item a line beside lists, and a test file whose lists happen to ascend', async () => {
    const { words } = await loaded({ 'train.txt': lists, 'valid.txt': '1 4\n2 6\n', 'test.txt': '1 2 5\n3 1 5\n' })
    expect(words.match(/format sequences/g)).toHaveLength(3)
    const sorted = await loaded({ 'train.txt': '1 3 7 9\n2 1 8\n3 2 4 6 9\n', ...valid, 'test.txt': '1 4 2\n2 7 6\n' })
    expect(sorted.words.match(/format adjacency/g)).toHaveLength(3)
  })

  it('rows of three numbers beside rows with times', async () => {
    const pairs = rowsOf(5, 6).map(([user, item], row) => `${user} ${item} ${1_500_000_000 + row}\n`)
    const { words } = await loaded({
      'train.txt': pairs.join(''),
      'valid.txt': '1 3\n2 6\n',
      'test.txt': '1 3 7\n2 9 7\n3 1 5\n4 9 3\n',
    })
    expect(words).toContain(
      'test.txt: format pairs, because each of its first lines has 3 words, as rows in train.txt beside it',
    )
  })

  it('stops where the files beside contradict each other, and shows both readings', async () => {
    await expect(
      loaded({
        'train.txt': lists,
        'valid.txt': '1 5 1500000000\n1 6 1500000001\n',
        'test.txt': '1 3 7\n2 6 7\n3 1 5\n',
      }),
    ).rejects.toThrow(
      'test.txt: its lines of 3 numbers may be rows (user, item, …), as in valid.txt, or lists (a user and its items), as in train.txt; set --format to pairs, adjacency or sequences',
    )
  })

  it('lists of one length alone are a guess that says so', async () => {
    const read = await readText('a.txt', '1 90 31 70\n2 82 14 9\n3 2 99 41\n4 5 17 23\n')
    expect(read.pairs).toHaveLength(12)
    expect(read.decisions[0]).toContain('no user comes twice: a guess (for rows of user, item, rating: --format pairs)')
    const rated = await readText('a.txt', '1 90 3\n2 82 1\n3 22 5\n4 57 2\n')
    expect(rated.ratings).toEqual([3, 1, 5, 2])
    expect(rated.decisions[0]).toContain('a guess (for a user with its items per line: --format sequences)')
  })

  it('a part without a header has the columns of the part that has one', async () => {
    const directory = await temporaryDirectory({
      'part-0.csv': 'when,item_id,user_id\n1500000000,7,u1\n1500000001,8,u2\n',
      'part-1.csv': '1500000002,9,u3\n1500000003,7,u4\n',
    })
    const read = await readBack(join(directory, '*.csv'))
    expect(read.pairs).toEqual([['u1', 7], ['u2', 8], ['u3', 9], ['u4', 7]]) // biome-ignore format: pairs
    expect(read.decisions.join()).toContain('no header (columns as in the file beside it)')
  })

  it('parts of one table must agree on times', async () => {
    const directory = await temporaryDirectory({
      'p-0.csv': 'user,item,ts\n1,2,1500000000\n',
      'p-1.csv': 'user,item\n1,3\n',
    })
    await expect(readBack(join(directory, '*.csv'))).rejects.toThrow(
      /^files of one table must agree on times: \S+p-0\.csv has them in column "ts", \S+p-1\.csv has none; name the column with --time, or leave it aside with --time none$/,
    )
  })
})

describe('columns are known by their values', () => {
  it('a time before a rating, without a header', async () => {
    const read = await readText('a.csv', '7,1,1600000000,5\n8,2,1600000001,3\n')
    expect(read).toMatchObject({ ratings: [5, 3], times: [1_600_000_000_000, 1_600_000_001_000] })
  })

  it('dates, and a running index before user and item', async () => {
    const read = await readText(
      'a.csv',
      '0,17,901,2020-01-05\n1,17,77,2020-01-06\n2,33,901,2020-02-07\n3,12,5,2020-02-08\n',
    )
    expect(read.pairs).toEqual([[17, 901], [17, 77], [33, 901], [12, 5]]) // biome-ignore format: pairs
    expect(read.times![0]).toBe(Date.UTC(2020, 0, 5))
  })

  it('users who each come once are no index where ratings follow', async () => {
    expect((await readText('a.csv', '1,17,4\n2,33,5\n3,12,4\n4,9,5\n')).pairs[2]).toEqual([3, 12])
  })

  it('a header of other names: cust_no, artikel, purchasedOn', async () => {
    const read = await readText('a.csv', 'purchasedOn,Cust No,ArtikelNr,qty\n2020-05-01,5,99,2\n2020-05-02,6,98,1\n')
    expect(read.pairs).toEqual([[5, 99], [6, 98]]) // biome-ignore format: pairs
    expect(read.times![0]).toBe(Date.UTC(2020, 4, 1))
    expect(read.decisions[1]).toContain('not used: "qty" (--weight qty makes weights of it')
  })

  it.each([
    ['user_id', 'click_article_id'],
    ['user_pseudo_id', 'items.item_id'],
    ['buyer.customer_no', 'bought_sku'],
  ])('a header of names behind other words: %s, %s', async (user, item) => {
    expect((await readText('a.csv', `step,${item},${user}\n1,7,1\n2,8,2\n1,8,1\n`)).pairs).toEqual([[1, 7], [2, 8], [1, 8]]) // biome-ignore format: one line
  })

  it('a short name is no slip of another', async () => {
    const read = readText('a.csv', 'user_id,step,reference\n1,7,1\n2,8,2\n')
    await expect(read).rejects.toThrow(/no column looks like an item id; (?!.*did you mean)/)
    await expect(readText('a.csv', 'user_id,itm\n1,7\n2,8\n')).rejects.toThrow('did you mean "itm"?')
  })

  it('a name alone makes no time of what holds none', async () => {
    const read = await readText(
      'a.csv',
      'user,item,date_of_birth,time\n1,2,1990-01-01,morning\n3,4,1980-01-01,evening\n',
    )
    expect(read).not.toHaveProperty('times')
    expect(read.decisions[1]).toContain(
      'not used: "date_of_birth" (times such as 1990-01-01? --time date_of_birth), "time"',
    )
  })

  it('a date or a category between user and item, and large ids, are what they are', async () => {
    const clicks = await readText(
      'a.dat',
      '1,2014-04-07T10:51:09.277Z,214536502,0\n2,2014-04-07T10:51:10.277Z,214536500,0\n',
    )
    expect(clicks.pairs).toEqual([[1, 214536502], [2, 214536500]]) // biome-ignore format: pairs
    expect(clicks.times).toEqual([1396867869277, 1396867870277])
    const taobao = await readText(
      'a.csv',
      '1,2268318,2520377,pv,1511544070\n1,2333346,2520771,buy,1511561733\n2,2268318,2520377,pv,1511572885\n',
    )
    expect(taobao).not.toHaveProperty('ratings')
    expect(taobao.decisions[1]).toContain('"4" (time), "3" (event)')
  })

  it('a user_rating is no user', async () => {
    expect((await readText('a.csv', 'user_rating,product_name,user_code,product_id\n5,x,7,9\n')).pairs).toEqual([
      [7, 9],
    ])
  })
})

describe('quotes', () => {
  const header = 'user_id,item_id\n'
  const cases: [what: string, content: string, pairs: unknown][] = [
    ['a blank before a quote', 'user_id, item_id\nu1, "red, large"\n', [['u1', 'red, large']]],
    ['a quote inside a name', `${header}u1,"Weird Al" Yankovic\nu2,Best of "Weird Al" live\n`, [['u1', '"Weird Al" Yankovic'], ['u2', 'Best of "Weird Al" live']]],
    ['quotes inside quotes, not doubled', `${header}u1,"say "hi" to, all"\nu2,x\n`, [['u1', 'say "hi" to, all'], ['u2', 'x']]],
    ['quotes with a backslash', `${header}u1,"say \\"hi\\", all"\nu2,"C:\\"\n`, [['u1', 'say "hi", all'], ['u2', 'C:\\']]],
    ['single quotes', `'user_id','item_id'\n'u1','it, em'\n'u2','o''clock'\n`, [['u1', 'it, em'], ['u2', "o'clock"]]],
    ['apostrophes', `${header}u1,'til dawn\nu2,rock 'n' roll\n`, [['u1', "'til dawn"], ['u2', "rock 'n' roll"]]],
    ['a quoted field over lines, with separators in it', `${header}u1,"a, b\nc, d\ne"\nu2,x\n`, [['u1', 'a, b\nc, d\ne'], ['u2', 'x']]],
    ['typographic quotes around all', `${header}“u1”,“i1”\n“u2”,“i2”\n`, [['u1', 'i1'], ['u2', 'i2']]],
  ] // biome-ignore format: a table
  for (const [what, content, pairs] of cases)
    it(what, async () => expect((await readText('a.csv', content)).pairs).toEqual(pairs))

  it('a stray quote swallows no row, wherever the next one is', async () => {
    for (const separator of [',', '\t', ';']) {
      const lines = Array.from({ length: 60 }, (_, row) => [
        row % 5,
        row % 7,
        row === 9 ? '"Heroes' : row === 47 ? 'end"' : 'x',
      ])
      const read = await readText(
        'a.txt',
        `${['user', 'item', 'title'].join(separator)}\n${lines.map(row => `${row.join(separator)}\n`).join('')}`,
      )
      expect(read.pairs).toHaveLength(60)
      expect(read.decisions.join()).toMatch(
        /60 rows, all read; beside them 1 × a quote .* not closed, taken as a character \(line 11/,
      )
    }
  })

  it('a quote that is opened beyond the block in which it closes', async () => {
    const long = 'word '.repeat(60_000)
    const rows = Array.from({ length: 20 }, (_, row) => `u${row},"${long}${row % 3 ? '\n' : ', '}${row}"\n`)
    const read = await readText('a.csv', `${header}${rows.join('')}`)
    expect(read.pairs.map(([user]) => user)).toEqual(Array.from({ length: 20 }, (_, row) => `u${row}`))
  })
})

describe('separators and headers', () => {
  it('bars inside a field do not beat the commas between them', async () => {
    const read = await readText(
      'a.csv',
      'userId,movieId,genres\n1,10,Action|Drama|War|Crime\n2,11,Comedy|Drama|War|Sci-Fi\n',
    )
    expect(read.pairs).toEqual([[1, 10], [2, 11]]) // biome-ignore format: pairs
    const bare = await readText(
      'a.csv',
      '1,Heat (1995),Action|Crime|Drama|War\n1,Jaws (1975),Action|Horror|Sea|Fish\n2,Jaws (1975),a|b|c|d\n',
    )
    expect(bare.pairs[2]).toEqual([2, 'Jaws (1975)'])
  })

  it('single tabs between names with blanks', async () => {
    const read = await readText('a.txt', 'ana\tRed Lamp\nana\tBed 2\nbob\tRed Lamp\n')
    expect(read.pairs).toEqual([['ana', 'Red Lamp'], ['ana', 'Bed 2'], ['bob', 'Red Lamp']]) // biome-ignore format: pairs
  })

  it('a header that comes again, comments, a title and a line for Excel are no rows, and told of', async () => {
    const { counts, rows } = await loaded(
      {
        'a.csv': `sep=;\nSales of May\n\nuser_id;item_id\n${rowsOf(6, 5)
          .map(row => `${row.join(';')}\n`)
          .join('')}user_id;item_id\n# end of file\n`,
      },
      {},
      'a.csv',
    )
    expect(counts).toMatchObject({ rows: 30, users: 6, refused: 0 })
    expect(rows[0]).toMatchObject({ rows: 30, read: 30 })
    expect(rows[0].skipped.map(({ reason, place }) => `${reason}, ${place}`)).toEqual([
      'line that names the separator, line 1',
      'line before the table, line 2',
      'repeated header, line 35',
      'comment, line 36',
    ])
  })

  it('a first row with a quote that is never closed is told of', async () => {
    const read = await readText('a.csv', '"1,2\n"3","4"\n"3","5"\n')
    expect(read.pairs).toEqual([[3, 4], [3, 5]]) // biome-ignore format: pairs
    expect(read.decisions.join()).toContain(
      '2 rows, all read; beside them 1 × line before the table (line 1: "\\"1,2")',
    )
  })

  it('rows of words with a few that are too long are no lists', async () => {
    const rows = rowsOf(5, 8).map(([user, item], row) => `${user} ${item} ${1 + (row % 5)}${row % 9 ? '' : ' 7'}\n`)
    await expect(readText('a.txt', rows.join(''))).rejects.toThrow('4 words instead of 3')
  })

  it('a header behind a hash, and one without a name for the row numbers', async () => {
    expect((await readText('a.csv', '# user_id,item_id\n4,5\n6,7\n')).pairs).toEqual([[4, 5], [6, 7]]) // biome-ignore format: pairs
    expect((await readText('a.csv', '"user","item"\n"1",4,5\n"2",6,7\n')).pairs).toEqual([[4, 5], [6, 7]]) // biome-ignore format: pairs
  })

  it('a header of numbers is no row, and rows of small numbers are no header', async () => {
    const headed = await readText('a.csv', '0,1,2\n7,3,5\n7,4,2\n9,3,1\n')
    expect(headed.pairs).toEqual([[7, 3], [7, 4], [9, 3]]) // biome-ignore format: pairs
    expect(headed.decisions.join()).toContain(
      '3 rows, all read; beside them 1 × line that numbers the columns (line 1: "0,1,2")',
    )
    expect((await readText('a.csv', '0,1,2\n0,2,5\n1,1,2\n')).pairs).toHaveLength(3)
    expect((await readText('a.csv', '0,1\n1,0\n1,2\n')).pairs).toHaveLength(3)
  })

  it('words without a header, by position or because they come again', async () => {
    const text = 'Ana,Up\nAna,300\nBob,Up\n'
    for (const wishes of [{ user: '0', item: '1' }, {}])
      expect((await readText('a.csv', text, wishes)).pairs).toEqual([['Ana', 'Up'], ['Ana', '300'], ['Bob', 'Up']]) // biome-ignore format: pairs
  })

  it.each([['\r'], ['\r\n'], ['\n\r']])('lines that end in %j', async ending => {
    const read = await readText('a.csv', ['user,item', '1,2', '3,4', ''].join(ending))
    expect(read.pairs).toEqual([[1, 2], [3, 4]]) // biome-ignore format: pairs
  })

  it('UTF-16 of either kind, with or without its mark, and Windows-1252 by name', async () => {
    const text = 'user_id,item_id\n1,Zoe\n2,Ann\n'
    const big = Buffer.from(text, 'utf16le').swap16()
    for (const bytes of [Buffer.from(`\ufeff${text}`, 'utf16le'), Buffer.from(text, 'utf16le'), big])
      expect((await readText('a.csv', bytes)).pairs).toEqual([[1, 'Zoe'], [2, 'Ann']]) // biome-ignore format: pairs
    const directory = await temporaryDirectory({
      'a.csv': Buffer.from(
        `user,item\n${rowsOf(4, 6)
          .map(([user, item]) => `Zo\xeb${user},${item}\n`)
          .join('')}`,
        'latin1',
      ),
    })
    const { split } = await loadSplit(join(directory, 'a.csv'), { encoding: 'windows-1252' })
    expect(split.train.userIds.ids[0]).toBe('Zoë1')
  })
})

describe('rows in the file = rows read + rows refused', () => {
  const good = rowsOf(6, 20).map(([user, item], row) => `${user},${item},${1_500_000_000 + row}\n`)

  it('counts each reason, in words and in the report', async () => {
    const bad = [
      '1,2\n',
      '1,2,3,4,5\n',
      '"1,2,3\n',
      'NULL,3,1500000000\n',
      '1,,1500000000\n',
      '1,2,soon\n',
      '1,2,1500000000000\n',
    ]
    const text = `user,item,ts\n${[...good, ...bad].join('')}`
    const { counts, rows, words } = await loaded({ 'a.csv': text }, {}, 'a.csv')
    expect(counts).toMatchObject({ rows: 121, refused: 6 })
    const [account] = rows
    expect(account).toMatchObject({ file: 'a.csv', rows: 127, read: 121 })
    expect(account.refused.map(({ reason, count, place }) => `${count} ${reason}, ${place}`)).toEqual([
      '1 no user id in column "user", line 125',
      '1 no item id in column "item", line 126',
      '1 2 fields instead of 3, line 122',
      '1 5 fields instead of 3, line 123',
      '1 unreadable time in column "ts", line 127',
      '1 time in milliseconds instead of seconds in column "ts", line 128',
    ])
    expect(account.notes).toMatchObject([{ count: 1, place: 'line 124' }])
    expect(words).toContain(
      'a.csv: 127 rows, 121 read and 6 refused: 1 × no user id in column "user" (line 125: "NULL")',
    )
  })

  it('stops when more rows are refused than --max-refused allows', async () => {
    const text = `user,item,ts\n${[...good, ...Array(10).fill('1,2\n')].join('')}`
    await expect(loaded({ 'a.csv': text }, {}, 'a.csv')).rejects.toThrow(
      'a.csv line 122: 2 fields instead of 3: "1,2"; 10 of 130 rows cannot be read: mend them, or leave such rows out with --max-refused 0.08',
    )
    expect((await loaded({ 'a.csv': text }, { maxRefused: 0.08 }, 'a.csv')).counts.refused).toBe(10)
  })

  it('the same for words, JSON and lists', async () => {
    const words = await loaded({ 'a.txt': `${good.join('').replaceAll(',', ' ')}# done\n1 2\n` }, {}, 'a.txt')
    expect(words.rows[0]).toMatchObject({ rows: 121, read: 120, skipped: [{ reason: 'comment' }] })
    const json = await loaded(
      {
        'a.jsonl': `${good
          .map(
            row =>
              `${JSON.stringify(
                Object.fromEntries(
                  row
                    .trim()
                    .split(',')
                    .map((value, at) => [['user', 'item', 'ts'][at], Number(value)]),
                ),
              )}\n`,
          )
          .join('')}{"user":1,\n{'user': 1, 'item': 2}\n`,
      },
      {},
      'a.jsonl',
    )
    expect(json.rows[0].refused.map(({ reason, place }) => `${reason}, ${place}`)).toEqual([
      'no JSON object, line 121',
      'Python instead of JSON (write the rows with json.dumps), line 122',
    ])
    const lists = await loaded(
      { 'a.txt': '1 30 10 20 40 50\n2 20 10 60 30 70\n3\n4 10 60 20\n' },
      { split: 'leave-one-out' },
      'a.txt',
    )
    expect(lists.rows[0]).toMatchObject({ rows: 13, read: 13, skipped: [{ reason: 'line with a user and no item', place: 'line 3' }] }) // biome-ignore format: one line
  })
})

describe('JSON', () => {
  const rows = [{ user: 1, item: 9 }, { user: 2, item: 8 }, { user: 1, item: 7 }] // biome-ignore format: rows
  const pairs = [[1, 9], [2, 8], [1, 7]] // biome-ignore format: pairs
  const shapes: [what: string, text: string][] = [
    ['an array on one line', JSON.stringify(rows)],
    ['an array over many lines', JSON.stringify(rows, null, 2)],
    ['an array with a row a line', `[\n${rows.map(row => JSON.stringify(row)).join(',\n')}\n]`],
    ['objects over many lines, one after another', rows.map(row => JSON.stringify(row, null, 2)).join('\n')],
    ['an object that holds the array', JSON.stringify({ count: 3, events: rows })],
    ['columns as pandas writes them', JSON.stringify({ user: { 0: 1, 1: 2, 2: 1 }, item: { 0: 9, 1: 8, 2: 7 } })],
    ['columns as lists', JSON.stringify({ user: [1, 2, 1], item: [9, 8, 7] })],
    ['rows as arrays', '[1, 9]\n[2, 8]\n[1, 7]\n'],
    [
      'ids as MongoDB writes them',
      rows.map(row => JSON.stringify({ user: { $numberLong: String(row.user) }, item: row.item })).join('\n'),
    ],
    [
      'NaN in a field that is not used',
      rows.map(row => `{"user":${row.user},"price":NaN,"item":${row.item}}`).join('\n'),
    ],
    ['a byte order mark', `\ufeff${rows.map(row => JSON.stringify(row)).join('\n')}`],
  ]
  for (const [what, text] of shapes) it(what, async () => expect((await readText('a.json', text)).pairs).toEqual(pairs))

  it('an object of users with their items', async () => {
    expect((await readText('a.json', '{"1": [9, 7], "2": [8]}')).pairs).toEqual([[1, 9], [1, 7], [2, 8]]) // biome-ignore format: pairs
  })

  it('an array that is larger than what is sniffed', async () => {
    const many = Array.from({ length: 20_000 }, (_, row) => ({
      user: row % 50,
      item: row % 77,
      note: 'a "quoted" [note] {x}',
    }))
    expect((await readText('a.json', JSON.stringify(many, null, 1))).pairs[19_999]).toEqual([19_999 % 50, 19_999 % 77])
  })

  it('objects and lists as ids are errors that name the field inside', async () => {
    await expect(readText('a.jsonl', '{"user":{"id":1,"n":2},"item":3}\n')).rejects.toThrow(
      'a.jsonl: field "user" holds objects such as "{\\"id\\":1,\\"n\\":2}"; name the field inside, such as --user "user.id"',
    )
    await expect(readText('a.jsonl', '{"user":1,"item":[{"sku":3}]}\n')).rejects.toThrow(
      'field "item" holds lists such as "[{\\"sku\\":3}]"; a row for each entry is made by --item "item[].sku"',
    )
  })

  it('lists and objects written out in a field of text are errors too', async () => {
    await expect(readText('a.csv', 'user,items\n1,"[3, 4]"\n2,"[5]"\n')).rejects.toThrow(
      'a.csv: column "items" holds lists such as "[3, 4]"; a row for each entry is made by --item "items[]"',
    )
    await expect(readText('a.csv', `user,item\n"{'id': 1}",4\n"{'id': 2}",5\n`)).rejects.toThrow(
      'column "user" holds objects',
    )
  })

  it('paths into objects and lists', async () => {
    const text =
      '{"who":{"id":"a"},"basket":[{"sku":3,"n":1},{"sku":4,"n":2}]}\n{"who":{"id":"b"},"basket":[{"sku":4}]}\n{"who":{"id":"c"},"basket":[]}\n'
    const read = await readText('a.jsonl', text, { user: 'who.id', item: 'basket[].sku' })
    expect(read.pairs).toEqual([['a', 3], ['a', 4], ['b', 4]]) // biome-ignore format: pairs
    expect(read.decisions.join()).toContain('1 × row with an empty list (line 3)')
    const csv = await readText('a.csv', `user,items\n1,"[3, 4]"\n2,"['x', 'y z']"\n3,5|6\n`, { item: 'items[]' })
    expect(csv.pairs).toEqual([['1', '3'], ['1', '4'], ['2', 'x'], ['2', 'y z'], ['3', '5'], ['3', '6']].map(([user, item]) => [Number(user), item])) // biome-ignore format: pairs
  })
})
