import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import { formatResults, formatStages } from '../../src/cli/shared/results.ts'
import { sha256 } from '../../src/files.ts'
import { metrics as metricParts } from '../../src/metrics/index.ts'
import { defineBaseline } from '../../src/models/baselines/baseline.ts'
import { ease } from '../../src/models/baselines/ease.ts'
import { baselines } from '../../src/models/baselines/index.ts'
import { gatherReport } from '../../src/report/run-report.ts'
import type { Run } from '../../src/run/context.ts'
import { type MetricsRow, metricsFileSchema, overSeeds } from '../../src/run/metrics-file.ts'
import { planRun } from '../../src/run/options/plan-run.ts'
import type { RunResult } from '../../src/run/request.ts'
import { runGiven as run } from '../../src/run/run.ts'
import { repeatsOf, runsBySeed, seedsOf } from '../../src/run/seeds.ts'
import { openRun } from '../../src/serving/model/open-run.ts'
import { writeSmallData } from '../support/cli.ts'
import { sharedDirectory } from '../support/directory.ts'

const directory = sharedDirectory()
const TINY = {
  dimensions: 4,
  layers: 1,
  epochs: 2,
  threads: 1,
  batchSize: 256,
  leafSize: 8,
  compare: ['uniform'],
  historyAtTest: 'train',
}
const at = (...names: string[]) => join(directory, ...names)
let source: string
let three: RunResult

beforeAll(async () => {
  source = writeSmallData(directory)
  three = await run({ directory: at('three'), source, options: { ...TINY, seed: 5, seeds: 3 } })
})

const read = (path: string) => readFileSync(path)
const rowsOf = ({ metrics }: RunResult, seed: number) => metrics!.rows.filter(row => row.seed === seed)

describe('a run over seeds 5, 6 and 7', () => {
  it('has a row for each trained method and seed, and one for a baseline', () => {
    expect(metricsFileSchema.parse(three.metrics)).toEqual(three.metrics)
    expect(three.metrics!.rows.map(({ method, seed }) => `${method} ${seed}`)).toEqual([
      'popularity 5',
      'item-knn 5',
      'ease 5',
      ...['lightgcn+mixgcf', 'lightgcn+uniform', 'dtl-ns'].flatMap(name => [5, 6, 7].map(seed => `${name} ${seed}`)),
    ])
  })

  it('keeps the plain folders for the first seed and says of each row where it was made', () => {
    for (const row of three.metrics!.rows) {
      expect(existsSync(at('three', row.evaluation, 'per-user.parquet')), row.evaluation).toBe(true)
      if (row.training) expect(existsSync(at('three', row.training, 'model.safetensors')), row.training).toBe(true)
    }
    expect(rowsOf(three, 5).at(-1)).toMatchObject({ evaluation: 'evaluate-dtl-ns', training: 'train-dtl-ns' })
    expect(rowsOf(three, 7)[0]).toMatchObject({
      evaluation: 'evaluate-lightgcn+mixgcf-seed7',
      training: 'train-base-seed7',
    })
    for (const stage of ['trees-seed6', 'candidates-seed6', 'judge-seed6'])
      expect(existsSync(at('three', stage))).toBe(true)
    expect(existsSync(at('three', 'data-seed6'))).toBe(false)
  })

  it('says of seed 7 what a run with seed 7 alone says', async () => {
    const alone = await run({ directory: at('alone'), source, options: { ...TINY, seed: 7 } })
    const trained = rowsOf(alone, 7).filter(row => row.training)
    expect(rowsOf(three, 7).map(({ method, metrics }) => ({ method, metrics }))).toEqual(
      trained.map(({ method, metrics }) => ({ method, metrics })),
    )
    const model = (...folder: string[]) => sha256(read(at(...folder, 'model.safetensors')))
    expect(model('three', 'train-dtl-ns-seed7')).toBe(model('alone', 'train-dtl-ns'))
    expect(model('three', 'train-dtl-ns-seed7')).not.toBe(model('three', 'train-dtl-ns'))
  })

  it('goes on from a run with fewer seeds', async () => {
    const made: string[] = []
    const grow = (seeds: number) =>
      run({
        directory: at('grown'),
        source,
        options: { ...TINY, seed: 5, seeds },
        emit: event => event.type === 'stage-end' && !event.reused && made.push(event.stage),
      })
    await grow(1)
    made.length = 0
    const grown = await grow(2)
    expect(made.length).toBeGreaterThan(0)
    expect(made.filter(stage => !stage.endsWith('-seed6'))).toEqual([])
    expect(rowsOf(grown, 6).map(({ metrics }) => metrics)).toEqual(rowsOf(three, 6).map(({ metrics }) => metrics))
  })

  it('serves and reports the models of the first seed, with means in the table', async () => {
    await expect(openRun(at('three'), 'dtl-ns-seed6')).rejects.toThrow(
      `there are lightgcn+mixgcf, dtl-ns, lightgcn+uniform, ${baselines.names.join(', ')}; did you mean "dtl-ns"?`,
    )
    const { rows, curves, stages, summary } = await gatherReport(at('three'))
    expect(new Set(rows.map(({ method }) => method)).size).toBe(6)
    expect(curves.map(({ method }) => method)).toEqual(['lightgcn+mixgcf', 'lightgcn+uniform', 'dtl-ns'])
    expect(stages.map(({ stage }) => stage)).toContain('judge-seed7')
    expect(new Set(stages.map(({ stage }) => stage)).size).toBe(stages.length)
    // six epochs are all that its trainings had
    expect(summary).toMatch(/No verdict yet: not converged: lightgcn\+mixgcf, dtl-ns /)
  })

  it('prints mean ± deviation, and seconds of a stage over all seeds', () => {
    const text = formatResults(three.metrics!, 400)
    // the metrics that have a heading, and no others
    const headings = metricParts.parts.flatMap(({ heading }) => heading ?? [])
    expect(headings.length).toBeGreaterThan(0)
    expect([...text.split('\n')[0].matchAll(/\S+(?=@10\b)/g)].map(([title]) => title)).toEqual(headings)
    const [{ metrics, deviations }] = overSeeds(three.metrics!.rows).slice(-1)
    const decimals = (value: number) => value.toFixed(4).slice(1)
    expect(text).toContain(`${decimals(metrics['recall@20'])} ±${decimals(deviations!['recall@20'])}`)
    expect(text).toContain('mean ± standard deviation over the seeds 5 to 7, time per seed')
    expect(text.split('\n').find(line => line.startsWith('ease'))).not.toContain('±')
    const stage = (name: string, seconds: number) => ({ stage: name, seconds, peakBytes: 2e6 })
    const made = [stage('trees', 1), stage('judge', 2), stage('trees-seed2', 3), stage('data', 0.5)]
    // three rows of the table need the trees
    expect(formatStages([...made, stage('trees', 1), stage('trees', 1), stage('candidates', 0.6)])).toBe(
      'Stages:  7.1 s, most of it trees 4.0 s, judge 2.0 s, candidates 0.60 s\nMemory:  2.00 MB at the peak of the process',
    )
  })
})

