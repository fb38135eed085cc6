/** Whatever is wrong with the data, the answer is one line that says where, what and what to do. */
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { formats } from '../../src/dataset/formats/index.ts'
import { loadSplit } from '../../src/dataset/load.ts'
import { DataError, type DualtreeError, UsageError } from '../../src/errors.ts'
import { temporaryDirectory } from '../support/directory.ts'
import { copyByDuckDB, cutFile } from '../support/interactions.ts'

const HEADER = 'user_id,item_id\n'

/** 60 interactions of 6 users with 23 items: lines 2 to 61. */
const GOOD = HEADER + Array.from({ length: 60 }, (_, row) => `${row % 6},${(row * 7) % 23}\n`).join('')

type Files = Record<string, string | Uint8Array>

/** What is thrown; the directory of the files is `DIR` in it, and the names of the formats are `FORMATS`, those of the options `OPTIONS`. */
async function failure(files: Files, target: string, options: object): Promise<DualtreeError> {
  const directory = await temporaryDirectory(files)
  const error: DualtreeError = await loadSplit(join(directory, target), options).then(
    () => expect.unreachable('the data was loaded'),
    thrown => thrown,
  )
  error.message = error.message
    .replaceAll(directory, 'DIR')
    .replaceAll(formats.names.join(', '), 'FORMATS')
    .replace(/known are --[^;]*/, 'known are OPTIONS')
  return error
}

/** target '' is the directory of all files */
function rejects(kind: typeof DataError | typeof UsageError) {
  return (what: string, files: Files, message: string, options: object = {}, target = Object.keys(files)[0]) => {
    it(what, async () => {
      const error = await failure(files, target, options)
      expect(error).toBeInstanceOf(kind)
      expect(error.message).toBe(message)
      expect(error.message).not.toContain('\n')
    })
  }
}

const TIMES =
  'give a date, or seconds, milliseconds or another unit since 1970, or ignore the column with --time none, or leave such rows out with --max-refused '

const bad = rejects(DataError)
const misused = rejects(UsageError)

it('data errors exit with 3, usage errors with 2', () => {
  expect(new DataError('').exitCode).toBe(3)
  expect(new UsageError('').exitCode).toBe(2)
})

it('the good file loads, so that each fault below is the only one', async () => {
  const directory = await temporaryDirectory({ 'a.csv': GOOD })
  const { report } = await loadSplit(join(directory, 'a.csv'))
  expect(report.counts).toMatchObject({ rows: 60, users: 6, items: 23, duplicates: 0, train: 48, valid: 6, test: 6 })
})

describe('files', () => {
  bad(
    'no such path',
    {},
    'DIR/nowhere.csv: there is no such file or directory; give a file, a directory or a glob',
    {},
    'nowhere.csv',
  )
  bad(
    'a glob without a match',
    {},
    'DIR/*.csv: no file matches this glob; check the directory and the pattern',
    {},
    '*.csv',
  )
  bad('an empty file', { 'a.csv': '' }, 'a.csv: the file is empty (0 bytes); give a file with interactions')
  bad(
    'a Parquet file of 0 bytes',
    { 'a.parquet': '' },
    'a.parquet: the file is empty (0 bytes); give a file with interactions',
  )
  bad(
    'blank lines',
    { 'a.csv': '\n\n' },
    'a.csv: there is nothing but blank lines in this file; give one with interactions',
  )
  bad(
    'a header alone',
    { 'a.csv': HEADER },
    'a.csv: there is no interaction in this file; give one with at least a row of data',
  )
  bad(
    'train without test',
    { 'train.csv': GOOD, 'valid.csv': GOOD, 'README.md': '' },
    'DIR: there is no test file; it holds train.csv, valid.csv; add one, or give a single file to be split',
    {},
    '',
  )
  bad(
    'test without train',
    { 'test.csv': GOOD },
    'DIR: there is no train file; it holds test.csv; add one, or give a single file to be split',
    {},
    '',
  )
  bad(
    'two files for one part',
    { 'train.csv': GOOD, 'training.tsv': GOOD, 'test.csv': GOOD },
    'DIR: both train.csv and training.tsv could be the train part; keep one of them',
    {},
    '',
  )
  bad(
    'two files of which none is train',
    { 'a.csv': GOOD, 'b.csv': GOOD.replace('user', 'u') },
    'DIR: expected train, valid and test files, or one data file; it holds a.csv, b.csv; users and items are named by a.csv, b.csv; give one file, or a glob such as "DIR/*.csv"',
    {},
    '',
  )
  bad(
    'a gzip file that was cut off',
    { 'a.csv.gz': gzipSync(GOOD).subarray(0, 150) },
    'a.csv.gz: damaged gzip data: unexpected end of file; compress the file again',
  )
})

