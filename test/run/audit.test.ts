import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import { restoreCases } from '../../src/dataset/splits/planted-cases.ts'
import { readTable } from '../../src/dataset/table.ts'
import { columnsOf } from '../../src/kernels/csr.ts'
import { createKernels } from '../../src/kernels/wasm/wasm.ts'
import { loadEmbeddings } from '../../src/models/model-file.ts'
import { planRun } from '../../src/run/options/plan-run.ts'
import type { RunResult } from '../../src/run/request.ts'
import { runGiven as run } from '../../src/run/run.ts'
import type { RunEvent } from '../../src/run/stage.ts'
import { readCodeTable } from '../../src/run/stages/trees.ts'
import { buildTrees, codesOf } from '../../src/trees/build.ts'
import { runHere, writeSmallData } from '../support/cli.ts'
import { sharedDirectory } from '../support/directory.ts'

const directory = sharedDirectory()
const out = join(directory, 'run')
const options = {
  dimensions: 8,
  layers: 1,
  epochs: 6,
  validateEvery: 2,
  batchSize: 256,
  leafSize: 8,
  baselines: [],
  historyAtTest: 'train',
  threads: 1,
} as const
let audited: RunResult

beforeAll(async () => {
  audited = await run({ source: writeSmallData(directory), directory: out, options, until: 'audit' })
})

/** What is left of train, from the table of cases alone. */
async function whatIsLeft() {
  const { train } = audited.data.value
  const table = await readTable(join(out, 'audit-cases', 'cases.parquet'), ['user_id', 'item_id', 'planted'])
  const planted = new Set(
    table.user_id.flatMap((user, row) => (table.planted[row] ? [`${user} ${table.item_id[row]}`] : [])),
  )
  const k = Math.max(...Array.from({ length: train.users }, (_, user) => train.byUser.offsets[user + 1] - train.byUser.offsets[user])) // biome-ignore format: one line
  const items = new Int32Array(train.users * k).fill(-1)
  for (let user = 0; user < train.users; user++)
    columnsOf(train.byUser, user).forEach((item, at) => {
      if (planted.has(`${train.userIds.ids[user]} ${train.itemIds.ids[item]}`)) items[user * k + at] = item
    })
  return {
    planted: planted.size,
    train: restoreCases(train, { k, items, truth: Int8Array.from(items, item => (item < 0 ? -1 : 1)) }).train,
  }
}

describe('nothing that the judge sees has learned from what is hidden', () => {
  it('the base model is trained on what is left, for as many epochs as the run’s own, without validation', async () => {
    const manifest = JSON.parse(await readFile(join(out, 'audit-base', 'manifest.json'), 'utf8'))
    const { inputs, options } = manifest
    expect(inputs.data).not.toBe(audited.data.hash)
    expect(options.training.epochs).toBe(audited.base!.value.bestEpoch)
    const { history } = JSON.parse(await readFile(join(out, 'audit-base', 'history.json'), 'utf8'))
    expect(history.map((record: object) => 'validation' in record)).toEqual(history.map(() => false))
  })

  it('both trees are those of what is left', async () => {
    const { train, planted } = await whatIsLeft()
    expect(planted).toBe(audited.audits![0].value.report.planted)
    expect(train.interactions).toBe(audited.data.value.train.interactions - planted)
    const { itemVectors } = await loadEmbeddings(join(out, 'audit-base', 'model.safetensors'))
    const trees = await buildTrees({
      train,
      itemVectors,
      kernels: createKernels(),
      options: audited.plan.trees,
      seed: 1,
    })
    expect(await readCodeTable(join(out, 'audit-trees', 'codes.parquet'))).toEqual(codesOf(trees))
  })

  it('the same verdicts whatever is held out', async () => {
    const data = join(directory, 'input')
    const other = join(directory, 'other')
    const { writeFile, mkdir, cp } = await import('node:fs/promises')
    await mkdir(other)
    await cp(join(data, 'train.txt'), join(other, 'train.txt'))
    // valid and test change places; the model that decides how long to train is that of the run, so its epochs are fixed
    await writeFile(join(other, 'valid.txt'), await readFile(join(data, 'test.txt')))
    await writeFile(join(other, 'test.txt'), await readFile(join(data, 'valid.txt')))
    const reports = []
    for (const source of [data, other]) {
      const fixed = { ...options, epochs: 2, validateEvery: 2 }
      const { audits } = await run({ source, directory: `${source}-run`, options: fixed, until: 'audit' })
      reports.push(audits![0].value.report)
    }
    expect(reports[1]).toEqual(reports[0])
  })
})

