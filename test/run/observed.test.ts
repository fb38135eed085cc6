import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import { formatResults } from '../../src/cli/shared/results.ts'
import { entriesOf } from '../../src/comparison/choice.ts'
import { rescoreRun } from '../../src/comparison/rescore.ts'
import { compareRuns } from '../../src/comparison/runs.ts'
import { historiesOf } from '../../src/dataset/histories.ts'
import { readSplit } from '../../src/dataset/store.ts'
import { evaluate } from '../../src/evaluation/evaluate.ts'
import { observedBeforeTest } from '../../src/evaluation/observed.ts'
import { seenAt } from '../../src/evaluation/protocols.ts'
import { createKernels } from '../../src/kernels/wasm/wasm.ts'
import { baselines } from '../../src/models/baselines/index.ts'
import { derive, randomStream } from '../../src/random.ts'
import { readFinishedRun } from '../../src/run/finished-run.ts'
import { variants } from '../../src/run/metrics-file.ts'
import type { RunResult } from '../../src/run/request.ts'
import { runGiven as run } from '../../src/run/run.ts'
import { sharedDirectory } from '../support/directory.ts'

const directory = sharedDirectory()
const at = (...names: string[]) => join(directory, ...names)
const OPTIONS = {
  ...{
    threads: 1,
    split: 'leave-one-out',
    dimensions: 4,
    layers: 1,
    epochs: 4,
    validateEvery: 1,
    batchSize: 64,
    leafSize: 8,
  },
  ...{
    baselines: ['ease', 'ordered-walk'],
    format: 'sequences',
    fuseWith: 'ordered-walk',
    cutoffs: [5, 20],
    eigenvectors: 4,
  },
}
const events: string[] = []
let whole: RunResult
let plain: RunResult

/** Sequences in which items follow each other round a ring, with leaps. */
function writeSequences(path: string): void {
  const random = randomStream(derive(1, 'sequences'))
  const lines = Array.from({ length: 60 }, (_, user) => {
    const items = new Set<number>()
    for (let item = random.below(30); items.size < 6; item = (item + 1 + random.below(3)) % 30) items.add(item)
    return `${user} ${[...items].join(' ')}`
  })
  writeFileSync(path, `${lines.join('\n')}\n`)
}

beforeAll(async () => {
  writeSequences(at('sequences.txt'))
  const source = at('sequences.txt')
  const emit = (event: { type: string; stage: string }) => {
    if (event.type === 'stage-start') events.push(event.stage)
  }
  whole = await run({ directory: at('whole'), source, options: OPTIONS, emit })
  plain = await run({ directory: at('plain'), source, options: { ...OPTIONS, historyAtTest: 'train' } })
})

const METHODS = [
  'ease',
  'ordered-walk',
  'lightgcn+mixgcf',
  'dtl-ns',
  'lightgcn+mixgcf+ordered-walk',
  'dtl-ns+ordered-walk',
]
const rowOf = (method: string, variant: string, { metrics }: Pick<RunResult, 'metrics'> = whole) =>
  metrics!.rows.find(row => row.method === method && row.variant === variant)!

