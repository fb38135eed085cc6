/** Whatever data is packed in: compressed files, archives, folders of parts, pipes. */
import { execFileSync, spawn } from 'node:child_process'
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { brotliCompressSync, gzipSync, zstdCompressSync } from 'node:zlib'
import { packTar } from 'modern-tar'
import { describe, expect, it } from 'vitest'
import { findData, groupsOf } from '../../src/dataset/files/find.ts'
import { loadSplit } from '../../src/dataset/load.ts'
import { temporaryDirectory } from '../support/directory.ts'
import { copyByDuckDB, readBack, readText } from '../support/interactions.ts'

const TEXT = 'user_id,item_id\n1,2\n3,4\n'
const PAIRS = [[1, 2], [3, 4]] // biome-ignore format: pairs

/** `printf 'user_id,item_id\n1,2\n3,4\n' | bzip2`, and through xz: their packers are not in Node. */
const BZIP2 = 'QlpoOTFBWSZTWXUzTFwAAAvbgAAQAAQ8AAAAhiIeACAAMUwAANTTGoNPU2oMmJLN2qCXgUPnli7kinChIOpmmLg='
const XZ =
  '/Td6WFoAAATm1rRGAgAhARYAAAB0L+WjAQAXdXNlcl9pZCxpdGVtX2lkCjEsMgozLDQKALrnvzJ2h6xoAAEwGI4brOwftvN9AQAAAAAEWVo='

/** A zip archive of stored files, as small tools write it. */
function zipOf(files: Record<string, string>): Buffer {
  const parts: Buffer[] = []
  const directory: Buffer[] = []
  let offset = 0
  for (const [name, text] of Object.entries(files)) {
    const content = Buffer.from(text)
    const head = Buffer.alloc(26)
    head.writeUInt16LE(20, 0)
    head.writeUInt32LE(crc32(content), 10)
    head.writeUInt32LE(content.length, 14)
    head.writeUInt32LE(content.length, 18)
    head.writeUInt16LE(name.length, 22)
    parts.push(Buffer.from('PK\x03\x04'), head, Buffer.from(name), content)
    const entry = Buffer.alloc(42)
    head.copy(entry, 2, 0, 26)
    entry.writeUInt16LE(20, 0)
    entry.writeUInt32LE(offset, 38)
    directory.push(Buffer.from('PK\x01\x02'), entry, Buffer.from(name))
    offset += 30 + name.length + content.length
  }
  const central = Buffer.concat(directory)
  const end = Buffer.alloc(18)
  end.writeUInt16LE(directory.length / 3, 4)
  end.writeUInt16LE(directory.length / 3, 6)
  end.writeUInt32LE(central.length, 8)
  end.writeUInt32LE(offset, 12)
  return Buffer.concat([...parts, central, Buffer.from('PK\x05\x06'), end])
}

function crc32(bytes: Buffer): number {
  let crc = 0xffffffff
  for (const byte of bytes) {
    crc ^= byte
    for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ (crc & 1 ? 0xedb88320 : 0)
  }
  return (crc ^ 0xffffffff) >>> 0
}

