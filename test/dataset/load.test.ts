import { createHash } from 'node:crypto'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { createDataset, pairsOf } from '../../src/dataset/dataset.ts'
import { loadSplit } from '../../src/dataset/load.ts'
import { openTruth } from '../../src/dataset/truth.ts'
import { temporaryDirectory } from '../support/directory.ts'
import { copyByDuckDB, pairsOfPart } from '../support/interactions.ts'

const TRAIN = 'user,item\nb,y\na,x\na,z\nb,x\n'

async function loadFiles(files: Record<string, string>, options: object = {}, target = '') {
  return loadSplit(join(await temporaryDirectory(files), target), options)
}

it('train is what createDataset makes of its pairs, with times and weights, rows in any order', async () => {
  const rows = Array.from(
    { length: 300 },
    (_, row) => `${(row * 7) % 23},${(row * 5) % 31},${1000 + ((row * 13) % 97)},${1 + (row % 3)}`,
  )
  const file = { 'a.csv': `user,item,time,w\n${rows.join('\n')}\n` }
  for (const options of [
    {},
    { weight: 'w' },
    { time: 'none' },
    { time: 'none', weight: 'w' },
    { split: 'leave-one-out', kCore: 3 },
  ]) {
    const { train } = (await loadFiles(file, options, 'a.csv')).split
    expect(train).toEqual(createDataset(pairsOf(train), train.userIds, train.itemIds))
  }
})

