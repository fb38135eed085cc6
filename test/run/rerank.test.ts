import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import { formatAnswers } from '../../src/cli/shared/answers.ts'
import { rescoreRun } from '../../src/comparison/rescore.ts'
import { compareRuns } from '../../src/comparison/runs.ts'
import { historiesOf, rowsOf } from '../../src/dataset/histories.ts'
import { createKernels } from '../../src/kernels/wasm/wasm.ts'
import { openStored } from '../../src/models/open-stored.ts'
import { tieRanks } from '../../src/models/ties.ts'
import { openReranked, reranked } from '../../src/ranking/reranked.ts'
import { renderReport } from '../../src/report/report.ts'
import { gatherReport } from '../../src/report/run-report.ts'
import { fitRun } from '../../src/run/fit.ts'
import { planRun } from '../../src/run/options/plan-run.ts'
import type { RunResult } from '../../src/run/request.ts'
import { runGiven as run } from '../../src/run/run.ts'
import { describeSecondStage } from '../../src/run/stages/rerank.ts'
import { openRun } from '../../src/serving/model/open-run.ts'
import { writeSmallData } from '../support/cli.ts'
import { sharedDirectory } from '../support/directory.ts'
import { watchStages } from '../support/small-run.ts'

const directory = sharedDirectory()
const TINY = { threads: 1, dimensions: 4, layers: 1, epochs: 2, batchSize: 256, leafSize: 8 }
const options = { ...TINY, baselines: ['item-knn'], rerank: 'learned' }
const at = (...names: string[]) => join(directory, ...names)
const stages = watchStages()
let source: string
let made: RunResult

beforeAll(async () => {
  source = writeSmallData(directory)
  made = await run({ directory: at('run'), source, options, emit: stages.emit })
})

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

  it('is served with the same bytes from what is written down', async () => {
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

  it('explains a place by terms that add up to the score, beside the mean of the first 100, and serves the largest in words', async () => {
    const model = await openRun(at('run'), 'reranked')
    const [user] = model.users()
    const { items } = model.recommend({ user, k: 3, explain: true })
    const { meanings } = stageOf('run')
    for (const { terms } of items) {
      expect(terms!.length).toBeGreaterThan(0)
      expect(terms!.length).toBeLessThanOrEqual(5)
      for (const { meaning } of terms!) expect(meanings).toContain(meaning)
    }
    expect(formatAnswers([{ who: 'u', answer: model.recommend({ user, k: 3, explain: true }) }], 'table')).toMatch(
      new RegExp(`moved by[^]*${items[0].terms![0].meaning} \\([+−]`),
    )
    expect(model.recommend({ user, k: 3 }).items[0]).not.toHaveProperty('terms')
    model.close()
    await fitRun({ directory: at('run'), method: 'reranked' }, async ({ recommender, data }) => {
      const histories = rowsOf(historiesOf(data), Int32Array.of(4))
      const asked = { histories, seen: histories, k: 30, tieRank: tieRanks(data.items, 1), users: Int32Array.of(4) }
      const { items, scores } = recommender.recommend(asked)
      const sums = recommender.explain!(asked, Array.from(items)).map(terms =>
        terms.reduce((sum, { contribution }) => sum + contribution, 0),
      )
      sums.forEach((sum, place) => {
        expect(sum - sums[0]).toBeCloseTo(scores[place] - scores[0], 4)
      })
      expect(recommender.explain!(asked, [histories.indices[0]])).toEqual([[]])
    })
  })
})

describe('a run with a judge as its second stage', () => {
  it('--rerank JUDGE goes by its confidences, of the verdicts that there are where it is the judge of the run', async () => {
    const { made, emit } = watchStages()
    const proposed = { candidateModel: 'item-knn', candidatesPerUser: 60, top: 60 }
    const asked = { ...options, ...proposed, rerank: 'model-score' }
    const { metrics } = await run({ directory: at('judged'), source, options: asked, emit })
    const { features, names, score, used } = stageOf('judged')
    expect(features).toEqual(['verdicts'])
    expect(names.slice(2)).toEqual(['verdicts confidence', 'verdicts asked'])
    expect(Math.abs(score.weights[2])).toBeGreaterThan(0)
    expect(made).toContain('judge-rerank')
    const row = metrics!.rows.find(({ method, variant }) => method === 'reranked' && variant === 'refit')!
    expect(row.options.rerank).toMatchObject({ kind: 'model-score', judge: { name: 'model-score' } })
    expect(used).toBe(true)
    // its lists are those that are served from what is written down, verdicts included
    await fitRun({ directory: at('judged'), method: 'reranked' }, async ({ recommender, data }) => {
      const stored = openStored(structuredClone(recommender.store!()), createKernels(), 'x', { reranked: openReranked })
      const rows = Int32Array.of(0, 5, 9)
      const histories = rowsOf(historiesOf(data), rows)
      const asked = { histories, seen: histories, k: 30, tieRank: tieRanks(data.items, 1) }
      const known = recommender.recommend({ ...asked, users: rows })
      expect(stored.recommend({ ...asked, users: rows })).toEqual(known)
      expect(known.items).not.toEqual(recommender.parts![0].recommend({ ...asked, users: rows }).items)
      const strangers = { ...asked, users: Int32Array.of(-1, -1, -1) }
      expect(recommender.recommend(strangers).items).toEqual(recommender.parts![0].recommend(strangers).items)
    })
    const again = watchStages()
    const same = { directory: at('judged'), source, options: { ...asked, judge: 'model-score' }, emit: again.emit }
    await run(same)
    expect(again.made).not.toContain('judge-rerank')
  })

  it('--rerank-users says to how many users it is fitted', async () => {
    await run({ directory: at('few'), source, options: { ...options, rerankUsers: 20, evaluateOn: 'valid' } })
    expect(stageOf('run').lists).toBeGreaterThan(20)
    expect(stageOf('few').lists).toBe(20)
  })

  it('--rerank-consult adds its confidences to the features of --rerank learned', async () => {
    await run({ directory: at('run'), options: { ...options, rerankConsult: 'prefix', evaluateOn: 'valid' } })
    const { features, names } = stageOf('run')
    expect(features).toEqual([...stageOf('valid').features, 'verdicts'])
    expect(names).toContain('verdicts confidence')
    expect(() => planRun({ rerankConsult: 'prefix' })).toThrow('--rerank-consult needs --rerank learned: give both')
  })
})
