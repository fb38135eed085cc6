import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import { type RescoredRun, rescoreRun } from '../../src/comparison/rescore.ts'
import { headlineRows, overSeeds } from '../../src/run/metrics-file.ts'
import type { RunResult } from '../../src/run/request.ts'
import { run } from '../../src/run/run.ts'
import { runHere, writeSmallData } from '../support/cli.ts'
import { sharedDirectory } from '../support/directory.ts'

const directory = sharedDirectory()
const at = (...names: string[]) => join(directory, ...names)
const OPTIONS = {
  threads: 1,
  dimensions: 4,
  layers: 1,
  epochs: 3,
  batchSize: 256,
  baselines: ['popularity', 'ease'],
  seeds: 2,
}
let made: RunResult
let trainMasked: RunResult
let scored: RescoredRun

beforeAll(async () => {
  const source = writeSmallData(directory)
  const start = (name: string, options: object) =>
    run({ directory: at(name), source, until: 'base', options: { ...OPTIONS, ...options } })
  made = await start('run', {})
  trainMasked = await start('train-masked', { maskAtTest: 'train' })
  await start('validated', { evaluateOn: 'valid' })
  scored = await rescoreRun(at('run'))
})

const metricOf = ({ metrics }: RunResult, method: string, metric: string) =>
  overSeeds(headlineRows(metrics!.rows)).find(row => row.method === method)!.metrics[`${metric}@20`]

describe('a run by the definitions of other libraries', () => {
  it('has our own figures as in its table, which are also RecBole’s', () => {
    const own = scored.rows.filter(row => row.library === 'RecBole 1.2.1')
    expect(own).toHaveLength(18)
    for (const row of own) {
      expect(row.ours).toBeCloseTo(metricOf(made, row.method, row.metric), 12)
      expect(row.sameLists).toBe(row.ours)
      expect(row).not.toHaveProperty('ownMask')
      expect(row.causes).toEqual([])
    }
  })

  it('ranks again for another mask: what a run with that mask has', () => {
    const own = scored.rows.filter(row => row.library === 'implicit 0.7.3' && row.metric === 'ndcg')
    expect(own.map(({ method }) => method)).toEqual(['popularity', 'ease', 'lightgcn+mixgcf'])
    for (const row of own) {
      expect(row.ownMask).toBeCloseTo(metricOf(trainMasked, row.method, 'ndcg'), 12)
      expect(row.causes).toEqual(row.ownMask === row.sameLists ? [] : ['masks train only (train_user_items)'])
    }
    expect(own.some(row => row.causes.length > 0)).toBe(true)
  })

  it('names the formula and the mask as causes', () => {
    const row = scored.rows.find(
      ({ library, method, metric }) => library === 'RecTools 0.19.0' && method === 'ease' && metric === 'ndcg',
    )!
    expect(row.sameLists).toBeLessThan(row.ours)
    expect(row.causes).toEqual([
      'the ideal list has K hits, however few items are held out',
      'masks train only (filter_viewed)',
    ])
  })

  it('masks the other way round for a run that masks train only, and not at all on validation', async () => {
    const other = await rescoreRun(at('train-masked'), { libraries: ['recbole', 'implicit'], methods: ['ease'] })
    const ndcg = other.rows.filter(({ metric }) => metric === 'ndcg')
    expect(ndcg[0].ownMask).toBeCloseTo(metricOf(made, 'ease', 'ndcg'), 12)
    expect(ndcg[1]).not.toHaveProperty('ownMask')
    const validated = await rescoreRun(at('validated'))
    expect(validated.evaluatedOn).toBe('valid')
    expect(validated.rows.filter(row => row.ownMask !== undefined)).toEqual([])
  })

  it('takes lists of any length up to the longest', async () => {
    const short = await rescoreRun(at('run'), { cutoff: 3, ranking: false, methods: ['ease'] })
    expect(short.cutoff).toBe(3)
    expect(short.rows.every(row => row.ownMask === undefined)).toBe(true)
    await expect(rescoreRun(at('run'), { cutoff: 51 })).rejects.toThrow(
      `--cutoff 51: the lists of ${at('run')} have 50 items; evaluate with longer ones`,
    )
    await expect(rescoreRun(at('run'), { methods: ['eas'] })).rejects.toThrow(
      'unknown method "eas": there are popularity, ease, lightgcn+mixgcf; did you mean "ease"?',
    )
    await expect(rescoreRun(at('run'), { libraries: ['lightfm'] })).rejects.toThrow('recbole, rectools, elliot')
  })
})

describe('dualtree rescore', () => {
  it('prints a table a library with the causes, and where its source says so; the same as JSON', async () => {
    const { stdout, stderr, code } = await runHere(['rescore', at('run'), '--methods', 'ease'])
    expect({ stderr, code }).toEqual({
      stderr: expect.stringMatching(
        /^Scoring one row by the definitions of RecBole 1.2.1, [^…]*,\s+implicit 0.7.3 …\n {2}rescore: \d+\.\d+ s\n$/,
      ),
      code: 0,
    })
    expect(stdout).toMatch(
      /^Lists of 20 items for 60 users with test data, train\+valid masked; data hash beaf5f4113a9$/m,
    )
    expect(stdout).toMatch(/^LensKit 2025\.8\.1 +metric +ours +theirs +own mask +cause of the difference$/m)
    expect(stdout).toMatch(
      /^ease +ndcg +\.\d{4} +\.\d{4} +\.\d{4} {2}the ideal list has K hits[^;\n]*; masks train only/m,
    )
    expect(stdout).toContain('implicit/evaluation.pyx (ranking_metrics_at_k)')
    const json = await runHere(['rescore', at('run'), '--quiet', '--json'])
    expect(JSON.parse(json.stdout)).toEqual(scored)
    expect(JSON.parse(await readFile(at('run', 'metrics.json'), 'utf8')).dataHash).toBe(scored.dataHash)
  })
})
