import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import { readTable } from '../../src/dataset/table.ts'
import { openModel } from '../../src/serving/model/open-model.ts'
import { runHere, writeSmallData } from '../support/cli.ts'
import { sharedDirectory } from '../support/directory.ts'

const directory = sharedDirectory()
const out = join(directory, 'run')
let input: string
const QUICK = ['--model', 'mf', '--dimensions', '8', '--epochs', '2', '--leaf-size', '8', '--quiet']
const fuse = ['--fuse-with', 'rp3beta', '--fuse-depth', '40']

beforeAll(async () => {
  input = writeSmallData(directory)
  const { code, stderr } = await runHere(['run', input, '--out', out, ...QUICK, ...fuse])
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
})

const parts = ['train', 'valid', 'test'] as const
const knownOf = (user: string) =>
  parts
    .flatMap(part => readFileSync(join(input, `${part}.txt`), 'utf8').split('\n'))
    .filter(line => line.startsWith(`${user} `))
    .map(line => line.split(' ')[1])

describe('dualtree fit', () => {
  it('fits the row that is best on validation data, on all data, and serving uses it', async () => {
    const { code, stdout } = await runHere(['fit', out, '--quiet', '--json'])
    expect(code).toBe(0)
    const fitted = JSON.parse(stdout)
    const recalls = fitted.rows.map((row: { metrics: Record<string, number> }) => row.metrics['recall@20'])
    expect(recalls).toEqual(recalls.toSorted((a: number, b: number) => b - a))
    expect(fitted.rows.map((row: { method: string }) => row.method).toSorted()).toEqual(
      ['dtl-ns', 'dtl-ns+rp3beta', 'ease', 'item-knn', 'mf+mixgcf', 'mf+mixgcf+rp3beta', 'popularity'].toSorted(),
    )
    expect(fitted.method).toBe(fitted.rows[0].method)
    expect(fitted.metrics).toEqual(fitted.rows[0].metrics)
    // nothing of the test data was measured again, and all of it is known now
    const model = await openModel(out)
    expect(model.info).toMatchObject({ method: fitted.method, fittedOn: 'all', metrics: fitted.metrics })
    expect(model.historyOf('u7')!.toSorted()).toEqual(knownOf('u7').toSorted())
    const { stdout: said, stderr } = await runHere(['recommend', out, '--user', 'u7', '--k', '3'])
    expect(said).toMatch(/^for +by +rank +item +score\n.*\nu7 +user +1 /)
    expect(stderr).toBe(`Model: ${fitted.method}, fitted on all data (${model.info.id}).\n`)
  })

  it('trains a model once more, for the epochs that validation chose, and the same bytes again', async () => {
    const fitAgain = async () => {
      const { code, stdout } = await runHere(['fit', out, '--method', 'dtl-ns+rp3beta', '--quiet', '--json'])
      expect(code).toBe(0)
      return JSON.parse(stdout)
    }
    const { hash, rows } = await fitAgain()
    expect(rows).toEqual([])
    const { bestEpoch } = JSON.parse(readFileSync(join(out, 'train-dtl-ns', 'history.json'), 'utf8'))
    const final = JSON.parse(readFileSync(join(out, 'final-dtl-ns', 'history.json'), 'utf8'))
    expect(final.history).toHaveLength(bestEpoch)
    expect((await fitAgain()).hash).toBe(hash)
    const { items } = (await openModel(out)).recommend({ user: 'u7', k: 5, explain: true })
    expect(items).toHaveLength(5)
    expect(items.some(({ item }) => knownOf('u7').includes(String(item)))).toBe(false)
    const item = (await openModel(out)).item(items[0].item)!
    expect(item.codes).toEqual({ structural: expect.stringMatching(/^[\d-]*$/), semantic: expect.any(String) })
  })

  it('starts from data, with a table of items, and says what became of it', async () => {
    const items = join(directory, 'items.csv')
    const lines = Array.from(
      { length: 30 },
      (_, item) => `i${item},Thing ${item},${item % 3},${item % 2 ? 'odd' : 'even'}`,
    )
    writeFileSync(
      items,
      ['item_id,title,stock,kind', ...lines, 'new,New thing,5,odd', 'alone,Alone,5,none', 'i3,x,1,x', ''].join('\n'),
    )
    const other = join(directory, 'other')
    const { code, stdout } = await runHere([
      ...['fit', input, '--out', other, '--method', 'rp3beta', '--items', items, '--quiet'],
    ])
    expect(code).toBe(0)
    // lines break between words
    expect(stdout.split('\n').every(line => line.length <= 100 || !line.trim().includes(' '))).toBe(true)
    expect(stdout.replaceAll(/(?<=[a-z;,]|\d)\n(?!Items|Model|Serve)/g, ' ').trimEnd()).toMatch(
      /^Fitted rp3beta on all \d+ interactions of 80 users and \d+ items\.\nItems: 32 rows; \d+ items of the model are not among them; 1 without interactions are placed by their attributes, 1 share no value with any item and cannot be recommended; left out: 1 repeated, 0 without id, 0 unreadable\.\nModel [0-9a-f]{8}, \d+\.\d MB: \S+model\nServe it: dualtree serve \S+$/,
    )
    const asked = ['recommend', other, '--history', 'i1,i2', '--k', '30', '--filter', 'stock >= 2', '--format', 'json']
    const { answers } = JSON.parse((await runHere(asked)).stdout)
    const ids = answers[0].items.map(({ item }: { item: string }) => item)
    expect(ids).toContain('new')
    for (const id of ids) if (id !== 'new') expect(Number(id.slice(1)) % 3).toBe(2)
    const table = (await runHere(['similar', other, 'i4', '--k', '2'])).stdout
    expect(table).toMatch(/^for +by +rank +item +title +score\n.*\ni4 +history +1 /)
    const ranked = JSON.parse(
      (await runHere(['rank', other, 'i5', 'gone', 'i4', '--history', 'i1,i2', '--json'])).stdout,
    )
    const model = await openModel(other)
    const same = model.rank({ history: ['i1', 'i2'], items: ['i5', 'gone', 'i4'], requestId: ranked.requestId })
    expect(ranked).toEqual({ info: model.info, ...same })
    expect(same).toMatchObject({ by: 'history', items: [{}, {}], unknown: { items: 1 } })
    model.close()
    expect((await runHere(['rank', other, 'i5', '--user', 'u7'])).stdout).toMatch(/\nu7 +user +1 +i5 /)
    expect(await runHere(['rank', other, 'i5'])).toMatchObject({
      code: 2,
      stderr: 'error: no user given: --user ID, or --history ITEM …\n',
    })
    expect(await runHere(['recommend', other, '--history', 'i1', '--filter', 'stok > 1'])).toMatchObject({
      code: 2,
      stderr: 'error: --filter: unknown attribute "stok": known are stock, kind; did you mean "stock"?\n',
    })
    expect(await runHere(['recommend', other, '--history', 'i1', '--k', '0'])).toMatchObject({
      code: 2,
      stderr: 'error: --k: expected at least 1, got 0\n',
    })
  })

  it('refuses, before it is fitted, what is too large to be served', async () => {
    const large = join(directory, 'large.txt')
    writeFileSync(large, Array.from({ length: 72_000 }, (_, row) => `${row % 3001} ${row % 24_000}\n`).join(''))
    const words = ['fit', large, '--out', join(directory, 'large'), '--method', 'ease', '--quiet']
    const ease = ['--baselines', 'ease', '--ease-max-items', '60000']
    expect(await runHere([...words, ...ease])).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(
        /^error: ease of 23,\d+ items is too large to be served: choose another --method, or leave out rare items \(--k-core\)\n$/,
      ),
    })
  })

  it('refuses what is not a row', async () => {
    expect(await runHere(['fit', out, '--method', 'dtlns', '--quiet'])).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(/^error: there is no row "dtlns" to fit: there are .*did you mean "dtl-ns"\?\n$/),
    })
  })
})

