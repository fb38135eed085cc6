import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import { withDatabase } from '../../src/dataset/files/duckdb.ts'
import { exportTables } from '../../src/run/export-tables.ts'
import { runGiven as run } from '../../src/run/run.ts'
import { hashArtifacts } from '../support/artifacts.ts'
import { runHere, writeSmallData } from '../support/cli.ts'
import { sharedDirectory } from '../support/directory.ts'
import { SMALL_RUN } from '../support/small-run.ts'

const directory = join(sharedDirectory(), 'run')
const to = join(sharedDirectory(), 'tables')
const what = ['embeddings', 'negatives', 'codes', 'verdicts'] as const
let said: string[]

beforeAll(async () => {
  const options = { ...SMALL_RUN, model: 'lightgcn', layers: 2, negatives: 2, candidatesPerUser: 10, use: 'positives' }
  await run({ directory, source: writeSmallData(sharedDirectory()), options })
  said = await exportTables({ directory, what: [...what], to, perPositive: 3 })
})

const query = (sql: string, from = to) =>
  withDatabase(undefined, database => database.rows(sql.replace(/<([\w-]+)>/g, (_, name) => `'${join(from, name)}.parquet'`))) // biome-ignore format: one line

describe('export --what', () => {
  it('embeddings and codes are those of DTL-NS and its trees, by external ids', async () => {
    const [[users, length]] = await query('SELECT count(DISTINCT user_id), max(len(vector)) FROM <embeddings-users>')
    expect([Number(users), Number(length)]).toEqual([80, 8])
    const [[items, coded]] = await query(
      'SELECT count(*), count(DISTINCT c.structural) FROM <embeddings-items> i JOIN <codes> c USING (item_id)',
    )
    expect(Number(items)).toBe(Number((await query('SELECT count(*) FROM <codes>'))[0][0]))
    expect(Number(coded)).toBeGreaterThan(2)
  })

  it('negatives: as many as asked for each observed or judged positive, never one of those, with scores and similarities', async () => {
    const pairs = `(SELECT user_id, item_id FROM '${join(directory, 'data', 'train.parquet')}'
      UNION SELECT user_id, item_id FROM <verdicts> WHERE verdict = 'positive')`
    const counts = await query(`SELECT n, count(*) FROM (SELECT user_id, positive_id, count(*) AS n FROM <negatives> GROUP BY ALL) GROUP BY n`) // biome-ignore format: one line
    const [[positives, judged]] = await query(`SELECT count(*), (SELECT count(*) FROM <verdicts> WHERE verdict = 'positive') FROM ${pairs}`) // biome-ignore format: one line
    expect(Number(judged)).toBeGreaterThan(0)
    expect(counts.map(row => row.map(Number))).toEqual([[3, Number(positives)]])
    const [[known, unknown]] = await query(
      `SELECT count(*) FILTER (WHERE (user_id, negative_id) IN (SELECT (user_id, item_id) FROM ${pairs})),
        count(*) FILTER (WHERE (user_id, positive_id) NOT IN (SELECT (user_id, item_id) FROM ${pairs})) FROM <negatives>`,
    )
    expect([Number(known), Number(unknown)]).toEqual([0, 0])
    const [[score, structural, semantic, different]] = await query(
      `SELECT max(abs(n.score - list_inner_product(u.vector, i.vector))), ${['structural', 'semantic']
        .map(view => `max(abs(n.${view}_similarity - ${similarity(`p.${view}`, `c.${view}`)}))`)
        .join()}, count(DISTINCT n.structural_similarity)
       FROM <negatives> n JOIN <embeddings-users> u USING (user_id) JOIN <embeddings-items> i ON i.item_id = negative_id
       JOIN <codes> c ON c.item_id = negative_id JOIN <codes> p ON p.item_id = positive_id`,
    )
    expect(Number(different)).toBeGreaterThan(1)
    expect(Math.max(Number(score), Number(structural), Number(semantic))).toBeLessThan(1e-6)
  })

  it('hard ones: they score higher than uniform draws on the same vectors', async () => {
    const [[hard]] = await query('SELECT avg(score) FROM <negatives>')
    const [[any]] = await query('SELECT avg(list_inner_product(u.vector, i.vector)) FROM <embeddings-users> u, <embeddings-items> i') // biome-ignore format: one line
    expect(Number(hard)).toBeGreaterThan(Number(any))
  })

  it('says what is in each file, makes nothing of the run anew, and gives the same bytes again', async () => {
    expect(said.join('\n')).toMatch(/negatives\.parquet: [\d,]+ rows, 3 per positive, picked by dual-tree with the vectors of dtl-ns\./) // biome-ignore format: one line
    const before = hashArtifacts(directory)
    const again = join(sharedDirectory(), 'again')
    await exportTables({ directory, what: ['negatives'], to: again, perPositive: 3 })
    expect(hashArtifacts(directory)).toEqual(before)
    const both = `(SELECT * FROM <negatives> EXCEPT ALL SELECT * FROM '${join(again, 'negatives.parquet')}')`
    expect(Number((await query(`SELECT count(*) FROM ${both}`))[0][0])).toBe(0)
    expect(existsSync(join(again, 'codes.parquet'))).toBe(false)
  })

  it.each([
    [
      ['--what', 'negatives', '--method', 'ease'],
      '--method ease: no row of the run with vectors of its own: choose from lightgcn+mixgcf, dtl-ns',
    ],
    [
      ['--what', 'negative'],
      'export: --what: expected one of embeddings, negatives, codes, verdicts; did you mean "negatives"?, got "negative"',
    ],
    [['--what', 'codes', '--out', 'x'], '--out x: with --what, the directory to write is --to'],
    [['--per-positive', '3', '--out', 'x'], '--per-positive is for --what: give both'],
  ])('%j: %s', async (flags, message) => {
    const { code, stderr } = await runHere(['export', directory, '--to', to, ...flags])
    expect([code, stderr.trim()]).toEqual([2, `error: ${message}`])
  })

  it('a run without verdicts names the command that makes them', async () => {
    const young = join(sharedDirectory(), 'young')
    await run({ directory: young, source: writeSmallData(sharedDirectory()), options: SMALL_RUN, until: 'trees' })
    await exportTables({ directory: young, what: ['codes'], to: join(young, 'tables') })
    await expect(exportTables({ directory: young, what: ['verdicts'], to })).rejects.toThrow(
      `${young}: the stage "candidates" is not there, or was made with other options: run "dualtree judge ${young}" first`,
    )
  })
})

/** LCP / min length of two codes as texts, in SQL. */
function similarity(a: string, b: string): string {
  const [left, right] = [a, b].map(code => `string_split(${code}, '-')`)
  const shorter = `least(len(${left}), len(${right}))`
  return `len(list_filter(range(1, ${shorter} + 1), n -> ${left}[1:n] = ${right}[1:n])) / ${shorter}`
}