describe('Parquet', () => {
  bad(
    'another file under that name',
    { 'a.parquet': GOOD },
    'a.parquet: not a Parquet file: it begins with "user_id,item", not "PAR1"; give --format, or write the file again',
  )
  bad(
    'a file that was cut off',
    { 'a.parquet': `PAR1${'x'.repeat(100)}` },
    'a.parquet: a Parquet file without its end ("PAR1"), 104 bytes; it was cut off: write or copy it again',
  )

  it('a missing column, without a line', async () => {
    const directory = await temporaryDirectory()
    await copyByDuckDB('SELECT 1 AS user_id, 2 AS thing', join(directory, 'a.parquet'))
    await expect(loadSplit(join(directory, 'a.parquet'))).rejects.toThrow(
      'a.parquet: no column looks like an item id; the columns are "user_id", "thing"; name it with --item',
    )
  })

  it('missing ids and unreadable times, by row', async () => {
    const directory = await temporaryDirectory()
    const path = join(directory, 'a.parquet')
    await copyByDuckDB(
      'SELECT 1 AS user_id, CASE WHEN range % 2 = 0 OR range > 6 THEN NULL ELSE range END AS item_id FROM range(10)',
      path,
    )
    await expect(loadSplit(path)).rejects.toThrow(
      'a.parquet row 1: no item id in column "item_id": nothing; 7 of 10 rows cannot be read: fill it in, or name the column of items with --item',
    )
    await copyByDuckDB(
      "SELECT 1 AS user_id, range AS item_id, if(range = 7, 'soon', '2020-01-01') AS ts FROM range(9)",
      path,
    )
    await expect(loadSplit(path)).rejects.toThrow(
      'a.parquet row 8: unreadable time in column "ts": "soon"; 1 of 9 rows',
    )
  })

  it('a damaged middle', async () => {
    const directory = await temporaryDirectory({ 'a.parquet': 'PAR1 no footer is here PAR1' })
    await expect(loadSplit(join(directory, 'a.parquet'))).rejects.toThrow(
      /^a\.parquet: a damaged Parquet file: .*; write it again$/,
    )
  })

  it('a real file that lost its end', async () => {
    const path = join(await temporaryDirectory(), 'a.parquet')
    await copyByDuckDB('SELECT range AS user_id, range AS item_id FROM range(1000)', path)
    await cutFile(path, 500)
    await expect(loadSplit(path)).rejects.toThrow('a.parquet: a Parquet file without its end ("PAR1"), 500 bytes')
  })
})

describe('columns', () => {
  bad(
    'a column that is not there',
    { 'train.csv': 'user_id,product\n1,2\n' },
    'train.csv line 1: there is no column "prodct"; the columns are "user_id", "product"; did you mean "product"?',
    { item: 'prodct' },
  )
  bad(
    'no column of a usual name',
    { 'a.csv': 'user_id,thing\n1,2\n' },
    'a.csv line 1: no column looks like an item id; the columns are "user_id", "thing"; name it with --item, or by position ("0" for the first) if the file has no header',
  )
  bad(
    'a name with a slip',
    { 'a.csv': 'user_id,prodct\n1,2\n' },
    'a.csv line 1: no column looks like an item id; the columns are "user_id", "prodct"; name it with --item, or by position ("0" for the first) if the file has no header; did you mean "prodct"?',
  )
  bad(
    'six columns without a header',
    { 'a.csv': '1,2,3,4,5,6\n' },
    'a.csv line 1: 6 columns and no header; name the columns of users and items by position, such as --user 0 --item 1',
  )
  misused('one column for two things', { 'a.csv': GOOD }, '--user and --item name the same column; give each its own', {
    user: 'user_id',
    item: 'user_id',
  })
})

