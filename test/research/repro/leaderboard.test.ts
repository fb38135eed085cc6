import { existsSync } from 'node:fs'
import { mkdir, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, it, onTestFinished, vi } from 'vitest'
import { loadSplit } from '../../../src/dataset/load.ts'
import { createKernels } from '../../../src/kernels/wasm/wasm.ts'
import { baselines } from '../../../src/models/baselines/index.ts'
import { models } from '../../../src/models/index.ts'
import { objectives } from '../../../src/objectives/index.ts'
import { reproduceLeaderboard } from '../../../src/research/repro/leaderboard/leaderboard.ts'
import { type Method, measureAll } from '../../../src/research/repro/leaderboard/measure.ts'
import { GOWALLA, NEXT_ITEM, NEXT_ITEM_OURS } from '../../../src/research/repro/leaderboard/published.ts'
import { formatLeaderboard } from '../../../src/research/repro/leaderboard/write.ts'
import { describeEnvironment } from '../../../src/run/environment.ts'
import type { RunEvent } from '../../../src/run/stage.ts'
import { trainingOptions } from '../../../src/training/options.ts'
import { runCli } from '../../support/cli.ts'
import { temporaryDirectory } from '../../support/directory.ts'

const lines = Array.from({ length: 30 }, (_, user) => {
  const own = Array.from({ length: 8 }, (_, at) => (user * 3 + at * (1 + (user % 3))) % 20)
  return `${user} ${[...new Set(own)].join(' ')}`
})

it('chooses on validation, fits on train + valid, and ranks test once, with intervals and processor seconds', async () => {
  const directory = await temporaryDirectory({ 'sequences.txt': lines.join('\n') })
  const { split } = await loadSplit(directory, { format: 'sequences', split: 'leave-one-out' })
  const kept: string[] = []
  const rows = await measureAll(
    [
      { name: 'popularity', baseline: 'popularity', options: {} },
      { name: 'walk', baseline: 'rp3beta', options: { beta: 0.5 }, search: true, note: 'as is' },
      { name: 'too large', baseline: 'ease', options: { maxItems: 2 } },
      {
        name: 'mf',
        model: { part: 'mf', options: { dimensions: 4 } },
        objective: { part: 'bpr' },
        training: { epochs: 4, validateEvery: 1, learningRate: 0.05 },
        course: 'by validation',
      },
    ],
    {
      ...{ split, kernels: createKernels(), seed: 1, cutoffs: [5] },
      keep: async ({ name }, row) => void kept.push(`${name} ${row.name}`),
    },
  )
  expect(kept).toEqual(rows.map(({ name }) => `${name} ${name}`))
  expect(rows.map(({ name }) => name)).toEqual(['popularity', 'walk', 'too large', 'mf'])
  const [popularity, walk, large, mf] = rows
  // what is given is not searched
  expect(walk.options).toMatchObject({ beta: 0.5 })
  expect(walk.note).toBe('as is')
  expect(large.values).toBeUndefined()
  expect(large.unsupported).toContain('--ease-max-items is 2')
  expect(Number(mf.options.epochs)).toBeGreaterThanOrEqual(1)
  for (const row of [popularity, walk, mf]) {
    const { value, low, high } = row.values!['recall@5']
    expect(low).toBeLessThan(value)
    expect(value).toBeLessThan(high)
    expect(row.processorSeconds).toBeGreaterThan(0)
  }
  // log 2 for a pair that is a draw
  expect(mf.loss).toBeGreaterThan(0.1)
  expect(mf.loss).toBeLessThan(1)
  expect(walk.loss).toBeUndefined()
})