describe('dualtree export', () => {
  it('writes the fitted model as a folder, which serves the same', async () => {
    const folder = join(directory, 'folder')
    await runHere(['fit', out, '--method', 'mf+mixgcf', '--quiet'])
    const { code, stdout } = await runHere(['export', out, '--to', 'folder', '--out', folder])
    expect({ code, stdout }).toEqual({ code: 0, stdout: expect.stringMatching(/^Model mf\+mixgcf \([0-9a-f]{8}\), /) })
    const ask = async (path: string) =>
      JSON.parse((await runHere(['recommend', path, '--user', 'u7', '--json'])).stdout)
    const [one, two] = [await ask(out), await ask(folder)]
    expect(two.answers[0].items).toEqual(one.answers[0].items)
    expect(two.model).toEqual(one.model)
  })

  it('writes vectors of any row, and says which rows have none', async () => {
    const vectors = join(directory, 'vectors')
    expect((await runHere(['export', out, '--to', 'parquet', '--out', vectors, '--method', 'dtl-ns'])).code).toBe(0)
    const { user_id } = await readTable(join(vectors, 'users.parquet'), ['user_id'])
    expect(user_id).toHaveLength(80)
    const refused = await runHere([
      'export',
      out,
      '--to',
      'pgvector',
      '--out',
      join(directory, 'x.sql'),
      '--method',
      'dtl-ns+rp3beta',
    ])
    expect(refused).toMatchObject({ code: 2, stderr: expect.stringContaining('with --method dtl-ns;') })
    expect((await runHere(['export', out, '--to', 'milvus', '--out', 'x'])).code).toBe(2)
  })
})

it('a model folder that is damaged ends recommend with one line and exit code 3', async () => {
  await runHere(['fit', out, '--method', 'popularity', '--quiet'])
  const path = join(out, 'model', 'model.safetensors')
  const bytes = readFileSync(path)
  bytes[bytes.length - 5] ^= 1
  writeFileSync(path, bytes)
  expect(await runHere(['recommend', out, '--user', 'u7'])).toEqual({
    code: 3,
    stdout: '',
    stderr: expect.stringMatching(/^error: \S+model\.safetensors: damaged: [^\n]+; export the model again\n$/),
  })
})