describe('lines', () => {
  bad(
    'bytes that are not UTF-8',
    { 'a.csv': Buffer.from(`${HEADER}1,2\n3,caf\xe9\n4,5\n`, 'latin1') },
    'a.csv line 3: byte 0xe9 is not UTF-8 text; save the file as UTF-8, or name its encoding, such as --encoding windows-1252',
  )
  bad(
    'the same in words',
    { 'a.txt': Buffer.from('1 2\n3 caf\xe9\n', 'latin1') },
    'a.txt line 2: byte 0xe9 is not UTF-8 text; save the file as UTF-8, or name its encoding, such as --encoding windows-1252',
  )
  bad(
    'a short row, after a blank line',
    { 'a.csv': 'user_id,item_id,city\n1,2,Rome\n\n4,5\n' },
    'a.csv line 4: 2 fields instead of 3: "4,5"; 1 of 2 rows cannot be read: mend them, or leave such rows out with --max-refused 0.5',
  )
  bad(
    'a long row of a TSV file',
    { 'a.txt': 'user_id\titem_id\n1\t2\n1\t2\t3\n' },
    'a.txt line 3: 3 fields instead of 2: "1\\t2\\t3"; 1 of 2 rows cannot be read: mend them, or leave such rows out with --max-refused 0.5',
  )
  bad(
    'a broken JSON line',
    { 'a.jsonl': '{"user":1,"item":2}\n\n{"user":1,"item":\n' },
    'a.jsonl line 3: no JSON object: "{\\"user\\":1,\\"item\\":"; 1 of 2 rows cannot be read: mend them, or leave such rows out with --max-refused 0.5',
  )
  bad(
    'prose',
    { 'a.txt': 'Once upon a time\nthere was\n' },
    'a.txt line 1: no format is like "Once upon a time"; give --format, one of FORMATS',
  )
})

describe('values', () => {
  bad(
    'more than half of the users missing',
    { 'a.csv': `${HEADER}1,2\n,3\nNULL,4\n` },
    'a.csv line 3: no user id in column "user_id": ""; 2 of 3 rows cannot be read: fill it in, or name the column of users with --user',
  )
  bad(
    'ratings that are needed and missing',
    { 'a.csv': 'user_id,item_id,rating\n1,2,3\n1,3,NaN\n' },
    'a.csv line 3: no rating in column "rating": "NaN"; 1 of 2 rows cannot be read: give a number, or ignore the column with --rating none, or leave such rows out with --max-refused 0.5',
    { minRating: 1 },
  )
  bad(
    'the first of several faults',
    { 'a.csv': 'user_id,item_id,rating\n1,2,3\n1,2,x\n,2,3\n1,,y\n' },
    'a.csv line 3: unreadable rating in column "rating": "x"; 1 of 4 rows cannot be read: give a number, or ignore the column with --rating none, or leave such rows out with --max-refused 0.25',
  )
  bad(
    'a rating in words, among pairs with a blank line',
    { 'a.txt': '1 2 3\n\n1 3 good\n' },
    'a.txt line 3: unreadable rating in column "2": "good"; 1 of 2 rows cannot be read: give a number, or ignore the column with --rating none, or leave such rows out with --max-refused 0.5',
  )
  bad(
    'seconds and milliseconds',
    { 'a.csv': 'user_id,item_id,ts\n1,2,1600000000\n1,3,1600000000000\n' },
    `a.csv line 3: time in milliseconds instead of seconds in column "ts": "1600000000000"; 1 of 2 rows cannot be read: ${TIMES}0.5`,
  )
  bad(
    'dates and numbers',
    { 'a.csv': 'user_id,item_id,ts\n1,2,2020-01-01\n1,4,2020-01-02\n1,3,1600000000\n' },
    `a.csv line 4: time in seconds instead of dates in column "ts": "1600000000"; 1 of 3 rows cannot be read: ${TIMES}0.34`,
  )
  bad(
    'a time that is none',
    { 'a.csv': 'user_id,item_id,ts\n1,2,1600000000\n1,3,yesterday\n' },
    `a.csv line 3: unreadable time in column "ts": "yesterday"; 1 of 2 rows cannot be read: ${TIMES}0.5`,
  )
})