describe('given parts', () => {
  it('reads them in different formats, and ignores folders and other files beside them', async () => {
    const directory = await temporaryDirectory({
      'train.csv': TRAIN,
      'validation.txt': 'a y\n',
      'test.jsonl': '{"user":"b","item":"z"}\n',
      'README.md': 'not data',
    })
    await mkdir(join(directory, 'test'))
    const { split, report } = await loadSplit(directory)
    expect(pairsOfPart(split, 'train')).toEqual(['a x', 'a z', 'b x', 'b y'])
    expect(pairsOfPart(split, 'valid')).toEqual(['a y'])
    expect(pairsOfPart(split, 'test')).toEqual(['b z'])
    expect(report.files.map(({ path }) => path)).toEqual(
      ['train.csv', 'validation.txt', 'test.jsonl'].map(name => join(directory, name)),
    )
    expect(report.files[0]).toMatchObject({
      bytes: TRAIN.length,
      sha256: createHash('sha256').update(TRAIN).digest('hex'),
    })
    expect(JSON.parse(JSON.stringify(report))).toEqual(report)
  })

  it('lets the positions of sequences continue from file to file', async () => {
    const { split, report } = await loadFiles(
      { 'train.txt': '1 5 3\n2 3 4 5\n3 6\n', 'valid.txt': '1 4\n', 'test.txt': '2 6\n1 6\n' },
      { format: 'sequences' },
    )
    expect([split.train.timeKind, ...split.train.timestamps!]).toEqual(['position', 1, 0, 0, 1, 2, 0])
    expect([...openTruth(split.valid).timestamps!]).toEqual([2])
    expect(report.decisions).toContain(
      'Positions continue from file to file: what valid and test have of a user came after what train has.',
    )
  })

  it('counts and leaves out what a held-out part may not hold', async () => {
    const { split, report } = await loadFiles({
      'train.csv': `${TRAIN}a,x\n`,
      'valid.csv': 'user,item\na,y\na,y\nc,x\nc,q\nb,q\na,x\n',
      'test.csv': 'user,item\na,y\nb,z\nb,x\nd,z\n',
    })
    expect(pairsOfPart(split, 'valid')).toEqual(['a y'])
    expect(pairsOfPart(split, 'test')).toEqual(['b z'])
    expect(report.counts).toEqual({
      users: 2,
      items: 3,
      rows: 15,
      refused: 0,
      outsideWhere: 0,
      otherEvents: 0,
      withoutWeight: 0,
      train: 4,
      valid: 1,
      test: 1,
      duplicates: 2,
      belowMinRating: 0,
      outsideCore: 0,
      heldOutUnknownUsers: 3,
      heldOutUnknownItems: 1,
      heldOutAlreadySeen: 2,
      testAlreadyInValid: 1,
    })
    expect(split.train.userIds.ids).toEqual(['a', 'b'])
    expect(split.train.itemIds.ids).toEqual(['x', 'y', 'z'])
    const words = report.decisions.join('\n')
    expect(words).toContain('Repeated pairs of user and item: 2 rows;')
    expect(words).toContain('3 interactions, since the user has no interaction in train')
    expect(words).toContain('1 interaction, since valid has the same pair')
  })

  it('draws a valid part from train when there is no file for it', async () => {
    const train = Array.from({ length: 40 }, (_, row) => `${row % 4},${row % 13}\n`).join('')
    const { split, report } = await loadFiles({
      'train.csv': `user,item\n${train}`,
      'test.csv': 'user,item\n0,1\n0,9\n1,3\n1,2\n2,1\n2,7\n3,5\n',
    })
    expect(report.counts).toMatchObject({ train: 36, valid: 4 })
    expect(report.decisions.join('\n')).toContain(
      'There is no valid file: 10 % of train is drawn at random with seed 1',
    )
    const train2 = new Set(pairsOfPart(split, 'train'))
    expect(pairsOfPart(split, 'valid').filter(pair => train2.has(pair))).toEqual([])
  })

  it('says where test holds far more than is held out to validate', async () => {
    const rows = (count: number) => Array.from({ length: count }, (_, row) => `${row % 4},${row % 13}\n`).join('')
    const files = {
      'train.csv': `user,item\n${rows(39)}`,
      'test.csv': 'user,item\n0,1\n0,9\n1,3\n1,2\n2,1\n2,7\n3,5\n3,8\n0,5\n1,6\n',
    }
    const said = async (options: object) => (await loadFiles(files, options)).report.decisions.join('\n')
    expect(await said({})).toContain(
      'test is as given. Test holds 20 % of all: --valid-share 0.2 chooses on validation data that are more like it.',
    )
    expect(await said({ validShare: 0.2, validFrom: 'user' })).not.toContain('Test holds')
  })

  it.each(['user', 'user-latest'] as const)('takes a share of the interactions of each: %s', async validFrom => {
    const rows = (user: number) => Array.from({ length: 10 }, (_, at) => `${user},${(3 * at + user) % 10},${at}\n`)
    const files = {
      'train.csv': `user,item,time\n${[0, 1, 2, 3].flatMap(rows).join('')}4,10,0\n4,11,1\n`,
      'test.csv': 'user,item,time\n0,10,99\n1,11,99\n',
    }
    const { split, report } = await loadFiles(files, { validFrom, validShare: 0.2 })
    const valid = pairsOfPart(split, 'valid')
    expect(valid.map(pair => pair[0])).toEqual([...'00112233'])
    // places 8 and 9 of each history
    const latest = ['0 4', '0 7', '1 5', '1 8', '2 6', '2 9', '3 0', '3 7']
    if (validFrom === 'user-latest') expect(valid).toEqual(latest)
    else expect(valid).not.toEqual(latest)
    expect(report.decisions.join('\n')).toContain(
      `There is no valid file: 20 % of each user's interactions, ${validFrom === 'user' ? 'drawn at random with seed 1' : 'the latest'}, validate`,
    )
  })

  it('cannot take the latest where there is no order', async () => {
    const files = { 'train.csv': 'user,item\n0,1\n0,2\n1,2\n', 'test.csv': 'user,item\n1,1\n' }
    await expect(loadFiles(files, { validFrom: 'user-latest' })).rejects.toThrow(
      '--valid-from user-latest needs the order of interactions, and the files have no times: name their column (--time), say that lines are in order (--format sequences), or take --valid-from user',
    )
  })

  it('are not there: train alone is split like a single file, whatever lies beside it', async () => {
    const rows = Array.from({ length: 40 }, (_, row) => `u${row % 8},i${row % 11}`)
    const { report } = await loadFiles({
      'train.csv': ['user,item', ...rows].join('\n'),
      'items.csv': 'item,title\ni1,A',
    })
    expect(report.files.map(({ path }) => path.split('/').at(-1))).toEqual(['train.csv'])
    expect(report.decisions.join()).toContain('Split at random')
    expect(report.counts.test).toBeGreaterThan(0)
  })

  it('can be pooled and split again', async () => {
    const rows = (from: number) =>
      `user,item\n${Array.from({ length: 20 }, (_, row) => `${row % 4},${from + row}\n`).join('')}`
    const files = { 'train.csv': rows(0), 'valid.csv': rows(10), 'test.csv': rows(20) }
    const { report } = await loadFiles(files, { split: 'random', validShare: 0.2, testShare: 0.2 })
    expect(report.counts.rows).toBe(60)
    expect(report.counts.duplicates).toBe(0)
    expect(report.counts.train).toBe(36)
  })
})