it('several judges are audited on the same cases; none twice, and what is there is used again', async () => {
  const { audits, stages } = await run({
    directory: out,
    options: { auditJudges: ['accept-all', 'prefix', 'random'] },
    until: 'audit',
  })
  expect(audits!.map(({ value }) => value.report.provenance.judge)).toEqual(['prefix', 'accept-all', 'random'])
  const [prefix, acceptAll, random] = audits!.map(({ value }) => value.report)
  expect([acceptAll.auc, acceptAll.decisions.recall, acceptAll.withPrefix.kappa]).toEqual([0.5, 1, 0])
  expect(random.planted).toBe(prefix.planted)
  expect(prefix.auc).toBeGreaterThan(0.5)
  expect(stages.map(({ stage }) => stage)).toEqual([
    'data',
    'train-base',
    'audit-cases',
    'audit-base',
    'audit-trees',
    'audit-prefix',
    'audit-accept-all',
    'audit-random',
  ])
  // a report that was read again has NaN where JSON has null
  expect(acceptAll.reliability.bins[0].share).toBeNaN()
})

it('weighted uses calibrated confidences, and nothing else asks for an audit', async () => {
  const weighted = { use: 'weighted', calibration: 'isotonic' }
  const whole = await run({ directory: out, options: weighted })
  expect(whole.calibration!.value.errors.isotonic.expectedError).toBeLessThan(
    whole.calibration!.value.errors.judge.expectedError,
  )
  const { inputs } = JSON.parse(await readFile(join(out, 'train-dtl-ns', 'manifest.json'), 'utf8'))
  expect(inputs.calibration).toBe(`isotonic ${whole.calibration!.hash}`)
  const excluded = await run({ directory: out, options: { ...weighted, use: 'exclude' } })
  expect(excluded.calibration).toBeUndefined()
  expect(excluded.stages.map(({ stage }) => stage)).not.toContain('audit-cases')
})

it('a judge beside that of the run is told how to work, and needed no less', async () => {
  const chat = { auditJudges: ['chat'], llmModel: 'tiny' }
  const [judge] = planRun({ ...chat, baseUrl: ['http://localhost:9/v1'] }).audit.judges
  expect(judge).toMatchObject({
    name: 'chat',
    options: { llmModel: 'tiny' },
    runtime: { baseUrl: ['http://localhost:9/v1'] },
  })
  await expect(run({ directory: out, options: chat, until: 'audit' })).rejects.toThrow('judge "chat": nobody to ask')
})

it('a judge may stand beside itself with options of its own', async () => {
  const auditJudges = [{ judge: 'prefix', minPrefix: 1 }, 'random', { judge: 'random', rate: 0.9 }, { judge: 'random' }]
  const { audits } = await run({ directory: out, options: { auditJudges }, until: 'audit' })
  const stages = audits!.map(({ manifest }) => manifest.stage)
  expect(stages).toEqual(['audit-prefix', expect.stringMatching(/^audit-prefix-[0-9a-f]{8}$/), 'audit-random', expect.stringMatching(/^audit-random-[0-9a-f]{8}$/)]) // biome-ignore format: one line
  const [usual, short] = audits!.map(({ value }) => value.report)
  expect(short.decisions.recall).toBeGreaterThan(usual.decisions.recall)
  // what all are given holds for those that do not say otherwise
  const given = { auditJudges: ['chat', { judge: 'chat', llmModel: 'b', baseUrl: ['http://b/v1'] }], llmModel: 'a', mode: 'pair' } // biome-ignore format: one line
  expect(planRun(given).audit.judges).toMatchObject([
    { id: 'chat', options: { llmModel: 'a', mode: 'pair' }, runtime: { baseUrl: [] } },
    { options: { llmModel: 'b', mode: 'pair' }, runtime: { baseUrl: ['http://b/v1'] } },
  ])
  expect(() => planRun({ auditJudges: [{ judge: 'random', rat: 1 }] })).toThrow(
    '--audit-judges: judge "random" has no option --rat; did you mean --rate?',
  )
  expect(() => planRun({ auditJudges: ['prefx'] })).toThrow(
    /^unknown judge "prefx": known are .*; did you mean "prefix"\?$/,
  )
})