describe('what rankings are made from at test', () => {
  it('is said of every row: history train, history train + valid, refit', () => {
    expect(whole.metrics!.rows.map(({ method, variant }) => `${method} ${variant}`)).toEqual(
      METHODS.flatMap(method => variants.map(variant => `${method} ${variant}`)),
    )
    for (const method of METHODS) {
      const values = variants.map(variant => JSON.stringify(rowOf(method, variant).metrics))
      expect(new Set(values).size, method).toBe(3)
    }
  })

  it('--history-at-test train has the rows of history train alone, bit by bit the same', () => {
    expect(plain.metrics!.rows.map(({ method, variant }) => `${method} ${variant}`)).toEqual(
      METHODS.map(method => `${method} history train`),
    )
    for (const method of METHODS)
      for (const file of ['lists.parquet', 'per-user.parquet'])
        expect(readFileSync(at('whole', `evaluate-${method}`, file)).equals(readFileSync(at('plain', `evaluate-${method}`, file))), method).toBe(true) // biome-ignore format: one line
  })

  it.each(['ease', 'ordered-walk'])('%s: is what the library makes of the same data', async name => {
    const split = await readSplit(at('whole', 'data'))
    const observed = observedBeforeTest(split)
    const kernels = createKernels()
    const measured = (fitted: typeof observed, histories: typeof observed) =>
      evaluate(baselines.get(name).fit({ train: fitted, kernels, seed: 1 }, {}), {
        ...{ truth: split.test, histories: historiesOf(histories), seen: seenAt('test', split), seed: 1, cutoffs: [5] },
      }).metrics
    const { train } = split
    expect(rowOf(name, 'history train').metrics).toMatchObject(measured(train, train))
    expect(rowOf(name, 'history train + valid').metrics).toMatchObject(measured(train, observed))
    expect(rowOf(name, 'refit').metrics).toMatchObject(measured(observed, observed))
  })

  it('models are trained once more for the epochs that validation chose, and share and judgements stay', () => {
    for (const name of ['base', 'dtl-ns']) {
      const chosen = JSON.parse(readFileSync(at('whole', `train-${name}`, 'history.json'), 'utf8')).bestEpoch
      const { history, bestEpoch } = JSON.parse(readFileSync(at('whole', `refit-${name}`, 'history.json'), 'utf8'))
      expect([history.length, bestEpoch]).toEqual([chosen, chosen])
      expect(history.some((record: { validation?: number }) => record.validation !== undefined)).toBe(false)
      const { inputs } = JSON.parse(readFileSync(at('whole', `refit-${name}`, 'manifest.json'), 'utf8'))
      expect(inputs.basis).toBe('refit')
    }
    expect(rowOf('dtl-ns', 'refit').training).toBe('refit-dtl-ns')
    expect(rowOf('dtl-ns+ordered-walk', 'refit').fusion).toBe('fuse-dtl-ns+ordered-walk')
  })

  it('is handed out after the last choice: what is trained, judged or chosen comes before, test after', () => {
    const lastChoice = events.findLastIndex(stage => /^(train|trees|candidates|judge|fuse)/.test(stage))
    const firstRefit = events.findIndex(stage => stage.startsWith('refit-'))
    const firstEvaluation = events.findIndex(stage => stage.startsWith('evaluate-'))
    expect(lastChoice).toBeGreaterThan(0)
    expect(firstRefit).toBeGreaterThan(lastChoice)
    expect(firstEvaluation).toBeGreaterThan(events.findLastIndex(stage => stage.startsWith('refit-')))
  })

  it('counts less for trained models what is long ago, on validation too, and is refused without order or fold-in', async () => {
    const options = { ...OPTIONS, baselines: [], fuseWith: 'none', decay: 0.3 }
    const start = (name: string, more: object, until: 'base' | 'data' = 'base') =>
      run({ directory: at(name), source: at('sequences.txt'), options: { ...options, ...more }, until })
    const { metrics } = await start('recent', {})
    for (const variant of variants)
      expect(rowOf('lightgcn+mixgcf', variant, { metrics: metrics! }).metrics).not.toEqual(
        rowOf('lightgcn+mixgcf', variant).metrics,
      )
    await expect(start('half', { decay: 1, halfLife: 3 })).rejects.toThrow(
      '--half-life 3 needs times of a clock, and the data has positions only; use --decay, or leave it at 0',
    )
    await expect(start('neumf-recent', { model: 'neumf', objective: 'bce', layers: undefined })).rejects.toThrow(
      'model "neumf" folds no histories in, so nothing can count less: leave out --decay and --half-life',
    )
    await expect(start('unordered', { format: 'adjacency', split: 'random' })).rejects.toThrow(
      '--decay 0.3 needs the order of interactions, and the data has no times',
    )
  })

  it('on validation is train alone', async () => {
    const options = { ...OPTIONS, evaluateOn: 'valid', fuseWith: 'none' }
    const { metrics } = await run({ directory: at('valid'), source: at('sequences.txt'), options, until: 'base' })
    expect(new Set(metrics!.rows.map(({ variant }) => variant))).toEqual(new Set(['history train']))
  })

  it('--refit none leaves the refits out, and a model that cannot take other histories says so', async () => {
    const options = { ...OPTIONS, model: 'neumf', objective: 'bce', refit: 'none', fuseWith: 'none', layers: undefined }
    const { metrics } = await run({ directory: at('neumf'), source: at('sequences.txt'), options, until: 'base' })
    const rows = metrics!.rows.filter(({ method }) => method === 'neumf+mixgcf')
    expect(rows.map(({ variant, skipped }) => [variant, skipped])).toEqual([
      ['history train', undefined],
      [
        'history train + valid',
        'its vectors belong to the users it was trained on, with the histories it was trained on',
      ],
    ])
  })
})

describe('rows that are made from different things', () => {
  it('stand beside each other in the table, and a star is among those made from the same', () => {
    const text = formatResults(whole.metrics!, 300)
    expect(text).toContain('made from')
    const [first, second] = text.match(/^ease .*$/gm)!.map(line => line.split(/ {2,}/)[1])
    expect([first, second]).toEqual(['history train', 'refit'])
    expect(text).toContain('refit: fitted once more on train + valid, as validation chose')
    expect(text).toContain('rows from history train + valid are in metrics.json and the report')
    const stars = text.split('\n').filter(line => line.includes('*') && !line.startsWith('*'))
    expect(stars.some(line => line.includes('refit'))).toBe(true)
    expect(stars.some(line => line.includes('history train'))).toBe(true)
  })

  it('are never compared', async () => {
    const few = { resamples: 100, permutations: 100, groups: 0 }
    const refitted = await compareRuns([at('whole')], few)
    expect(refitted.variant).toBe('refit')
    for (const { name, means } of refitted.methods)
      expect(means['recall@20']).toBeCloseTo(rowOf(name, 'refit').metrics['recall@20'], 10)
    const asked = await compareRuns([at('whole')], { ...few, variant: 'history train + valid' })
    for (const { name, means } of asked.methods)
      expect(means['recall@20']).toBeCloseTo(rowOf(name, 'history train + valid').metrics['recall@20'], 10)
    // of two runs what both have
    const runs = [await readFinishedRun(at('whole')), await readFinishedRun(at('plain'))]
    const { variant, entries } = await entriesOf(runs, 'strict')
    expect(variant).toBe('history train')
    expect(entries.flatMap(({ rows }) => rows).every(row => row.variant === 'history train')).toBe(true)
    await expect(compareRuns([at('plain')], { ...few, variant: 'refit' })).rejects.toThrow(
      `${at('plain')}: no rows under the strict protocol of variant "refit": there are "history train" (--variant)`,
    )
  })

  it('are ranked again by other libraries’ masks as they were made', async () => {
    const { rows } = await rescoreRun(at('whole'), { methods: ['ease', 'dtl-ns+ordered-walk'], cutoff: 5 })
    for (const row of rows)
      if (row.metric === 'recall') expect(row.ours).toBeCloseTo(rowOf(row.method, 'refit').metrics['recall@5'], 10)
    expect(rows.some(row => row.ownMask !== undefined && row.ownMask > 0)).toBe(true)
  })
})
