/** What values mean: ids, what is missing, what counts as a positive, and times. */
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { parseTime, parseTimeAt } from '../../src/dataset/columns/parse-time.ts'
import { toMilliseconds } from '../../src/dataset/columns/time.ts'
import { loadSplit } from '../../src/dataset/load.ts'
import { log2 } from '../../src/powers.ts'
import { temporaryDirectory } from '../support/directory.ts'
import { copyByDuckDB, pairsOfPart, readBack, readText } from '../support/interactions.ts'

async function loaded(text: string, options: object = {}, name = 'a.csv') {
  const { report, split } = await loadSplit(join(await temporaryDirectory({ [name]: text }), name), options)
  return { ...report, words: report.decisions.join('\n'), split }
}

/** 8 users with 6 of 11 items each, and a further field. */
const table = (header: string, field: (row: number) => string | number) =>
  `user,item,${header}\n${Array.from({ length: 48 }, (_, row) => `${row % 8},${(row * 5) % 11},${field(row)}\n`).join('')}`

describe('ids', () => {
  it('1, 1.0, "1" and 1e0 are one id, in all files', async () => {
    const directory = await temporaryDirectory({
      'p-0.csv': 'user,item\n1,5.0\n2.0,6\n',
      'p-1.csv': 'user,item\n"1",5e0\n2,1.2E1\n',
    })
    await copyByDuckDB('SELECT 1::DOUBLE AS user, 5 AS item', join(directory, 'p-2.parquet'))
    const read = await readBack(join(directory, 'p-*'))
    expect(read.pairs).toEqual([[1, 5], [2, 6], [1, 5], [2, 12], [1, 5]]) // biome-ignore format: pairs
    expect(read.decisions).toContain('User ids such as "2.0" are read as 2.')
  })

  it('but not where the numbers behind the point mean something', async () => {
    expect((await readText('a.csv', 'user,item\n1,1.0\n2,1.5\n3,2.0\n')).pairs.map(([, item]) => item)).toEqual([
      '1.0',
      '1.5',
      '2.0',
    ])
    expect((await readText('a.csv', 'user,item\n1,007\n2,7.0\n')).pairs.map(([, item]) => item)).toEqual(['007', '7'])
  })

  it.each([
    ['NULL'],
    ['null'],
    ['\\N'],
    ['nan'],
    ['NaN'],
    ['None'],
    ['NA'],
    ['N/A'],
    ['<NA>'],
    ['nil'],
    ['""'],
    ['-'],
    ['?'],
  ])('%s is no user', async word => {
    const read = await readText('a.csv', `user,item\n1,5\n${word},6\n2,5\n`)
    expect(read.pairs).toEqual([[1, 5], [2, 5]]) // biome-ignore format: pairs
    expect(read.decisions.join()).toMatch(/3 rows, 2 read and 1 refused: 1 × no user id in column "user" \(line 3: /)
  })

  it('among names a dash is a name, and --missing says what is missing', async () => {
    expect((await readText('a.csv', 'user,item\nana,5\n-,6\n')).pairs[1][0]).toBe('-')
    const { counts } = await loaded(
      table('x', () => 1)
        .replace('\n3,', '\nguest,')
        .replace('\n4,', '\nNA,'),
      { missing: ['guest'] },
    )
    expect(counts).toMatchObject({ refused: 1, users: 9 })
  })

  it('missing ids in Parquet and JSON', async () => {
    const path = join(await temporaryDirectory(), 'a.parquet')
    await copyByDuckDB(
      "SELECT if(range = 3, NULL, range) AS user_id, if(range = 4, 'NaN', 'x') AS item_id FROM range(9)",
      path,
    )
    expect((await readBack(path)).decisions.join()).toContain(
      '9 rows, 7 read and 2 refused: 1 × no user id in column "user_id" (row 4), 1 × no item id in column "item_id" (row 5: "NaN")',
    )
    const json = await readText(
      'a.jsonl',
      '{"user":1,"item":null}\n{"user":2,"item":5}\n{"item":4,"user":3}\n{"user":4}\n',
    )
    expect(json.pairs).toEqual([[2, 5], [3, 4]]) // biome-ignore format: pairs
  })
})

describe('what counts as a positive', () => {
  it('ratings below zero, and a column of truth values, are pointed out', async () => {
    expect((await loaded(table('vote', row => (row % 3) - 1))).words).toContain(
      'Ratings in column "vote" run from -1 to 1, and 16 of 48 are below zero: all count as positives without --min-rating.',
    )
    const liked = await loaded(table('liked', row => (row % 4 ? 'true' : 'false')))
    expect(liked.words).toContain(
      'Ratings in column "liked" are 0 or 1, and 12 of 48 are 0: all count as positives without --min-rating 1.',
    )
    expect(
      (
        await loaded(
          table('liked', row => (row % 4 ? 'true' : 'false')),
          { minRating: 1 },
        )
      ).counts.belowMinRating,
    ).toBe(12)
  })

  const kinds = ['view', 'cart', 'remove', 'buy']

  it('kinds of event that are not chosen are named with their numbers', async () => {
    expect((await loaded(table('event_type', row => kinds[row % 4]))).words).toContain(
      'Kinds of event in column "event_type" are not used: every row counts as a positive, remove among them; there are view (12), cart (12), remove (12), buy (12); choose with --event view,cart,buy.',
    )
  })

  it('--event keeps kinds, --event-weight weighs them, rows of a pair are added', async () => {
    const { counts, split, words } = await loaded(
      table('event', row => kinds[row % 4]),
      { event: ['view', 'BUY'], eventWeight: ['buy=3'], splitSeed: 2 },
    )
    expect(counts).toMatchObject({ otherEvents: 24, rows: 48 })
    expect(counts.train + counts.valid + counts.test + counts.duplicates).toBe(24)
    expect(words).toContain('24 rows are of other kinds than --event names, and are removed.')
    const weights = [...split.train.weights!]
    expect(weights.reduce((a, b) => a + b, 0) / weights.length).toBeCloseTo(1, 6)
    expect(Math.max(...weights) / Math.min(...weights)).toBeCloseTo(3, 5)
  })

  it('weights whose sum is no number are refused', async () => {
    const text = table('w', () => '1e308')
    await expect(loaded(text, { weight: 'w' })).rejects.toThrow(
      'the weights of the pairs of train add up to more than 1.8e308; give smaller ones',
    )
  })

  it('an unknown kind names those that there are', async () => {
    await expect(
      loaded(
        table('event', row => kinds[row % 4]),
        { event: ['vew'] },
      ),
    ).rejects.toThrow(
      '--event: there is no event "vew"; there are view (12), cart (12), remove (12), buy (12); did you mean "view"?',
    )
    await expect(
      loaded(
        table('x', () => 1),
        { event: ['view'] },
      ),
    ).rejects.toThrow('--event view: no column holds kinds of event; name it with --event-column')
    await expect(
      loaded(
        table('event', row => kinds[row % 4]),
        { eventWeight: ['buy:3'] },
      ),
    ).rejects.toThrow('--event-weight: expected kind=weight such as purchase=3, got "buy:3"')
  })

  it('--where is a condition on any column, of any format', async () => {
    const directory = await temporaryDirectory({
      'a.csv': table('price,country', row => `${row},${row % 2 ? 'DE' : '"F,R"'}`),
    })
    await copyByDuckDB(`FROM '${directory}/a.csv'`, join(directory, 'a.parquet'))
    await copyByDuckDB(`FROM '${directory}/a.csv'`, join(directory, 'a.jsonl'), 'FORMAT json')
    for (const name of ['a.csv', 'a.parquet', 'a.jsonl']) {
      const { report } = await loadSplit(join(directory, name), { where: "price >= 8 AND country = 'F,R'" })
      expect(report.counts).toMatchObject({ rows: 48, outsideWhere: 28 })
      expect(report.decisions.join()).toContain('28 rows do not meet --where, and are removed.')
      await expect(loadSplit(join(directory, name), { where: 'prize > 1' })).rejects.toThrow(
        /^--where "prize > 1": Binder Error: .*; the columns of a\.\w+ are "user", "item", "price", "country"$/,
      )
    }
  })

  it('--weight: a column or the number of rows, linear or by its logarithm', async () => {
    const plays = table('plays', row => 1 + (row % 3))
    const { split, words } = await loaded(plays, { weight: 'plays' })
    expect(words).toContain('Weights of the pairs of train run from 1 to')
    expect(words).not.toContain('not used: "plays"')
    const byPair = ({ train }: typeof split) => {
      const least = Math.min(...train.weights!)
      return pairsOfPart({ ...split, train }, 'train').map((pair, at) => [pair, train.weights![at] / least] as const)
    }
    const linear = new Map(byPair(split))
    expect(new Set([...linear.values()].map(weight => weight.toFixed(4)))).toEqual(
      new Set(['1.0000', '2.0000', '3.0000']),
    )
    const log = await loaded(plays, { weight: 'plays', weightScale: 'log' })
    for (const [pair, weight] of byPair(log.split)) expect(weight).toBeCloseTo(Math.log2(1 + linear.get(pair)!), 5)
    const repeated = await loaded(
      `user,item\n1,1\n1,1\n1,1\n${Array.from({ length: 40 }, (_, row) => `${row % 5},${row % 8}\n`).join('')}`,
      { weight: 'repeats' },
    )
    expect(repeated.words).toContain('Weights of the pairs of train run from 1 to 4 (linear)')
  })

  it('weights that are not above zero are returns, removed and counted', async () => {
    const { counts, words } = await loaded(
      table('qty', row => (row % 6 ? 2 : -1)),
      { weight: 'qty' },
    )
    expect(counts.withoutWeight).toBe(8)
    expect(words).toContain('8 rows have no weight above 0, and are removed.')
  })

  it('log2 is within 1e-15 of the true value', () => {
    for (const x of [1e-9, 0.1, 0.5, 1, 1.5, 2, 3, 10, 12345.678, 1e15])
      expect(Math.abs(log2(x) - Math.log2(x))).toBeLessThanOrEqual(1e-15 * Math.max(1, Math.abs(Math.log2(x))) * 2)
    expect(log2(8)).toBe(3)
  })
})

describe('times', () => {
  const utc = (...parts: [number, number, number, number?, number?, number?]) => Date.UTC(...parts)
  const written: [text: string, ms: number][] = [
    ['2020-01-31', utc(2020, 0, 31)],
    ['2020-01-01T10:00:00+02:00', utc(2020, 0, 1, 8)],
    ['2020-01-01 10:00:00.250Z', utc(2020, 0, 1, 10) + 250],
    ['2018-09-01 12:00:00 UTC', utc(2018, 8, 1, 12)],
    ['2018-09-01 12:00:00 -0730', utc(2018, 8, 1, 19, 30)],
    ['2018/9/1 8:05', utc(2018, 8, 1, 8, 5)],
    ['01.09.2018', utc(2018, 8, 1)],
    ['13/1/2010 8:26', utc(2010, 0, 13, 8, 26)],
    ['09 13, 2009', utc(2009, 8, 13)],
    ['Tue Apr 03 18:00:09 +0000 2012', utc(2012, 3, 3, 18, 0, 9)],
    ['Sat, 01 Sep 2018 12:00:00 GMT', utc(2018, 8, 1, 12)],
    ['1 Sep 2018 3:04 PM', utc(2018, 8, 1, 15, 4)],
    ['September 1, 2018', utc(2018, 8, 1)],
    ['01-Sep-2018', utc(2018, 8, 1)],
    ['20180901T120000Z', utc(2018, 8, 1, 12)],
  ]
  it.each(written)('%s', (text, ms) => {
    expect(parseTime(text).value).toBe(ms)
    expect(parseTimeAt(Buffer.from(`x${text} ,`), 1, text.length + 2).value).toBe(ms)
  })

  it('from bytes are those from text, to the bit', () => {
    const days = ['1970-01-01', '2000-02-29', '1999-02-29', '2021-04-31', '2021-12-31', '2024-00-10', '2024-10-00', '1969-12-31']
    const clocks = ['', ' 00:00:00', 'T23:59:59', 'T24:00:00', ' 10:60:00', ' 10:00:60', 'T1:00:00', ' 12:34:56.', 'T12:34:56,5']
    const fractions = ['', '.1', '.123', '.019', '.999999', '.000001', '.123456789', '.1234567891']
    const zones = ['', 'Z', '+00:00', '+01:00', '-00:00', ' UTC']
    for (const day of days)
      for (const clock of clocks)
        for (const fraction of clock.length === 9 ? fractions : [''])
          for (const zone of clock ? zones : ['']) {
            const text = day + clock + fraction + zone
            expect([text, parseTimeAt(Buffer.from(text), 0, text.length)]).toEqual([text, parseTime(text)])
          }
  }) // biome-ignore format: lists

  it.each([['yesterday'], ['2018-13-01'], ['2018-02-30'], ['May'], ['12:30'], ['2020-01-01 10:99:00'], ['1.2.3.4']])(
    '%s is no time',
    text => {
      expect(parseTime(text).value).toBe(Number.POSITIVE_INFINITY)
      expect(parseTimeAt(Buffer.from(text), 0, text.length).value).toBe(Number.POSITIVE_INFINITY)
    },
  )

  const units: [unit: string, values: number[], first: number][] = [
    ['seconds', [1_536_000_000, 1_537_000_000], utc(2018, 8, 3, 18, 40)],
    ['milliseconds', [1_536_000_000_000], utc(2018, 8, 3, 18, 40)],
    ['microseconds', [1_536_000_000_000_000], utc(2018, 8, 3, 18, 40)],
    ['nanoseconds', [1_536_000_000_000_000_000], utc(2018, 8, 3, 18, 40)],
    ['days since 1970', [17_775, 17_776], utc(2018, 8, 1)],
    ['days of a spreadsheet', [43_344.5, 43_346], utc(2018, 8, 1, 12)],
    ['years', [2018, 1999], utc(2018, 0, 1)],
    ['dates of digits (yyyymmdd)', [20_180_901, 20_181_231], utc(2018, 8, 1)],
    ['dates of digits (yyyymmdd)', [20_180_901_120_000], utc(2018, 8, 1, 12)],
    ['dates of digits (yyyymmdd)', [201_809_011_230], utc(2018, 8, 1, 12, 30)],
  ]
  it.each(units)('%s %j', (unit, values, first) => {
    const reading = toMilliseconds({
      kind: 'clock',
      values: Float64Array.from(values),
      dated: new Uint8Array(values.length),
    })
    expect(reading.unit).toBe(unit)
    expect(reading.values[0]).toBe(first)
  })

  it('numbers of no known unit keep their order and say so; --time-unit decides', async () => {
    const text = table('time', row => row + 1)
    expect((await loaded(text)).words).toContain(
      'times in column "time" are numbers of no known unit, taken as seconds, 1970-01-01 to 1970-01-01 (a guess: only their order matters; a unit is set with --time-unit)',
    )
    expect((await loaded(text, { timeUnit: 'days' })).words).toContain('are days, 1970-01-02 to 1970-02-18.')
  })

  it('day or month first: told by the column, or guessed and said', async () => {
    const first = async (dates: string[], options = {}) => {
      const { decisions } = await loaded(
        table('date', row => dates[row % dates.length]),
        options,
      )
      return decisions.find(sentence => sentence.includes('times in'))
    }
    expect(await first(['03/04/2020', '25/04/2020'])).toContain('dates (day first), 2020-04-03 to 2020-04-25.')
    expect(await first(['03/04/2020', '04/25/2020'])).toContain('dates (month first), 2020-03-04 to 2020-04-25.')
    expect(await first(['03/04/2020', '05/04/2020'])).toContain(
      '2020-03-04 to 2020-05-04 (a guess: the month first; --time-unit day-first',
    )
    expect(await first(['03/04/2020', '05/04/2020'], { timeUnit: 'day-first' })).toContain('2020-04-03 to 2020-04-05.')
  })

  it.each([['occurred_at'], ['orderDate'], ['event_ts'], ['InvoiceDate'], ['purchased_on'], ['playedAt']])(
    'a column %s is found',
    async name => {
      expect((await readText('a.csv', `user,item,${name}\n1,2,2020-05-01\n`)).times).toEqual([utc(2020, 4, 1)])
    },
  )

  it('a column that could be a time is offered before a split is drawn at random', async () => {
    expect((await loaded(table('x', row => 1_500_000_000 + row))).words).toContain(
      'not used: "x" (times such as 1500000000? --time x)',
    )
  })
})

describe('equal times', () => {
  const sameDay = table('date', () => '2020-01-01')

  it('are broken by the seed and counted, and hold out items of all kinds', async () => {
    const { words, counts, split } = await loaded(sameDay, { split: 'leave-one-out' })
    expect(words).toContain(
      '48 interactions of 48 have the time of another one of their user: their order is drawn with seed 1 (--ties session keeps them together).',
    )
    expect(counts.train + counts.valid + counts.test + counts.heldOutUnknownItems).toBe(48)
    expect(new Set(pairsOfPart(split, 'test').map(pair => pair.split(' ')[1])).size).toBeGreaterThan(3)
    const other = await loaded(sameDay, { split: 'leave-one-out', splitSeed: 2 })
    expect(pairsOfPart(other.split, 'test')).not.toEqual(pairsOfPart(split, 'test'))
  })

  it('--ties session keeps them together', async () => {
    const text = table('ts', row => 1_500_000_000 + Math.floor(row / 16) * 100)
    const { counts, words } = await loaded(text, { split: 'leave-one-out', ties: 'session' })
    expect(words).toContain("each user's last session to test")
    expect(words).toContain('they stay together, as sets without order')
    // 8 users with three sessions of two items
    expect(counts.test + counts.valid + counts.heldOutUnknownItems + counts.train).toBe(48)
    expect(counts.train).toBe(16)
  })

  it('at a cut of global-time are told of', async () => {
    const { words, counts } = await loaded(
      table('date', row => `2020-01-0${1 + (row % 3)}`),
      { split: 'global-time' },
    )
    expect(words).toMatch(
      /16 interactions of 48 share the time at a cut with interactions on its other side: their order is drawn with seed 1/,
    )
    expect(counts.test + counts.valid + counts.heldOutUnknownUsers + counts.heldOutUnknownItems).toBe(10)
  })
})