describe('compressed files', () => {
  const packed: [name: string, bytes: Buffer][] = [
    ['a.csv.gz', gzipSync(TEXT)],
    ['a.csv.zst', zstdCompressSync(TEXT)],
    ['a.csv.br', brotliCompressSync(TEXT)],
    ['a.csv.bz2', Buffer.from(BZIP2, 'base64')],
    ['a.csv.xz', Buffer.from(XZ, 'base64')],
    ['a.zip', zipOf({ 'a.csv': TEXT })],
  ]
  for (const [name, bytes] of packed) it(name, async () => expect((await readText(name, bytes)).pairs).toEqual(PAIRS))

  it('are known by their bytes, not by their names', async () => {
    expect((await readText('a.csv', zstdCompressSync(TEXT))).pairs).toEqual(PAIRS)
    expect((await readText('data', Buffer.from(BZIP2, 'base64'))).pairs).toEqual(PAIRS)
  })

  it('by Node itself too, whose imports of CommonJS differ from those of a test', async () => {
    const directory = await temporaryDirectory({
      'a.xz': Buffer.from(XZ, 'base64'),
      'a.bz2': Buffer.from(BZIP2, 'base64'),
      'a.zip': zipOf({ 'a.csv': TEXT }),
    })
    const url = new URL('../../src/dataset/load.ts', import.meta.url).href
    const script = `import { loadDataset } from '${url}'
      for (const name of ['a.xz', 'a.bz2', 'a.zip']) console.log((await loadDataset(process.argv[1] + '/' + name)).report.counts.rows)`
    const output = execFileSync(process.execPath, ['--no-warnings', '--input-type=module', '-e', script, directory])
    expect(output.toString()).toBe('2\n2\n2\n')
  })

  it('gzip members one after the other, as concatenated files are', async () => {
    const two = Buffer.concat([gzipSync('user_id,item_id\n1,2\n'), gzipSync('3,4\n')])
    expect((await readText('a.csv.gz', two)).pairs).toEqual(PAIRS)
  })

  it('Parquet inside gzip', async () => {
    const directory = await temporaryDirectory()
    await copyByDuckDB('SELECT 1 AS user_id, 2 AS item_id', join(directory, 'a.parquet'))
    expect((await readText('a.parquet.gz', gzipSync(await readFile(join(directory, 'a.parquet'))))).pairs).toEqual([
      [1, 2],
    ])
  })

  it.each([
    ['gzip', gzipSync(TEXT.repeat(50)), 40],
    ['zstd', zstdCompressSync(TEXT.repeat(50)), 20],
    ['bzip2', Buffer.from(BZIP2, 'base64'), 40],
    ['xz', Buffer.from(XZ, 'base64'), 40],
  ] as const)('%s that was cut off is an error', async (codec, bytes, keep) => {
    await expect(readText('a.csv', bytes.subarray(0, keep))).rejects.toThrow(
      new RegExp(`^a\\.csv: damaged ${codec} data: .*; compress the file again$`),
    )
  })

  it.each([
    ['7z', '377abcaf271c0004', 'a.7z: a 7z archive; unpack it first (7z x)'],
    ['xls', 'd0cf11e0a1b11ae1', 'a.xls: an Excel workbook of the old kind; save it as CSV'],
    ['pkl', '80049500', 'a.pkl: a Python pickle; export the table as CSV or Parquet'],
    [
      'db',
      Buffer.from('SQLite format 3\0').toString('hex'),
      'a.db: an SQLite database; export the table as CSV (sqlite3 -csv -header)',
    ],
    [
      'duckdb',
      `0123456789abcdef${Buffer.from('DUCK').toString('hex')}40`,
      'a.duckdb: a DuckDB database; export the table: duckdb FILE "COPY name TO \'name.parquet\'"',
    ],
    ['accdb', '000100005374616e6461726420414345204442', 'a.accdb: an Access database; export the table as CSV'],
    ['sav', `${Buffer.from('$FL2@(#) SPSS').toString('hex')}02`, 'a.sav: an SPSS file; export the table as CSV'],
    ['sas7bdat', '000000000000000000000000c2ea8160', 'a.sas7bdat: a SAS table; export the table as CSV'],
  ])('a .%s file is named for what it is', async (ending, hex, message) => {
    await expect(readText(`a.${ending}`, Buffer.from(`${hex}0000000000`, 'hex'))).rejects.toThrow(message)
  })
})