describe('filters', () => {
  const rated = 'user,item,rating\n1,1,5\n1,2,2\n2,1,5\n2,2,1\n2,2,4\n3,3,5\n1,4,4\n2,5,4\n3,1,4\n'
  const rest = { 'valid.csv': 'user,item,rating\n1,3,5\n2,4,3\n', 'test.csv': 'user,item,rating\n2,3,5\n1,5,1\n' }

  it('minRating applies to every part, to rows before pairs', async () => {
    const { split, report } = await loadFiles({ 'train.csv': rated, ...rest }, { minRating: 4 })
    // of the rows 2,2,1 and 2,2,4 the second stays
    expect(pairsOfPart(split, 'train')).toEqual(['1 1', '1 4', '2 1', '2 2', '2 5', '3 1', '3 3'])
    expect(pairsOfPart(split, 'valid')).toEqual(['1 3'])
    expect(pairsOfPart(split, 'test')).toEqual(['2 3'])
    expect(report.counts).toMatchObject({ belowMinRating: 4, duplicates: 0 })
    expect(report.decisions.join('\n')).toContain('2 of 9 interactions are rated below 4, and removed.')
  })

  it('without minRating every row is a positive', async () => {
    const { report } = await loadFiles({ 'train.csv': rated, ...rest })
    expect(report.counts).toMatchObject({ train: 8, duplicates: 1, belowMinRating: 0 })
  })

  it('the k-core is repeated until nothing is left to remove', async () => {
    // item 9 falls for want of users, then user 4 for want of items, then item 8
    const block = [1, 2, 3]
      .flatMap(user => [1, 2, 3, 4].filter(item => item !== user).map(item => `${user},${item}\n`))
      .join('')
    const train = `user,item\n${block}4,9\n4,8\n5,8\n5,1\n`
    const { split, report } = await loadFiles(
      { 'train.csv': train, 'valid.csv': 'user,item\n1,1\n', 'test.csv': 'user,item\n2,2\n4,1\n' },
      { kCore: 2 },
    )
    expect(split.train.userIds.ids).toEqual([1, 2, 3])
    expect(split.train.itemIds.ids).toEqual([1, 2, 3, 4])
    expect(report.counts).toMatchObject({ outsideCore: 4, heldOutUnknownUsers: 1, duplicates: 0 })
    expect(report.decisions).toContain(
      'The 2-core keeps 9 interactions of 3 users with 4 items, from 13 interactions of 5 users with 6 items, after 4 rounds.',
    )
  })
})

