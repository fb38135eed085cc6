import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import { rescoreRun } from '../../src/comparison/rescore.ts'
import { compareRuns } from '../../src/comparison/runs.ts'
import { historiesOf, rowsOf } from '../../src/dataset/histories.ts'
import { createKernels } from '../../src/kernels/wasm/wasm.ts'
import { openStored } from '../../src/models/stored.ts'
import { tieRanks } from '../../src/models/ties.ts'
import { openReranked, reranked } from '../../src/ranking/reranked.ts'
import { renderReport } from '../../src/report/report.ts'
import { gatherReport } from '../../src/report/run-report.ts'
import { fitRun } from '../../src/run/fit.ts'
import { type RunResult, runGiven as run } from '../../src/run/run.ts'
import { describeSecondStage } from '../../src/run/stages/rerank.ts'
import { openRun } from '../../src/serving/open-run.ts'
import { writeSmallData } from '../support/cli.ts'
import { sharedDirectory } from '../support/directory.ts'
import { watchStages } from '../support/small-run.ts'

const directory = sharedDirectory()
const TINY = { dimensions: 4, layers: 1, epochs: 2, batchSize: 256, leafSize: 8 }
const options = { ...TINY, baselines: ['item-knn'], rerank: 'learned' }
const at = (...names: string[]) => join(directory, ...names)
const stages = watchStages()
let source: string
let made: RunResult

beforeAll(async () => {
  source = writeSmallData(directory)
  made = await run({ directory: at('run'), source, options, emit: stages.emit })
}, 60_000)

const stageOf = (directory: string) =>
  JSON.parse(readFileSync(at(directory, 'rerank-dtl-ns', 'second-stage.json'), 'utf8'))

describe('a run with --rerank learned', () => {
  it('has the row reranked, of each variant, and says what the second stage is worth on validation', () => {
    const rows = made.metrics!.rows.filter(({ method }) => method === 'reranked')
    expect(rows.map(({ variant }) => variant)).toEqual(['history train', 'history train + valid', 'refit'])
    for (const row of rows) {
      expect(row.rerank).toBe('rerank-dtl-ns')
      expect(row.options.rerank).toEqual({ kind: 'learned', first: 'dtl-ns' })
      expect(row.metrics['recall@20']).toBeGreaterThan(0)
    }
    // or the tests below would see the first stage alone
    expect(stageOf('run').used).toBe(true)
    expect(stages.messages).toContain(describeSecondStage(stageOf('run'), 'dtl-ns'))
  })

  it('is fitted before anything of test is opened, and to validation alone', () => {
    const fitted = stages.made.indexOf('rerank-dtl-ns')
    const first = stages.made.findIndex(stage => stage.startsWith('evaluate-'))
    expect(fitted).toBeGreaterThan(0)
    expect(fitted).toBeLessThan(first)
  })

  it('on validation, the row is the cross-fitted one, not that of a score that has seen the answers', async () => {
    const valid = await run({ directory: at('valid'), source, options: { ...options, evaluateOn: 'valid' } })
    const row = valid.metrics!.rows.find(({ method }) => method === 'reranked')!
    const { used, first, second } = stageOf('valid')
    expect(row.metrics['recall@20']).toBeCloseTo((used ? second : first)['recall@20'], 12)
    expect(row.metrics['ndcg@20']).toBeCloseTo((used ? second : first)['ndcg@20'], 12)
  })

  it('serves the row that is best on validation, with the same bytes from what is written down', async () => {
    const served = await openRun(at('run'))
    expect(served.info.method).toBe('reranked')
    served.close()
    await fitRun({ directory: at('run'), method: 'reranked' }, async ({ recommender, data }) => {
      const stored = openStored(structuredClone(recommender.store!()), createKernels(), 'x', { reranked: openReranked })
      const rows = Int32Array.of(0, 5, 9)
      const histories = rowsOf(historiesOf(data), rows)
      const asked = {
        histories,
        seen: histories,
        k: 30,
        tieRank: tieRanks(data.items, 1),
        users: Int32Array.of(-1, -1, -1),
      }
      const own = recommender.recommend(asked)
      expect(stored.recommend(asked)).toEqual(own)
      // not the order of the first stage
      expect(recommender.parts![0].recommend(asked).items).not.toEqual(own.items)
    })
  })

  it('is compared and rescored like any other row', async () => {
    expect(JSON.stringify(await compareRuns([at('run')]))).toContain('reranked')
    const { rows } = await rescoreRun(at('run'), { methods: ['reranked'], libraries: ['implicit'] })
    const masked = await run({ directory: at('run'), options: { maskAtTest: 'train' } })
    const row = masked.metrics!.rows.find(({ method, variant }) => method === 'reranked' && variant === 'refit')!
    expect(rows.find(({ metric }) => metric === 'ndcg')!.ownMask).toBeCloseTo(row.metrics['ndcg@20'], 12)
  })

  it('refuses features that the score was not fitted to', async () => {
    const { score, names } = stageOf('run')
    await fitRun({ directory: at('run'), method: 'reranked' }, async ({ recommender: { parts } }) => {
      expect(() => reranked(createKernels(), { first: parts![0], learned: { states: [] }, score, names })).toThrow(
        /^the second stage was fitted to other features than there are now: expected first-stage score, .*; found first-stage score, √ first-stage score\./,
      )
    })
  })

  it('stands in the report with its figures, and its weights as a figure and in words', async () => {
    const text = await renderReport(await gatherReport(at('run')))
    const { names, score, lists } = stageOf('run')
    const heaviest = names[score.weights.indexOf(Math.max(...score.weights))]
    expect(text).toContain(`a score that was fitted to the lists of ${lists} users. On validation data, cross-fitted`)
    expect(text).toContain(`An item moves up most by: ${heaviest} (`)
    expect(text).toContain('Weights of the second stage: ')
  })

  it('says so where it is no better than a fused first stage, and is that', async () => {
    const { emit, messages } = watchStages()
    const asked = { ...options, fuseWith: 'rp3beta', evaluateOn: 'valid' }
    const { metrics } = await run({ directory: at('fused'), source, options: asked, emit })
    const rowOf = (name: string) => metrics!.rows.find(({ method }) => method === name)!
    expect(messages.join('\n')).toMatch(
      /The second stage is not used, since it has no higher Recall@20: .* The row is that of dtl-ns\+rp3beta\./,
    )
    expect(rowOf('reranked').metrics).toEqual(rowOf('dtl-ns+rp3beta').metrics)
  })
})