describe('what is left of the data', () => {
  bad(
    'one user',
    { 'a.csv': HEADER + Array.from({ length: 20 }, (_, row) => `7,${row}\n`).join('') },
    'a.csv: the only user is "7", and one is too few to learn from; check which column holds the users, and the filters',
  )
  bad(
    'a user who has seen all',
    { 'train.csv': `${HEADER}1,2\n1,3\n2,3\n`, 'valid.csv': `${HEADER}2,2\n`, 'test.csv': `${HEADER}2,2\n` },
    'DIR: user "1" has interacted with all 2 items of train, so that nothing is left to recommend; remove the user, or add items',
    {},
    '',
  )
  bad(
    'an empty k-core',
    { 'a.csv': GOOD },
    'a.csv: the 50-core is empty: of 60 interactions of 6 users with 23 items nothing is left after 1 round; lower --k-core',
    { kCore: 50 },
  )
  bad(
    'no rating high enough',
    { 'a.csv': 'user_id,item_id,rating\n1,2,3\n2,3,5\n' },
    'a.csv: no rating reaches --min-rating 6: the 2 ratings run from 3 to 5; lower it',
    { minRating: 6 },
  )
  bad(
    'nothing held out of so little',
    { 'a.csv': `${HEADER}1,2\n1,3\n2,4\n` },
    'a.csv: the valid part is empty: no interaction falls into it; give more data or a larger share',
  )
  bad(
    'nothing held out that train knows',
    { 'train.csv': GOOD, 'valid.csv': `${HEADER}77,5\n0,0\n`, 'test.csv': GOOD },
    'DIR: the valid part is empty: nothing is left of its 2 interactions: users or items that train does not have, or pairs that it has already; the first is of user "0" (in train) and item "0" (in train)',
    {},
    '',
  )
})

describe('options that the data cannot follow', () => {
  const sequences = { 'a.txt': '1 5 3 4\n2 3 5\n' }
  for (const split of ['leave-one-out', 'per-user-time', 'global-time'])
    misused(
      `${split} without times`,
      { 'a.csv': GOOD },
      `--split ${split} needs times, and a.csv has none; name their column with --time, or use --split random`,
      { split },
    )
  misused(
    'global-time with positions',
    sequences,
    "--split global-time needs a clock that all users share, and a.txt has positions in each user's sequence only; use --split per-user-time or leave-one-out",
    { split: 'global-time' },
  )
  misused(
    'given for one file',
    { 'a.csv': GOOD },
    '--split given needs a directory with train and test files, and DIR/a.csv is none',
    { split: 'given' },
  )
  misused(
    'minRating without ratings',
    { 'a.csv': GOOD },
    '--min-rating 4 needs ratings, and a.csv has none; name their column with --rating',
    { minRating: 4 },
  )
  misused(
    'an unknown option',
    { 'a.csv': GOOD },
    'dataset: unknown option --test-shar; known are OPTIONS; did you mean --test-share?',
    { testShar: 0.2 },
  )
  it('options out of range', async () => {
    for (const options of [
      { testShare: 2 },
      { validShare: 0 },
      { kCore: -1 },
      { kCore: 1.5 },
      { format: 'cvs' },
      { splitSeed: 0.5 },
    ])
      expect(await failure({ 'a.csv': GOOD }, 'a.csv', options)).toBeInstanceOf(UsageError)
  })
})