describe('overSeeds', () => {
  it('has means, sample deviations, the most memory and the mean time: computed by hand', () => {
    const row = (seed: number, recall: number, seconds: number, peakBytes: number) =>
      ({
        method: 'a',
        protocol: 'strict',
        variant: 'history train',
        seed,
        options: {},
        seconds,
        peakBytes,
        metrics: { r: recall },
        evaluation: '',
      }) satisfies MetricsRow
    const rows = [row(1, 0.25, 2, 30), row(2, 0.5, 4, 10), row(3, 0.75, 9, 20)]
    expect(overSeeds([...rows, { ...rows[0], protocol: 'released' }])).toEqual([
      { method: 'a', protocol: 'strict', variant: 'history train', options: {}, seeds: [1, 2, 3], seconds: 5, peakBytes: 30, metrics: { r: 0.5 }, deviations: { r: 0.25 } },
      { method: 'a', protocol: 'released', variant: 'history train', options: {}, seeds: [1], seconds: 2, peakBytes: 30, metrics: { r: 0.25 } },
    ]) // biome-ignore format: a row a line
    const kinds = overSeeds([...rows, ...rows.map(row => ({ ...row, variant: 'refit' as const, metrics: { r: 1 } }))])
    expect(kinds.map(({ variant, metrics }) => [variant, metrics.r])).toEqual([
      ['history train', 0.5],
      ['refit', 1],
    ])
  })
})

describe('what is repeated', () => {
  const plan = planRun({ seed: 3, seeds: 2 })
  const runs = runsBySeed({ plan } as Run)

  it('every seed has its own plan and folders', () => {
    expect(seedsOf(plan)).toEqual([3, 4])
    expect(runs.map(({ plan: { run }, repeatSeed }) => [run.seed, repeatSeed])).toEqual([
      [3, undefined],
      [4, 4],
    ])
  })

  it('baselines that draw random numbers are made for every seed, others once', () => {
    const stochastic = defineBaseline({
      ...ease,
      stochastic: true,
      fit: (context, options) => ease.fit(context, options),
    })
    expect(repeatsOf(stochastic, runs)).toHaveLength(2)
    expect(repeatsOf(ease, runs)).toEqual([runs[0]])
  })
})