it('another judge sets aside what the run remembers of the one before, and says so', async () => {
  const emitted: string[] = []
  const emit = (event: RunEvent) => {
    if (event.type === 'message') emitted.push(event.text)
  }
  await run({ directory: out, options: { judge: 'random', rate: 0.3, auditJudges: [] }, until: 'judge' })
  const { judged } = await run({ directory: out, options: { judge: 'accept-all' }, until: 'judge', emit })
  expect(judged!.value.summary.provenance.judge).toBe('accept-all')
  expect(emitted).toContain('Ignored, being options of parts that this run does not use now: --rate.')
  const { given } = JSON.parse(await readFile(join(out, 'options.json'), 'utf8'))
  expect(given).toMatchObject({ judge: 'accept-all', dimensions: 8 })
  expect(given).not.toHaveProperty('rate')
  await expect(run({ directory: out, options: { rate: 0.3 }, until: 'judge' })).rejects.toThrow(
    '--rate is an option of random, which this run does not use',
  )
  await run({ directory: out, options: { judge: 'prefix' }, until: 'judge' })
})

describe('the commands', () => {
  it('audit: the table of controls, a sentence, and a picture', async () => {
    const { code, stdout } = await runHere(['judge', 'audit', out, '--quiet'])
    expect(code).toBe(0)
    for (const row of ['its own', 'shuffled', 'random', 'constant', 'relabelled'])
      expect(stdout).toMatch(new RegExp(`^${row} +0\\.\\d{4} +0\\.\\d{4} to 0\\.\\d{4}`, 'm'))
    expect(stdout).toMatch(/ROC-AUC 0\.\d{4} is (above chance|not distinguishable from chance)/)
    for (const title of ['shared prefix', 'popularity', 'history length', 'model score', 'quarter of list'])
      expect(stdout).toMatch(new RegExp(`^${title} +hidden`, 'm'))
    expect(await readFile(join(out, 'audit-prefix.svg'), 'utf8')).toContain('<svg')
  })

  it('bench: a row a judge, those of one name with what tells them apart', async () => {
    const judges = 'accept-all,random,random:rate=0.9,prefix:min-prefix=1,views=structural'
    const { stdout } = await runHere(['judge', 'bench', out, '--quiet', '--audit-judges', judges])
    for (const judge of ['prefix views=both', 'accept-all', 'random rate=0.5', 'random rate=0.9'])
      expect(stdout).toMatch(new RegExp(`^${judge} +0\\.\\d{4}`, 'm'))
    expect(stdout).toMatch(/^prefix min-prefix=1 views=structural +0\.\d{4}/m)
  })

  it('calibrate: errors before and after, and where the file is', async () => {
    const { stdout } = await runHere(['judge', 'calibrate', out, '--json', '--quiet'])
    const { file, isotonic, errors } = JSON.parse(stdout)
    expect(JSON.parse(await readFile(file, 'utf8'))).toMatchObject({ isotonic, errors })
  })

  it('a judge that is not known is named, with the nearest', async () => {
    const bench = (judges: string) => runHere(['judge', 'bench', out, '--audit-judges', judges])
    const { code, stderr } = await bench('prefx')
    expect(code).toBe(2)
    expect(stderr).toContain('did you mean "prefix"?')
    expect((await bench('chat:llm-modle=a')).stderr).toContain(
      'judge "chat" has no option "llm-modle"; did you mean "llm-model"?',
    )
    expect((await bench('chat:a')).stderr).toContain('"a" in "chat:a": expected option=value, such as llm-model=NAME')
  })
})
