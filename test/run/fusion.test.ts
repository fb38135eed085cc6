import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import { rescoreRun } from '../../src/comparison/rescore.ts'
import { readTable } from '../../src/dataset/table.ts'
import { UsageError } from '../../src/errors.ts'
import { renderReport } from '../../src/report/report.ts'
import { gatherReport, summarize } from '../../src/report/run-report.ts'
import type { RunResult } from '../../src/run/request.ts'
import { runGiven as run } from '../../src/run/run.ts'
import { openRun } from '../../src/serving/model/open-run.ts'
import { writeSmallData } from '../support/cli.ts'
import { sharedDirectory } from '../support/directory.ts'

const directory = sharedDirectory()
const TINY = { threads: 1, dimensions: 4, layers: 1, epochs: 2, batchSize: 256, leafSize: 8, fuseWith: 'item-knn' }
const options = { ...TINY, itemKnnShrinkage: 5, baselines: ['item-knn'], seeds: 2, evaluateOn: 'valid' }
const at = (...names: string[]) => join(directory, ...names)
let source: string
let fused: RunResult

beforeAll(async () => {
  source = writeSmallData(directory)
  fused = await run({ directory: at('run'), source, options })
})

const shareOf = (name: string) => JSON.parse(readFileSync(at('run', `fuse-${name}`, 'fusion.json'), 'utf8'))
const rowOf = (method: string) => fused.metrics!.rows.find(row => row.method === method)!

describe('a run that fuses with item-knn', () => {
  it('has the fused base model and DTL-NS as further rows, a seed each', () => {
    expect(fused.metrics!.rows.map(({ method, seed }) => `${method} ${seed}`)).toEqual([
      'item-knn 1',
      ...['lightgcn+mixgcf', 'dtl-ns', 'lightgcn+mixgcf+item-knn', 'dtl-ns+item-knn'].flatMap(name => [
        `${name} 1`,
        `${name} 2`,
      ]),
    ])
  })

  it.each(['dtl-ns', 'lightgcn+mixgcf'])('gives %s the share with the best validation Recall@20', name => {
    const { share, looks } = shareOf(`${name}+item-knn`)
    const values = looks.map(({ recall }: { recall: number }) => recall)
    expect(looks.map((look: { share: number }) => look.share)).toEqual([
      0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1,
    ])
    expect(looks.find((look: { share: number }) => look.share === share).recall).toBe(Math.max(...values))
    // both ends are a part alone, and what was chosen is what was measured
    expect(values[0]).toBeCloseTo(rowOf('item-knn').metrics['recall@20'], 10)
    expect(values[10]).toBeCloseTo(rowOf(name).metrics['recall@20'], 10)
    expect(rowOf(`${name}+item-knn`).metrics['recall@20']).toBeCloseTo(Math.max(...values), 10)
  })

  it('serves the fused row, as it was evaluated', async () => {
    const items = await readTable(at('run', 'evaluate-dtl-ns+item-knn', 'lists.parquet'), ['user_id', 'item_id'])
    const model = await openRun(at('run'))
    // of the trained rows the best on validation, which fusing is never worse on
    expect(model.info.method).toMatch(/\+item-knn$/)
    const [user] = items.user_id
    const own = items.item_id.filter((_, row) => items.user_id[row] === user)
    // what is served also leaves out the held-out items, so that the evaluated list may have more
    const served = model.recommend({ user: user as string, k: 10 }).items.map(({ item }) => item)
    expect(own.filter(item => served.includes(item!)).length).toBeGreaterThan(5)
    const named = await openRun(at('run'), 'dtl-ns+item-knn')
    expect(named.recommend({ user: user as string, k: 10 }).items.map(({ item }) => item)).toEqual(served)
    const alone = await openRun(at('run'), 'dtl-ns')
    expect(alone.recommend({ user: user as string }).items).not.toEqual(named.recommend({ user: user as string }).items)
  })

  it('compares DTL-NS with a base model that is fused the same way', () => {
    const rows = fused.metrics!.rows.map(row => ({ ...row, converged: true }))
    expect(summarize({ ...fused.metrics!, rows }, fused.plan)).toMatch(
      /^With judged false negatives and dual-tree negatives, DTL-NS fused with item-knn scored .* its base model fused the same way in NDCG@20 \(/,
    )
  })

  it('says in the report what a fused row is', async () => {
    expect(await renderReport(await gatherReport(at('run')))).toContain(
      '<strong>Fused rows,</strong> such as lightgcn+mixgcf+item-knn, add a baseline’s scores to those of a trained model',
    )
  })

  it('uses what is there again, and no longer once it is to be fused with something else', async () => {
    const again = await run({ directory: at('run'), options: {} })
    expect(again.metrics).toEqual(fused.metrics)
    await run({ directory: at('run'), options: { fuseDepth: 40 }, until: 'data' })
    await expect(openRun(at('run'), 'dtl-ns+item-knn')).rejects.toThrow(UsageError)
    await expect(openRun(at('run'), 'dtl-ns+item-knn')).rejects.toThrow(
      /the shares in fuse-dtl-ns\+item-knn are of another model or of other options .*: run "dualtree evaluate /,
    )
  })
})

it('tells a sampler of the same name from a fusion when it serves', async () => {
  const same = { ...TINY, fuseWith: 'popularity', baseSampler: 'popularity', baselines: [] }
  await run({ directory: at('same'), source, options: same })
  const [alone, together] = [
    await openRun(at('same'), 'lightgcn+popularity'),
    await openRun(at('same'), 'lightgcn+popularity+popularity'),
  ]
  const scores = (model: typeof alone) =>
    model.recommend({ user: [...model.users()][0] }).items.map(({ score }) => score)
  expect(scores(alone)).not.toEqual(scores(together))
})

it('ranks a fused row again under the mask of another library', async () => {
  const once = { ...options, seeds: 1, evaluateOn: 'test' }
  await run({ directory: at('tested'), source, options: once })
  const { rows } = await rescoreRun(at('tested'), { methods: ['dtl-ns+item-knn'], libraries: ['implicit'] })
  const masked = await run({ directory: at('tested'), options: { maskAtTest: 'train' } })
  const row = masked.metrics!.rows.find(({ method, variant }) => method === 'dtl-ns+item-knn' && variant === 'refit')!
  expect(rows.find(({ metric }) => metric === 'ndcg')!.ownMask).toBeCloseTo(row.metrics['ndcg@20'], 12)
})

it('says so when the data is too much for the baseline', async () => {
  const tooSmall = { ...TINY, fuseWith: 'ease', easeMaxItems: 5, baselines: [] }
  await expect(run({ directory: at('ease'), source, options: tooSmall })).rejects.toThrow(
    /^--fuse-with: baseline "ease" inverts an items × items matrix: .* and --ease-max-items is 5; /,
  )
})
