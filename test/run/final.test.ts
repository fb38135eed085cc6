import { beforeAll, expect, it } from 'vitest'
import { renderReport } from '../../src/report/report.ts'
import { gatherReport } from '../../src/report/run-report.ts'
import { parseMethod, rowsOfMethod } from '../../src/research/sweeps/method.ts'
import { exportTables } from '../../src/run/export-tables.ts'
import { planRun } from '../../src/run/options/plan-run.ts'
import type { RunResult } from '../../src/run/request.ts'
import { runGiven as run } from '../../src/run/run.ts'
import { openRun } from '../../src/serving/model/open-run.ts'
import { writeSmallData } from '../support/cli.ts'
import { sharedDirectory } from '../support/directory.ts'
import { watchStages } from '../support/small-run.ts'

const directory = sharedDirectory()
const TINY = {
  threads: 1,
  dimensions: 4,
  layers: 1,
  epochs: 8,
  validateEvery: 1,
  patience: 2,
  learningRate: 0.2,
  batchSize: 256,
  leafSize: 8,
  seeds: 2,
}
const options = { ...TINY, baselines: ['item-knn'], final: 'base', evaluateOn: 'valid' }
const at = (name: string) => `${directory}/${name}`
const withoutSeeds = (stages: readonly string[]) => [...new Set(stages.map(stage => stage.replace(/-seed\d$/, '')))]
const stages = watchStages()
let source: string
let made: RunResult

beforeAll(async () => {
  source = writeSmallData(directory)
  const asked = { ...options, fuseWith: 'rp3beta', rerank: 'learned' }
  made = await run({ directory: at('run'), source, options: asked, emit: stages.emit })
})

const methodsOf = ({ metrics }: RunResult) => [...new Set(metrics!.rows.map(({ method }) => method))]

it('--final base trains no DTL-NS and judges nothing: its base model is fused, ranked again and served', async () => {
  expect(methodsOf(made)).toEqual(['item-knn', 'lightgcn+mixgcf', 'lightgcn+mixgcf+rp3beta', 'reranked'])
  expect(withoutSeeds(stages.made).filter(stage => !stage.startsWith('evaluate-'))).toEqual([
    'data',
    'train-base',
    'fuse-lightgcn+mixgcf+rp3beta',
    'rerank-lightgcn+mixgcf+rp3beta',
  ])
  expect(stages.messages.join('\n')).toContain('DTL-NS is left out (--final base, which ')
  expect(made.metrics!.rows.at(-1)!.options.rerank).toEqual({ kind: 'learned', first: 'lightgcn+mixgcf+rp3beta' })
  const there = await openRun(at('run'), 'reranked')
  expect(there.info.method).toBe('reranked')
  there.close()
})

it('its report speaks of the rows that there are', async () => {
  const data = await gatherReport(at('run'))
  expect(data.summary).toMatch(
    /DTL-NS was left out \(--final base\)\. The row reranked scored [\d.]+ % (above|below) lightgcn\+mixgcf\+rp3beta in NDCG@20 \(/,
  )
  const text = await renderReport(data)
  for (const words of ['No trees were built in this run.', 'Nothing was judged in this run.', 'The second stage'])
    expect(text).toContain(words)
})

it('makes the trees and candidates that other rows need, and no more', async () => {
  const judged = watchStages()
  const asked = { ...options, rerank: 'prefix', seeds: 1 }
  await run({ directory: at('judged'), source, options: asked, emit: judged.emit })
  expect(judged.made.slice(0, 5)).toEqual(['data', 'train-base', 'trees', 'candidates', 'judge'])
  expect((await gatherReport(at('judged'))).judge).toMatchObject({ name: 'prefix', candidates: 1600 })
  const compared = watchStages()
  const other = { ...options, compare: ['dual-tree'], seeds: 1 }
  const result = await run({ directory: at('compared'), source, options: other, emit: compared.emit })
  expect(compared.made.slice(0, 4)).toEqual(['data', 'train-base', 'trees', 'train-lightgcn+dual-tree'])
  expect(methodsOf(result)).toEqual(['item-knn', 'lightgcn+mixgcf', 'lightgcn+dual-tree'])
  // what it is about is the base model, not what it is compared with
  expect((await gatherReport(at('compared'))).summary).toMatch(/DTL-NS was left out \(--final base\); /)
  const negatives = { what: ['negatives' as const], to: at('negatives'), method: 'lightgcn+mixgcf' }
  await expect(exportTables({ directory: at('run'), ...negatives })).rejects.toThrow(
    `the stage "trees" is not there, or was made with other options: run "dualtree trees ${at('run')}" first`,
  )
  await expect(exportTables({ directory: at('compared'), ...negatives })).resolves.toEqual([
    expect.stringMatching(/^negatives\.parquet: /),
  ])
})

it('with --final dtl-ns in the same directory, DTL-NS is there again, and nothing trained before is made anew', async () => {
  const again = watchStages()
  const asked = { final: 'dtl-ns', rerank: 'none', fuseWith: 'none' }
  const result = await run({ directory: at('run'), options: asked, emit: again.emit })
  expect(methodsOf(result)).toEqual(['item-knn', 'lightgcn+mixgcf', 'dtl-ns'])
  expect(again.made).not.toContain('train-base')
})

it('refuses the released protocol, which is about DTL-NS', () => {
  expect(() => planRun({ final: 'base', protocol: ['strict', 'released'] })).toThrow(
    '--protocol released is about DTL-NS, and --final base leaves it out: give --final dtl-ns',
  )
})

it('a sweep or a comparison of methods finds the row that such a run is about', () => {
  const rows = made.metrics!.rows
  const named = (some: typeof rows) => rowsOfMethod(some, parseMethod('recommended')).map(({ method }) => method)
  expect(named(rows)).toEqual(['reranked', 'reranked'])
  expect(named(rows.filter(({ method }) => method !== 'reranked'))).toEqual(Array(2).fill('lightgcn+mixgcf+rp3beta'))
})
