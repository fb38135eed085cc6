import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import { withDatabase } from '../../src/dataset/files/duckdb.ts'
import { QUICK, runHere, writeSmallData } from '../support/cli.ts'
import { sharedDirectory } from '../support/directory.ts'

const directory = join(sharedDirectory(), 'run')
const items = join(sharedDirectory(), 'items.csv')
let [input, said] = ['', '']

beforeAll(async () => {
  input = writeSmallData(sharedDirectory())
  const rows = Array.from({ length: 120 }, (_, item) => `i${item},"Thing <${item}>"\n`)
  writeFileSync(items, `id,name\n${rows.slice(0, 100).join('')}`)
  const flags = [...QUICK, '--baselines', 'popularity', '--history-at-test', 'train', '--items', items]
  const { code, stderr } = await runHere(['run', input, '--out', directory, ...flags])
  expect(code).toBe(0)
  said = stderr
})

/** After two epochs popularity is the best row, and says neither what is similar nor why. */
const VECTORS = ['--method', 'dtl-ns']

describe('titles of --items', () => {
  it('are announced, and shown by recommend, similar and explain; an item without one has its id', async () => {
    expect(said).toMatch(/Titles: column "name" of .*items\.csv, for \d+ of \d+ items\./)
    const recommend = await runHere(['recommend', directory, '--user', 'u1', '--k', '100', '--explain', ...VECTORS])
    expect(recommend.stdout).toMatch(/ i7 +Thing <7> /)
    expect(recommend.stdout).toMatch(/Thing <\d+> \(\d\.\d\d\)/)
    expect(recommend.stdout).toMatch(/ i1[01]\d + {2}/)
    const similar = await runHere(['similar', directory, 'i3', '--json', ...VECTORS])
    expect(JSON.parse(similar.stdout).items[0]).toMatchObject({ item: expect.any(String), title: expect.stringMatching(/^Thing/) }) // biome-ignore format: one line
    const out = join(directory, 'all.parquet')
    await runHere(['recommend', directory, '--all', '--out', out, ...VECTORS])
    const [[titled]] = await withDatabase(undefined, database =>
      database.rows(`SELECT count(*) FROM '${out}' WHERE title = 'Thing <' || item_id[2:] || '>'`),
    )
    expect(Number(titled)).toBeGreaterThan(500)
  })

  it('stand in the report: three users, trees, inspector', () => {
    const report = readFileSync(join(directory, 'report.html'), 'utf8')
    expect(report).toMatch(/recommends to three users[^§]*?Thing &lt;\d+&gt; \(i\d+\)/)
    expect(report).toMatch(/Most popular: .*Thing &lt;\d+&gt; \(i\d+\)/)
    expect(report).toMatch(/\["i\d+","[\d-]+","[\d-]+",\d+,"Thing \\u003c\d+>"\]/)
  })

  it('stay when the file has gone, and go with other data', async () => {
    rmSync(items)
    const again = await runHere(['evaluate', directory])
    expect(again.code).toBe(0)
    expect((await runHere(['similar', directory, 'i3', ...VECTORS])).stdout).toContain('Thing <')
    const flags = [...QUICK, '--baselines', 'popularity', '--force']
    await runHere(['data', input, '--out', directory, ...flags.slice(-1)])
    expect((await runHere(['similar', directory, 'i3', '--method', 'popularity'])).stdout).not.toContain('Thing <')
  })

  it('of a column that is not there stop the run before anything is trained', async () => {
    writeFileSync(items, 'id,price\ni1,3\n')
    const { code, stderr } = await runHere([
      'run',
      input,
      '--out',
      join(directory, 'x'),
      '--items',
      items,
      '--title',
      'name',
    ])
    expect([code, stderr]).toEqual([3, expect.stringContaining('has no column "name" (--title): there are price')]) // biome-ignore format: one line
    expect(stderr).not.toContain('Training')
  })
})