it('keeps rows that are done, and makes them again with another seed alone', async () => {
  const directory = await temporaryDirectory({ 'sequences.txt': lines.join('\n') })
  const boards = NEXT_ITEM as Record<number, (typeof NEXT_ITEM)[number]>
  boards[30] = { name: 'Thirty', rows: [{ name: 'theirs', values: [0.1, 0.1, 0.1, 0.1] }] }
  const ask = async (seed: number, rows?: string[]) => {
    const said: string[] = []
    const emit = (event: RunEvent) => void (event.type === 'message' && said.push(event.text))
    const request = { name: 'next-item', source: join(directory, 'sequences.txt'), directory, threads: 1 } as const
    return { ...(await reproduceLeaderboard({ ...request, seed, emit, ...(rows && { rows }) })), said }
  }
  try {
    const single = await ask(1, ['popularity'])
    expect(single.rows.map(({ name }) => name)).toEqual(['theirs', 'popularity'])
    const [first, again, other] = [await ask(1), await ask(1), await ask(2)]
    expect(first.said).toContain('popularity: reused')
    expect(first.said).not.toContain('rp3beta: reused')
    expect(first.rows.map(({ name }) => name)).toEqual(['theirs', ...NEXT_ITEM_OURS.map(({ name }) => name)])
    expect(again.rows).toEqual(first.rows)
    expect(again.said).toEqual(NEXT_ITEM_OURS.map(({ name }) => `${name}: reused`))
    expect(other.said).not.toContain('popularity: reused')
  } finally {
    delete boards[30]
  }
})

it('leaves out what memory cannot hold, and says so', async () => {
  const directory = await temporaryDirectory({ 'sequences.txt': lines.join('\n') })
  const { split } = await loadSplit(directory, { format: 'sequences', split: 'leave-one-out' })
  vi.spyOn(baselines.get('popularity'), 'heapFootprint').mockReturnValue(7.3e9)
  vi.spyOn(process, 'availableMemory').mockReturnValue(2e9)
  onTestFinished(() => void vi.restoreAllMocks())
  const rows: Method[] = ['popularity', 'item-knn'].map(name => ({ name, baseline: name, options: {} }))
  const made = await measureAll(rows, { split, kernels: createKernels(), seed: 1, cutoffs: [5] })
  expect(made[0].unsupported).toBe('left out: it needs 7.30 GB of memory, and 2.00 GB are free')
  expect(made[0].values).toBeUndefined()
  expect(made[1].values).toBeDefined()
})

it('goes on with a training that was stopped, and does not count what the part before took', async () => {
  const directory = await temporaryDirectory({ 'sequences.txt': lines.join('\n') })
  const rows: Method[] = [
    {
      name: 'mf',
      model: { part: 'mf', options: { dimensions: 4 } },
      objective: { part: 'bpr' },
      training: { epochs: 12, batchSize: 16, validateEvery: 1, patience: 2, learningRateDrops: 1, checkpointEvery: 1 },
      course: 'by validation',
    },
  ]
  const measured = async (scratch: string, stopAt?: (event: RunEvent) => boolean) => {
    // a test may be opened once
    const { split } = await loadSplit(directory, { format: 'sequences', split: 'leave-one-out' })
    const stop = new AbortController()
    const emit = (event: RunEvent) => void (stopAt?.(event) && stop.abort(new Error('stopped')))
    const context = { split, kernels: createKernels(), seed: 1, cutoffs: [5], scratch: join(directory, scratch) }
    return measureAll(rows, { ...context, emit, signal: stop.signal })
  }
  const [{ processorSeconds, ...whole }] = await measured('whole')
  expect(processorSeconds).toBeGreaterThan(0)
  expect(existsSync(join(directory, 'whole'))).toBe(false)
  // what another setting of it has left there makes it no resumed one, and stays
  const other = join(directory, 'beside', '0123456789abcdef')
  await mkdir(other, { recursive: true })
  expect((await measured('beside'))[0].processorSeconds).toBeGreaterThan(0)
  expect(await readdir(join(directory, 'beside'))).toEqual(['0123456789abcdef'])
  const stops: [string, string, string][] = [
    ['Choosing mf on validation', 'epoch 3 ', 'epoch 3 of at most 12'],
    ['Fitting mf, and ranking test', 'epoch 1 ', 'epoch 1 of'],
  ]
  for (const [stage, epoch, again] of stops) {
    let title = ''
    const stopped = measured('stopped', event => {
      if (event.type === 'stage-start') title = event.title
      return event.type === 'progress' && title === stage && event.detail?.startsWith(epoch) === true
    })
    await expect(stopped).rejects.toThrow('stopped')
    let first: string | undefined
    const row = await measured('stopped', event => {
      if (event.type === 'progress') first ??= event.detail
      return false
    })
    expect(row).toEqual([whole])
    const { notes } = formatLeaderboard({ title: '', environment: describeEnvironment(1, ''), metrics: ['recall@5'], rows: [{ name: 'mf', ours: row[0] }], holds: true }) // biome-ignore format: one line
    expect(notes.at(-1)).toContain('resumed: its processor seconds are not known')
    expect(first).toContain(again)
  }
})

