/**
 * No dead options: each option that there is, given to a run on tiny data as a person would give it, changes what comes
 * out. A new option is tried with another value by itself; where that says nothing, it gets a row in the table.
 */
import { cp, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { itemOptions } from '../../src/dataset/items/texts.ts'
import { loadSplit } from '../../src/dataset/load.ts'
import { plantedData } from '../../src/dataset/planted.ts'
import { writeAtomic } from '../../src/files.ts'
import { ggufOptions, ggufRuntime } from '../../src/judges/gguf/options.ts'
import { promptOptions } from '../../src/judges/llm/prompt-options.ts'
import { createKernels } from '../../src/kernels/wasm/wasm.ts'
import { askingOptions } from '../../src/llm/asking-options.ts'
import { mf } from '../../src/models/mf.ts'
import { decodeTensors } from '../../src/models/safetensors.ts'
import { bpr } from '../../src/objectives/bpr.ts'
import { derive, randomStream } from '../../src/random.ts'
import type { Run, RunData } from '../../src/run/context.ts'
import { optionGroups } from '../../src/run/options/groups.ts'
import { planRun } from '../../src/run/options/plan-run.ts'
import type { RunRequest } from '../../src/run/request.ts'
import { runGiven as run } from '../../src/run/run.ts'
import { auditStages } from '../../src/run/stages/audit.ts'
import { candidatesStage } from '../../src/run/stages/candidates.ts'
import { evaluateBaseline } from '../../src/run/stages/evaluate.ts'
import { judgeStage } from '../../src/run/stages/judge.ts'
import { trainStage } from '../../src/run/stages/train.ts'
import { treesStage } from '../../src/run/stages/trees.ts'
import { samplers } from '../../src/samplers/index.ts'
import { train } from '../../src/training/trainer.ts'
import { sharedDirectory } from '../support/directory.ts'
import { randomDataset } from '../support/toy.ts'
import { otherValue } from './perturb.ts'

type Given = Readonly<Record<string, unknown>>

/** What each option is tried beside, unless the table says otherwise. */
const USUAL: Given = {
  dimensions: 4,
  layers: 1,
  epochs: 3,
  validateEvery: 1,
  batchSize: 64,
  learningRate: 0.02,
  candidatesPerUser: 6,
  leafSize: 6,
  eigenvectors: 5,
  baselines: [],
  historyAtTest: 'train',
  threads: 1,
}

type View =
  | 'split'
  | 'base'
  | 'trees'
  | 'candidates'
  | 'verdicts'
  | 'audit'
  | 'baselines'
  | 'ordered'
  | 'final'
  | 'table'
type Source = 'parts' | 'columns' | 'lists' | 'events'

interface Case {
  /** another value than the one that is chosen by itself */
  readonly value?: unknown
  /** beside what the option is tried */
  readonly given?: Given
  readonly view?: View
  readonly source?: Source
}

/** Where it is looked at when the table says nothing. */
const viewOfGroup: Readonly<Record<string, View>> = {
  Data: 'split',
  Training: 'base',
  Model: 'base',
  Sampler: 'base',
  Objective: 'base',
  Trees: 'trees',
  Judge: 'verdicts',
  Judgements: 'final',
  Audit: 'audit',
  'Baseline ordered-walk': 'ordered',
}

const cases: Readonly<Record<string, Case>> = {
  ...Object.fromEntries(
    ['itemKnn', 'ease', 'ials', 'rp3beta', 'gfCf', 'turboCf'].flatMap(baseline => [
      [`${baseline}Decay`, { view: 'ordered', value: 0.2 }],
      [`${baseline}HalfLife`, { view: 'ordered', value: 1 }],
    ]),
  ),
  orderedWalkDecay: { value: 0.1 },
  orderedWalkHalfLife: { value: 1 },
  orderedWalkWindow: { value: 1 },
  orderedWalkNeighbors: { value: 2 },
  preset: { view: 'final', value: 'paper' },
  seed: { view: 'base' },
  seeds: { view: 'table' },
  model: { view: 'base', value: 'mf', given: { layers: undefined } },
  objective: { view: 'base' },
  baseSampler: { view: 'base', value: 'uniform' },
  sampler: { view: 'final', value: 'uniform' },
  final: { view: 'table', value: 'base' },
  compare: { view: 'table', value: ['uniform'] },
  baselines: { view: 'baselines', value: ['popularity'] },
  judge: { view: 'verdicts', value: 'accept-all' },
  candidateModel: { view: 'candidates', value: 'item-knn' },
  tune: { view: 'ordered', value: ['rp3beta'], given: { baselines: ['rp3beta'] } },
  fuseWith: { view: 'table', value: 'item-knn' },
  rerank: { view: 'table', value: 'learned' },
  fuseDepth: { view: 'table', value: 20, given: { fuseWith: 'item-knn' } },
  candidatesPerUser: { view: 'candidates' },
  protocol: { view: 'table', value: ['strict', 'released'] },
  maskAtTest: { view: 'baselines', given: { baselines: ['popularity'] } },
  evaluateOn: { view: 'baselines', given: { baselines: ['popularity'] } },
  historyAtTest: { view: 'table' },
  decay: { view: 'ordered', value: 0.1 },
  halfLife: { view: 'ordered', value: 1 },
  refit: { view: 'table', given: { historyAtTest: undefined } },
  cutoffs: { view: 'baselines', given: { baselines: ['popularity'] }, value: [3] },

  format: { source: 'lists', value: 'sequences' },
  user: { source: 'columns', value: 'friend' },
  item: { source: 'columns', value: 'wish' },
  rating: { source: 'columns', value: 'stars', given: { minRating: 3 } },
  time: { source: 'columns', value: 'seen_at', given: { split: 'per-user-time' } },
  minRating: { source: 'columns', value: 4 },
  kCore: { source: 'columns', value: 4 },
  split: { source: 'columns', value: 'leave-one-out' },
  validShare: { source: 'columns' },
  testShare: { source: 'columns' },
  splitSeed: { source: 'columns' },
  encoding: { source: 'events', value: 'windows-1252' },
  timeUnit: { source: 'events', value: 'day-first', given: { split: 'global-time' } },
  missing: { source: 'events', value: ['Zoë 3'] },
  where: { source: 'events', value: 'qty > 2' },
  event: { source: 'events', value: ['view'] },
  eventColumn: { source: 'events', value: 'second', given: { event: ['view'] } },
  eventWeight: { source: 'events', value: ['buy=3'] },
  weight: { source: 'events', value: 'qty' },
  weightScale: { source: 'events', given: { weight: 'qty' } },
  ties: { source: 'events', given: { split: 'per-user-time' } },

  dimensions: { value: 8 },
  itemGraphNeighbors: { given: { itemGraphWeight: 1 }, value: 2 },
  itemGraphShrinkage: { given: { itemGraphWeight: 1 } },

  // validation gets worse soon when steps are this large
  patience: { value: 1, given: { epochs: 8, learningRate: 0.5, patience: 5 } },
  learningRateDrops: { value: 1, given: { epochs: 8, learningRate: 0.5, patience: 1 } },

  pairLosses: { given: { negatives: 2 } },

  contrastHop: { given: { layers: 3 } },
  mlpLayers: { given: { layers: undefined } },
  ownShare: { given: { layers: undefined } },
  historyVectors: { given: { layers: undefined } },
  pooling: { given: { layers: undefined } },
  // adam forgets the length of gradients that all are scaled alike
  maxGradientNorm: { value: 0.001, given: { optimizer: 'adagrad' } },
  gfCfVectors: { value: 2 },

  exponent: { value: 2 },
  // three epochs are few for a deviation
  deviationWeight: { value: 1000 },
  deviationWarmup: { value: 1, given: { deviationWeight: 1000 } },
  gateWarmup: { value: 1 },
  hardnessScale: { value: 0.001 },
  power: { value: 3, given: { hardnessShift: 0 } },
  base: { view: 'final', value: 'dns' },
  structuralWeight: { view: 'final' },
  falseFactor: { view: 'final', value: 0.2 },
  semanticWeight: { view: 'final' },

  maxShare: { value: 1 },
  balance: { value: 'none', given: { branches: 3 } },
  restarts: { value: 1 },
  iterations: { value: 1 },

  rate: { given: { judge: 'random' } },
  rounds: { value: 1 },
  minConfidence: { given: { judge: 'learned' }, value: 0.9 },
  consult: { given: { judge: 'learned' }, value: 'prefix' },
  evidence: { given: { judge: 'learned' }, value: ['popularity'] },
  judgedWeight: { given: { use: 'weighted' } },
  rankDecay: { given: { use: 'weighted' } },
  lastPlace: { given: { use: 'weighted' }, value: 1 },
  judgedEdges: { given: { use: 'weighted' }, value: 'none' },

  auditJudges: { value: ['random'] },
  auditPerUser: { value: 1 },
  auditUsers: { value: 5 },
  auditControls: { value: ['constant'] },
  auditRecheck: { value: 0.5 },
  calibration: { view: 'final', given: { use: 'weighted' }, value: 'platt' },

  itemKnnNeighbors: { value: 2 },
  itemKnnShrinkage: { value: 50 },
  easeMaxItems: { value: 3 },
  ialsDimensions: { value: 8 },
  rp3betaAlpha: { value: 1 },
  rp3betaBeta: { value: 2 },
  rp3betaNeighbors: { value: 2 },
  rp3betaShrinkage: { value: 3 },
  itemKnnPower: { value: 3 },
  rp3betaPower: { value: 3 },
}

/** Every option of a schema, with one reason. */
function namesOf({ shape }: { shape: object }, reason: string): Record<string, string> {
  return Object.fromEntries(Object.keys(shape).map(name => [name, reason]))
}

/** Options that change no result, and the test that sees what they do change. */
const elsewhere: Readonly<Record<string, string>> = {
  validFrom: 'is about files without a valid part; test/dataset/load.test.ts has each',
  baseModel: 'names a file; test/engines/prepared.test.ts has one',
  rerankUsers: 'is above the users of small data; test/run/rerank.test.ts gives fewer',
  rerankConsult: 'names a judge whose verdicts the second stage may weigh; test/run/rerank.test.ts has one',
  warmStart: 'takes an earlier run; test/run/warm-start.test.ts has it',
  ...namesOf(promptOptions, 'decides a prompt; test/judges/questions.test.ts sees that each changes its custom_id'),
  ...namesOf(askingOptions, 'says how a server is asked, not what; test/judges/asking.test.ts has each'),
  ...namesOf(ggufOptions, 'of a model in a file; test/judges/gguf has each'),
  ...namesOf(ggufRuntime, 'says how a model is run; test/judges/gguf/engine.test.ts has its default'),
  ...namesOf(
    itemOptions,
    'is about a file of items; test/dataset/item-texts.test.ts and item-vectors.test.ts have each',
  ),
  from: 'names a file; test/judges/replay.test.ts has one',
  candidates: 'names a file; test/enhance/given-candidates.test.ts reads some',
  aiProvider: 'says who is asked; test/judges/ai-sdk.test.ts has one',
  fromModel: 'chooses among answers; test/judges/replay.test.ts has some',
  maxRefused: 'says when a run stops; test/dataset/layouts.test.ts sees it stop',
  profile: 'writes profile.json beside the stages; test/run/profile.test.ts reads it',
  threads: 'changes how many threads work; test/run/threads.test.ts sees that nothing else changes',
  checkpointEvery: 'changes when checkpoints are written, which is counted below',
}

const directory = sharedDirectory()

/** Interactions as train, valid and test files; as a table of many columns, or of events; as lines of three numbers. */
async function writeSource(kind: Source): Promise<string> {
  const source = join(directory, 'sources', kind)
  if (kind === 'parts') {
    const data = plantedData({ users: 40, items: 60, levels: 2, likesPerUser: 14 })
    for (const part of ['train', 'valid', 'test'] as const) {
      const { users, items } = data[part]
      await writeAtomic(join(source, `${part}.txt`), users.map((user, row) => `${user} ${items[row]}\n`).join(''))
    }
    return source
  }
  const random = randomStream(derive(3, kind))
  const { below } = random
  const pick = () => ['view', 'cart', 'buy'][below(3)]
  const line = {
    columns: () => [below(20), below(30), below(20), below(30), ...[1 + below(5), 1 + below(5)], 1e9 + below(1e6), 1e9 + below(1e6)].join(','), // biome-ignore format: one line
    events: () => [`Zoë ${below(20)}`, below(30), ...[pick(), pick()], 1 + below(5), `0${1 + below(9)}/0${1 + below(9)}/2020`].join(','), // biome-ignore format: one line
    lists: () => [below(20), 30 + below(30), 60 + below(30)].join(' '),
  }[kind]
  const header = {
    columns: ['user_id,item_id,friend,wish,rating,stars,timestamp,seen_at'],
    events: ['user_id,item_id,event,second,qty,date'],
    lists: [],
  }[kind]
  const lines = [...header, ...Array.from({ length: 200 }, line)]
  await writeAtomic(join(source, 'rows.txt'), lines.map(text => `${text}\n`).join(''))
  return source
}

/** Makes a value once for each key. */
function memo<A extends unknown[], T>(make: (...keys: A) => Promise<T>): (...keys: A) => Promise<T> {
  const made = new Map<string, Promise<T>>()
  return (...keys) => {
    const key = JSON.stringify(keys)
    const value = made.get(key) ?? make(...keys)
    made.set(key, value)
    return value
  }
}

const sourceOf = memo(writeSource)
let runs = 0
const newDirectory = () => join(directory, `run-${runs++}`)

/** What the stages of a run share, in a directory of its own. */
const stageContext = (given: Given): Run => ({
  directory: newDirectory(),
  source: '',
  plan: planRun(given),
  kernels: createKernels(),
  emit: () => {},
})

const dataOf = async (source: Source, given: Given): Promise<RunData> => {
  const { split } = await loadSplit(await sourceOf(source), planRun(given).source)
  return { value: split, hash: split.hash, manifest: {} as RunData['manifest'] }
}
const ORDERED: Given = { split: 'leave-one-out', time: 'timestamp', cutoffs: [3] }
const [usualData, orderedData] = [memo(() => dataOf('parts', {})), memo(() => dataOf('columns', ORDERED))]
const baseOf = async (given: Given) => {
  const context = stageContext(given)
  return trainStage(context, await usualData(), { name: 'train-base', title: '', sampler: context.plan.baseSampler })
}
const usualBase = memo(() => baseOf(USUAL))
const treesOf = async (given: Given) => treesStage(stageContext(given), await usualData(), await usualBase())
const candidatesOf = async (given: Given) => candidatesStage(stageContext(given), await usualData(), await usualBase())
const [usualTrees, usualCandidates] = [memo(() => treesOf(USUAL)), memo(() => candidatesOf(USUAL))]

async function evaluated(context: Run, data: RunData) {
  const results = []
  // in turn: they share kernel memory
  for (const baseline of context.plan.baselines) results.push(...(await evaluateBaseline(context, data, baseline)))
  return results.map(({ value }) => value)
}

/** A whole run; all but the first begin as a copy of that, whose stages need not be made again. */
const firstRun = memo(async () => run({ directory: newDirectory(), source: await sourceOf('parts'), options: USUAL }))
const runOn = async (given: Given, finish?: RunRequest['finish']) => {
  const at = newDirectory()
  await cp((await firstRun()).directory, at, { recursive: true })
  return run({ directory: at, source: await sourceOf('parts'), options: given, ...(finish && { finish }) })
}
const wholeRun = memo((given: Given) => runOn(given))
/** The same, of which nothing is evaluated. */
const trainedRun = memo((given: Given) => runOn(given, async () => {}))

/** What is looked at: results, never a hash over options or words, which any option would change. */
const views: Readonly<Record<View, (given: Given, source: Source) => Promise<unknown>>> = {
  split: async (given, source) => (await loadSplit(await sourceOf(source), planRun(given).source)).split.hash,
  base: async given => {
    const { embeddings, history } = (await baseOf(given)).value
    return { embeddings, history }
  },
  trees: async given => (await treesOf(given)).value.codes,
  candidates: async given => (await candidatesOf(given)).value.items,
  async verdicts(given) {
    const stages = [await usualData(), await usualTrees(), await usualCandidates()] as const
    return (await judgeStage(stageContext(given), ...stages)).value.verdicts.labels
  },
  async audit(given) {
    const audits = await auditStages(stageContext(given), await usualData(), await usualBase())
    return audits.map(({ value }) => value.report)
  },
  baselines: async given => evaluated(stageContext(given), await usualData()),
  // on data with times
  async ordered(given) {
    const options: Given = { ...ORDERED, ...given }
    const isFitted = (given.baselines as readonly string[]).length > 0
    if (isFitted && !given.tune) return evaluated(stageContext(options), await orderedData())
    const request = { directory: newDirectory(), source: await sourceOf('columns'), options }
    const { metrics } = await run({ ...request, until: isFitted ? 'baselines' : 'base' })
    return metrics!.rows.map(({ metrics }) => metrics)
  },
  final: async given => readModel((await trainedRun(given)).directory),
  table: async given => (await wholeRun(given)).metrics!.rows.map(({ method, metrics }) => ({ method, metrics })),
}

async function readModel(run: string) {
  const path = join(run, 'train-dtl-ns', 'model.safetensors')
  return decodeTensors(await readFile(path), path)
}

const usualOutcome = memo((view: View, given: Given, source: Source) => views[view](given, source))
const options = optionGroups().flatMap(({ title, options }) => options.map(option => ({ title, option })))

describe('every option changes what comes out', () => {
  for (const { title, option } of options) {
    const reason =
      elsewhere[option.name] ?? (option.choices?.length === 1 ? 'there is one to choose from so far' : undefined)
    const name = `${title}: ${option.name}`
    const test = async () => {
      const { given = {}, view, source = 'parts', value } = cases[option.name] ?? {}
      const beside: Given = { ...USUAL, ...partOf(title, option.parts), ...given }
      const look = view ?? viewOfGroup[title] ?? 'baselines'
      const other = value ?? otherValue(option, beside[option.name] ?? option.default)
      expect(other).not.toEqual(beside[option.name] ?? option.default)
      const changed = await views[look]({ ...beside, [option.name]: other }, source)
      expect(changed, `${option.name}: ${JSON.stringify(other)}`).not.toEqual(await usualOutcome(look, beside, source))
    }
    if (reason) it.skip(`${name} (${reason})`, test)
    else it(name, test)
  }

  it('the table names only options that there are', () => {
    const known = options.map(({ option }) => option.name)
    expect([...Object.keys(cases), ...Object.keys(elsewhere)].filter(name => !known.includes(name))).toEqual([])
  })

  // whole runs are compared with each other elsewhere
  const stageViews: View[] = ['split', 'base', 'trees', 'candidates', 'verdicts', 'audit', 'baselines']
  it.each(stageViews)('the same options twice give the same: %s', async view => {
    const given = { ...USUAL, baselines: ['popularity'] }
    expect(await views[view](given, 'parts')).toEqual(await usualOutcome(view, given, 'parts'))
  })
})

/** The choice of a part that knows the option, where the usual part does not. */
function partOf(title: string, parts: readonly string[] | undefined): Given {
  if (!parts) return {}
  if (title.startsWith('Baseline')) return { baselines: parts }
  const key = title === 'Sampler' && samplers.get(parts[0]).kind !== 'decorator' ? 'baseSampler' : title.toLowerCase()
  const usual = options.find(({ option }) => option.name === key)?.option.default
  return parts.includes(String(usual)) ? {} : { [key]: parts[0] }
}

it('checkpointEvery: every so many epochs a checkpoint is written', async () => {
  const saved = async (checkpointEvery: number) => {
    const epochs: number[] = []
    await train({
      kernels: createKernels(),
      train: randomDataset(6, 9, 0.3),
      model: { part: mf, options: { dimensions: 4 } },
      sampler: { part: 'uniform' },
      objective: { part: bpr },
      options: { epochs: 7, checkpointEvery },
      seed: 1,
      checkpoint: { load: async () => undefined, save: async ({ epoch }) => void epochs.push(epoch) },
    })
    return epochs
  }
  expect(await saved(2)).toEqual([2, 4, 6])
  expect(await saved(3)).toEqual([3, 6])
})