describe('archives', () => {
  const parts = {
    'train.csv': `user,item\n${Array.from({ length: 30 }, (_, row) => `${row % 5},${row % 11}\n`).join('')}`,
    'valid.csv': 'user,item\n0,7\n1,8\n',
    'test.csv': 'user,item\n2,9\n0,8\n',
  }

  it('with train, valid and test, in a folder and beside other files', async () => {
    const named = Object.fromEntries(Object.entries(parts).map(([name, text]) => [`data/${name}`, text]))
    const entries = Object.entries({ ...named, 'data/README.md': 'x', '__MACOSX/data/._train.csv': 'x' })
    const tar = await packTar(entries.map(([name, body]) => ({ header: { name, size: body.length }, body })))
    const directory = await temporaryDirectory({
      'a.zip': zipOf(Object.fromEntries(entries)),
      'b.tar.gz': gzipSync(tar),
      'c.tar': tar,
    })
    for (const name of ['a.zip', 'b.tar.gz', 'c.tar']) {
      const { report } = await loadSplit(join(directory, name))
      expect(report.counts).toMatchObject({ rows: 34, test: 2 })
      expect(report.decisions[0]).toContain(`${name}/data/train.csv: format csv`)
      expect(report.files.map(({ path }) => path)).toEqual([join(directory, name)])
    }
  })

  it('leave nothing behind, also after an error', async () => {
    const left = async () => (await readdir(tmpdir())).filter(name => /^dualtree-\w{6}$/.test(name)).sort()
    const before = await left()
    await readText('a.zip', zipOf({ 'a.csv': TEXT }))
    await expect(readText('a.zip', zipOf({ 'a.csv': 'prose is\nhere\n' }))).rejects.toThrow('no format is like')
    await expect(readText('a.zip', zipOf({ 'x.txt': '1 2\n', 'y.txt': '1 2\n' }))).rejects.toThrow(
      'a.zip: expected train, valid and test files',
    )
    expect(await left()).toEqual(before)
  })

  it('an Excel workbook, and a damaged archive', async () => {
    await expect(readText('a.xlsx', zipOf({ 'xl/workbook.xml': '<x/>' }))).rejects.toThrow(
      'a.xlsx: an Excel workbook; save the sheet as CSV',
    )
    await expect(readText('a.zip', zipOf({ 'a.csv': TEXT }).subarray(0, 60))).rejects.toThrow(
      /^a\.zip: damaged zip archive: .*; unpack it first, or pack it again$/,
    )
  })

  it('paths that lead out of the archive stay in it', async () => {
    const read = await readText('a.zip', zipOf({ '../../evil.csv': TEXT })).catch(error => error)
    expect(String(read.message ?? '')).not.toContain('EACCES')
    expect(await readdir(join(tmpdir(), '..')).then(names => names.includes('evil.csv'))).toBe(false)
  })
})

describe('folders and globs', () => {
  it('shards are one table, empty ones and what Spark leaves beside them do not matter', async () => {
    const uuid = 'aabbccdd-1111-2222-3333-abcdefabcdef'
    const directory = await temporaryDirectory({
      [`part-00000-${uuid}-c000.csv`]: TEXT,
      [`part-00001-${uuid}-c000.csv`]: 'user_id,item_id\n5,6\n',
      [`part-00002-${uuid}-c000.csv`]: 'user_id,item_id\n',
      [`part-00003-${uuid}-c000.csv`]: '',
      _SUCCESS: '',
      '.part-00000.csv.crc': 'x',
    })
    const read = await readBack(directory)
    expect(read.pairs).toEqual([...PAIRS, [5, 6]])
    expect(read.decisions).toContain(`part-00002-${uuid}-c000.csv: no row.`)
    expect(read.decisions).toContain(`part-00003-${uuid}-c000.csv: empty, and left out.`)
    expect((await readBack(join(directory, '*'))).pairs).toEqual(read.pairs)
  })

  it('days of .json.gz, also in folders of their own', async () => {
    const directory = await temporaryDirectory({
      '2024-01-01.json.gz': gzipSync('{"user":1,"item":2}\n'),
      '2024-01-02.json.gz': gzipSync('{"user":3,"item":4}\n'),
    })
    expect((await readBack(directory)).pairs).toEqual(PAIRS)
    const nested = await temporaryDirectory()
    for (const [day, text] of [
      ['dt=2024-01-01', '1 2\n'],
      ['dt=2024-01-02', '3 4\n'],
    ]) {
      await mkdir(join(nested, day))
      await writeFile(join(nested, day, 'part-0.txt'), text)
    }
    expect((await readBack(nested)).pairs).toEqual(PAIRS)
  })

  it('parts are known by any word of their names, as shards and as folders', async () => {
    const names = async (files: string[]) => {
      const directory = await temporaryDirectory()
      for (const name of files) {
        await mkdir(join(directory, name, '..'), { recursive: true })
        await writeFile(join(directory, name), TEXT)
      }
      const found = await findData(directory)
      await found.dispose()
      return groupsOf(found).map(group => group.map(({ label }) => label))
    }
    expect(await names(['ml.train.inter', 'ml.valid.inter', 'ml.test.inter', 'ml.item'])).toEqual([['ml.train.inter'], ['ml.valid.inter'], ['ml.test.inter']]) // biome-ignore format: one line
    expect(await names(['u1.base', 'u1.test'])).toEqual([['u1.base'], ['u1.test']])
    expect(await names(['train-00000-of-00002.csv', 'train-00001-of-00002.csv', 'test-00000-of-00001.csv'])).toEqual([['train-00000-of-00002.csv', 'train-00001-of-00002.csv'], ['test-00000-of-00001.csv']]) // biome-ignore format: one line
    expect(await names(['train/part-0.csv', 'train/part-1.csv', 'val/part-0.csv', 'test/part-0.csv'])).toEqual([['train/part-0.csv', 'train/part-1.csv'], ['val/part-0.csv'], ['test/part-0.csv']]) // biome-ignore format: one line
    await expect(names(['a_train.csv', 'b_train.csv', 'test.csv'])).rejects.toThrow(
      'both a_train.csv and b_train.csv could be the train part',
    )
  })
})