describe('times', () => {
  it('become ms along the pairs; of repeated rows the earliest counts, whatever their order', async () => {
    const rows = ['1,5,300', '1,5,100', '1,5,200', '1,2,400', '2,2,50'].map(row => `${row}\n`)
    for (const order of [rows, rows.toReversed()]) {
      const { split } = await loadFiles({
        'train.csv': `user,item,timestamp\n${order.join('')}3,7,60\n`,
        'valid.csv': 'user,item\n2,5\n',
        'test.csv': 'user,item\n2,7\n',
      })
      expect(pairsOfPart(split, 'train')).toEqual(['1 2', '1 5', '2 2', '3 7'])
      expect([...split.train.timestamps!]).toEqual([400_000, 100_000, 50_000, 60_000])
    }
  })

  it('positions are kept where they are the only time', async () => {
    const { split } = await loadFiles(
      { 'a.txt': '1 30 10 20 40 50\n2 20 10 60 30 70\n3 10 60 20\n' },
      { split: 'leave-one-out' },
    )
    expect(pairsOfPart(split, 'train')).toEqual(['1 10', '1 20', '1 30', '2 10', '2 20', '2 60', '3 10'])
    expect([...split.train.timestamps!]).toEqual([1, 2, 0, 1, 0, 2, 0])
  })
})

describe('the way of a load', () => {
  it('reports its steps', async () => {
    const steps: string[] = []
    const directory = await temporaryDirectory({
      'train.csv': TRAIN,
      'valid.csv': 'user,item\na,y\n',
      'test.csv': 'user,item\nb,z\n',
    })
    await loadSplit(directory, {}, { progress: ({ step, message }) => steps.push(`${step}: ${message}`) })
    expect(steps).toEqual([
      'read: train.csv: 4 interactions',
      'read: valid.csv: 1 interaction',
      'read: test.csv: 1 interaction',
      'filter: 6 interactions kept',
    ])
  })

  it('stops at an abort, before and in the middle of a query', async () => {
    const path = join(await temporaryDirectory(), 'a.parquet')
    await copyByDuckDB('SELECT range % 100000 AS user_id, hash(range) % 50000 AS item_id FROM range(2000000)', path)
    await expect(loadSplit(path, {}, { signal: AbortSignal.abort(new Error('no more')) })).rejects.toThrow('no more')
    const controller = new AbortController()
    const started = performance.now()
    const loading = loadSplit(path, {}, { signal: controller.signal })
    setTimeout(() => controller.abort(new Error('enough')), 60)
    await expect(loading).rejects.toThrow('enough')
    expect(performance.now() - started).toBeLessThan(2000)
  })

  it('takes a format that is not registered', async () => {
    const { pairs } = await import('../../src/dataset/formats/pairs.ts')
    const directory = await temporaryDirectory({
      'a.txt': Array.from({ length: 30 }, (_, row) => `${row % 3} ${row % 11}\n`).join(''),
    })
    const format = { ...pairs, name: 'mine', detect: () => undefined }
    const { report } = await loadSplit(directory, {}, { format })
    expect(report.counts.rows).toBe(30)
  })

  it('the same data has the same hash in any format', async () => {
    const directory = await temporaryDirectory()
    const rows = Array.from({ length: 60 }, (_, row) => [row % 6, (row * 7) % 23, 1_600_000_000 + row])
    const table = (separator: string) => rows.map(row => `${row.join(separator)}\n`).join('')
    await writeFile(join(directory, 'a.csv'), `userId,itemId,time\n${table(',')}`)
    await writeFile(join(directory, 'b.txt'), table(' '))
    await writeFile(
      join(directory, 'c.tsv'),
      `time:float\tuser_id:token\titem_id:token\n${rows.map(([u, i, t]) => `${t}\t${u}\t${i}\n`).join('')}`,
    )
    await copyByDuckDB(
      `SELECT userId::INTEGER AS uid, itemId::VARCHAR AS product_id, to_timestamp(time) AS ts FROM '${directory}/a.csv'`,
      join(directory, 'd.parquet'),
    )
    await copyByDuckDB(`FROM '${directory}/a.csv'`, join(directory, 'e.jsonl'), 'FORMAT json')
    const hashes = new Set<string>()
    for (const name of ['a.csv', 'b.txt', 'c.tsv', 'd.parquet', 'e.jsonl'])
      hashes.add((await loadSplit(join(directory, name))).split.hash)
    expect(hashes.size).toBe(1)
  })
})