it('names rows so that --rows can', async () => {
  for (const { name } of [...GOWALLA, ...NEXT_ITEM_OURS]) expect(name).not.toContain(',')
})

it('trains as the authors did: what an epoch and the L2 term are, with options that exist', () => {
  const of = (name: string) => {
    const { ours } = GOWALLA.find(row => row.name === name)!
    if (!ours || 'baseline' in ours) throw new Error(`${name} is not trained`)
    for (const [options, part] of [
      [ours.training, trainingOptions],
      [ours.model.options, models.get(ours.model.part).options],
      [ours.objective.options ?? {}, objectives.get(ours.objective.part).options],
    ] as const)
      expect(Object.keys(part.parse(options))).toEqual(expect.arrayContaining(Object.keys(options)))
    return ours
  }
  for (const { name, ours } of GOWALLA) if (ours && !('baseline' in ours)) of(name)
  // epochs 0 to 5
  expect(of('LightGCN after 5 epochs')).toMatchObject({
    model: { options: { layers: 3 } },
    training: { positives: 'by-user', regularization: 1e-4 },
    course: { bestEpoch: 6 },
  })
  expect(of('MF-BPR')).toMatchObject({
    objective: { options: { pairLosses: 'mean' } },
    training: { regularized: 'all', regularization: 1e-7 },
  })
})

it('refuses data that nothing is published of, and files that are not those', async () => {
  const directory = await temporaryDirectory({
    'sequences.txt': lines.join('\n'),
    'train.txt': '0 1 2\n',
    'test.txt': '0 3\n',
  })
  const sequences = join(directory, 'sequences.txt')
  await expect(reproduceLeaderboard({ name: 'next-item', source: sequences, directory })).rejects.toThrow(
    'sequences.txt: 30 users, and figures are published of Beauty (22363) and Sports and Outdoors (35598) as sequential recommenders use them',
  )
  await expect(reproduceLeaderboard({ name: 'gowalla', source: directory, directory })).rejects.toThrow(
    /train\.txt: its MD5 is [0-9a-f]{32}, and that of the published split is 5eec1eb2edb8dd648377d348b8e136cf: take those files/,
  )
  await expect(reproduceLeaderboard({ name: 'gowalla', source: join(directory, 'x'), directory })).rejects.toThrow(
    'there is no such file; give the directory with the train.txt and test.txt of LightGCN',
  )
  await expect(
    reproduceLeaderboard({ name: 'gowalla', source: directory, directory, rows: ['ItemCF', 'SLIM'] }),
  ).rejects.toThrow('--rows: there is no row "SLIM" to make; known are ItemCF, MF-BPR, EASE, ')
  const refused = await runCli(['repro', 'gowalla', directory, '--out', directory, '--epochs', '3'])
  expect(refused).toMatchObject({ code: 2 })
  expect(refused.stderr).toContain('--epochs is set by the rows of repro gowalla themselves: leave it out')
})

it('writes ours beside what is published, and says what lies outside', () => {
  const environment = {} as never
  const ours = (value: number) => ({ name: 'ours', options: {}, processorSeconds: 3.6, values: { 'recall@5': { value, low: value - 0.01, high: value + 0.01 } } }) // biome-ignore format: one line
  const rows = [
    { name: 'theirs', published: [0.1], ours: ours(0.1014), holds: true },
    { name: 'other', published: [0.2], ours: { ...ours(0.1), note: 'another start', loss: 0.11284 }, holds: false },
    { name: 'far', published: [0.3] },
  ]
  const table = formatLeaderboard({ title: 'x', environment, metrics: ['recall@5'], rows, holds: false })
  expect(table.rows).toEqual([
    ['theirs: ours', '0.1014 [0.0914, 0.1114]', '0.1000', 'ok', '4'],
    ['other: ours', '0.1000 [0.0900, 0.1100]', '0.2000', 'OUTSIDE', '4'],
    ['far', '–', '0.3000', '', ''],
  ])
  expect(table.notes.slice(1)).toEqual(['ours: another start; loss of the last epoch 0.1128'])
})