describe('pipes', () => {
  it('are read once, and hashed', async () => {
    const directory = await temporaryDirectory()
    const pipe = join(directory, 'pipe')
    execFileSync('mkfifo', [pipe])
    spawn('sh', ['-c', `printf '${TEXT.replaceAll('\n', '\\n')}' > ${pipe}`])
    expect((await readBack(pipe)).pairs).toEqual(PAIRS)
  })
})

describe('columns of Parquet', () => {
  const parquet = async (select: string, wishes: Record<string, string> = {}) => {
    const path = join(await temporaryDirectory(), 'a.parquet')
    await copyByDuckDB(select, path)
    return readBack(path, wishes)
  }

  it.each([
    ['TIME', "TIME '10:00:00'"],
    ['BIGINT[]', '[1, 2]'],
    ['STRUCT(a INTEGER)', "{'a': 1}"],
  ])('a time of type %s is no time, and told of', async (type, sql) => {
    const read = await parquet(
      `SELECT 1 AS user_id, 2 AS item_id, ${sql}${type === 'BIGINT[]' ? '::BIGINT[]' : ''} AS "timestamp"`,
    )
    expect(read).not.toHaveProperty('times')
    expect(read.decisions).toContain(
      `a.parquet: column "timestamp" is of type ${type}, which is no time, and is not used.`,
    )
    await expect(
      parquet(`SELECT 1 AS user_id, 2 AS item_id, ${sql} AS "timestamp"`, { time: 'timestamp' }),
    ).rejects.toThrow('which is no time; ignore it with --time none')
  })

  it('bytes that are no text are ids by their hexadecimal digits', async () => {
    const read = await parquet("SELECT unhex('ff00' || range) AS user_id, 2 AS item_id FROM range(10, 12)")
    expect(read.pairs).toEqual([['ff0010', 2], ['ff0011', 2]]) // biome-ignore format: pairs
    expect(read.decisions.join()).toContain('column "user_id" holds bytes that are no text')
  })

  it('structs and lists: an error that names the field, and a path that reads it', async () => {
    const select = "SELECT {'id': 7, 'n': 1} AS user, [{'sku': 'a'}, {'sku': 'b'}] AS items"
    await expect(parquet(select, { item: 'items[].sku' })).rejects.toThrow(
      'a.parquet: column "user" holds objects such as "{\\"id\\":7,\\"n\\":1}"; name the field inside, such as --user "user.id"',
    )
    await expect(parquet(select, { user: 'user.id', item: 'items' })).rejects.toThrow(
      'a row for each entry is made by --item "items[].sku"',
    )
    expect((await parquet(select, { user: 'user.id', item: 'items[].sku' })).pairs).toEqual([[7, 'a'], [7, 'b']]) // biome-ignore format: pairs
  })

  it('decimals, large integers, enums and a column called file_row_number', async () => {
    const read = await parquet(
      'SELECT 5.00::DECIMAL(9, 2) AS user_id, 9007199254740993::BIGINT AS item_id, 1 AS file_row_number, 4.5::DECIMAL(3, 1) AS rating',
    )
    expect(read).toMatchObject({ pairs: [[5, '9007199254740993']], ratings: [4.5] })
  })
})
