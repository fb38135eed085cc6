/** Stages `candidates` and `judge`: which unobserved items of a user are looked at, and what the judge says of them. */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { isDeepStrictEqual } from 'node:util'
import type { Dataset } from '../../dataset/dataset.ts'
import { readItemTexts } from '../../dataset/items/texts.ts'
import { filledRows } from '../../dataset/patterns.ts'
import { readTable, writeTable } from '../../dataset/table.ts'
import { generateCandidates } from '../../enhance/candidates.ts'
import { describe, readGivenCandidates } from '../../enhance/given-candidates.ts'
import { DataError } from '../../errors.ts'
import { sha256OfFile, writeJson } from '../../files.ts'
import { judges } from '../../judges/index.ts'
import {
  type Candidates,
  INVALID,
  type JudgeControl,
  joinProvenance,
  NO_CANDIDATE,
  POSITIVE,
  type Provenance,
  type Verdicts,
} from '../../judges/judge.ts'
import { needsTexts, type PromptMode } from '../../judges/prompt.ts'
import { bestSharedPrefix, deepest, type PrefixRate, rateByPrefix } from '../../judges/shared-prefix.ts'
import { candidateColumns, filledPlaces, readVerdictRows, writeVerdicts } from '../../judges/verdict-file.ts'
import { embeddingRecommender } from '../../models/embeddings.ts'
import { formatCount } from '../../numbers.ts'
import type { Run, RunData } from '../context.ts'
import type { ChosenJudge, PartChoice, RunPlan } from '../options/plan.ts'
import { vectorRecency } from '../recency.ts'
import { type MergedRows, rowsOfUsers, type ShardedRows, spreadRows } from '../sharding.ts'
import { runStage, type StageResult } from '../stage.ts'
import { fitBaseline } from './fit-baseline.ts'
import type { TrainedModel } from './train.ts'
import type { StoredTrees } from './trees.ts'

export async function candidatesStage(
  run: Run,
  data: RunData,
  base: StageResult<TrainedModel>,
): Promise<StageResult<Candidates>> {
  const { plan, kernels, signal } = run
  const { train } = data.value
  const { candidatesPerUser: k, candidates: given, seed } = plan.run
  const { proposer } = plan
  // a baseline is good for the scope of memory that it is fitted in
  const generate = (progress: (done: number, users: number) => void, users?: Int32Array) =>
    kernels.memory.scope(() =>
      generateCandidates({
        recommender: proposer
          ? fitBaseline({ train, kernels, seed }, proposer, '--candidate-model')
          : embeddingRecommender(base.value.embeddings, kernels, train),
        train,
        options: { k },
        seed,
        ...(users && { users }),
        ...(signal && { signal }),
        progress,
      }),
    )
  const shared: ShardedRows = {
    users: () => filledRows(train.byUser),
    async rows(users, progress) {
      const { items, scores } = await generate(progress, users)
      return { arrays: { items: rowsOfUsers(items, users, k), scores: rowsOfUsers(scores, users, k) } }
    },
  }
  return runStage(run, {
    name: 'candidates',
    title: 'Listing the candidates',
    options: { candidatesPerUser: k, seed, ...(proposer ? { proposer } : vectorRecency(plan)) },
    inputs: given
      ? {
          data: data.hash,
          candidates: await sha256OfFile(given).catch(error => Promise.reject(unreadable(given, error))),
        }
      : { data: data.hash, ...(!proposer && { base: base.hash }) },
    ...(!given && { shared }),
    async compute(folder, report, _key, merged) {
      if (given) {
        const { candidates, left } = await readGivenCandidates(given, train, k)
        if (Object.keys(left).length > 0) report.message(`Rows of ${given} that are not used: ${describe(left)}.`)
        return writeCandidates(folder, train, candidates)
      }
      const progress = (done: number, total: number) => report.progress(done, total, 'users')
      await writeCandidates(folder, train, merged ? mergedCandidates(merged, train, k) : await generate(progress))
    },
    load: folder => readCandidates(folder, train, k),
  })
}

async function writeCandidates(folder: string, train: Dataset, { items, scores, k }: Candidates): Promise<void> {
  const places = filledPlaces(items)
  await writeTable(
    join(folder, 'candidates.parquet'),
    [
      ...candidateColumns(train, { items, k }, places),
      { name: 'score', type: 'FLOAT', value: row => scores[places[row]] },
    ],
    places.length,
  )
}

function mergedCandidates({ users, arrays }: MergedRows, train: Dataset, k: number): Candidates {
  const candidates = noCandidates(train, k)
  spreadRows(arrays.items, users, k, candidates.items)
  spreadRows(arrays.scores, users, k, candidates.scores)
  return candidates
}

const noCandidates = ({ users }: Dataset, k: number) => ({
  k,
  items: new Int32Array(users * k).fill(-1),
  scores: new Float32Array(users * k).fill(Number.NEGATIVE_INFINITY),
})

const unreadable = (path: string, cause: Error) =>
  new DataError(`${path}: cannot be read: ${cause.message}; check --candidates`, { cause })

/** The candidates of every user of `train`, [U × k], from the folder of the stage. */
export async function readCandidates(folder: string, train: Dataset, k: number): Promise<Candidates> {
  const table = await readTable(join(folder, 'candidates.parquet'), ['user_id', 'rank', 'item_id', 'score'])
  const { items, scores } = noCandidates(train, k)
  table.user_id.forEach((user, row) => {
    const place = train.userIds.indexOf(user!) * k + Number(table.rank[row]) - 1
    items[place] = train.itemIds.indexOf(table.item_id[row]!)
    scores[place] = Number(table.score[row])
  })
  return { k, items, scores }
}

/** What each item is, when the judge is one that reads it. */
export async function textsFor({ items }: RunPlan, { options }: PartChoice, { itemIds }: Dataset) {
  const { mode } = options as { mode?: PromptMode }
  return mode && needsTexts(mode) ? readItemTexts(items, itemIds) : undefined
}

/** What beside options, data and codes decides the verdicts of a judge. */
export async function judgeInputs({ items }: RunPlan, judge: PartChoice): Promise<Record<string, string>> {
  const { mode } = judge.options as { mode?: PromptMode }
  const texts = mode && needsTexts(mode) && items.items !== undefined
  return {
    ...(await judges.get(judge.name).inputs?.(judge.options)),
    ...(texts && { items: `${await sha256OfFile(items.items!)}:${[items.itemId, items.title, ...items.text].join()}` }),
  }
}

/** Folder of a judge's verdicts: the same are not asked for twice. */
export function judgeFolder(plan: RunPlan, { name, options, version }: PartChoice): string {
  const asked = { name, ...(version !== undefined && { version }), options }
  return isDeepStrictEqual(asked, plan.judge) ? 'judge' : 'judge-rerank'
}

/** Where a run keeps the answers of language models. */
export function ledgerFolder(directory: string): string {
  return join(directory, 'ledger')
}

export interface JudgeSummary {
  readonly provenance: Provenance
  readonly candidates: number
  readonly positives: number
  readonly invalid: number
  readonly byPrefix: readonly PrefixRate[]
}

export interface StoredVerdicts {
  readonly verdicts: Verdicts
  readonly summary: JudgeSummary
}

export async function judgeStage(
  run: Run,
  data: RunData,
  trees: StageResult<StoredTrees>,
  candidates: StageResult<Candidates>,
  { runtime, ...judge }: ChosenJudge = { ...run.plan.judge, runtime: run.plan.judgeRuntime },
): Promise<StageResult<StoredVerdicts>> {
  const { plan, kernels, signal } = run
  const { train } = data.value
  const { codes } = trees.value
  const { items, k } = candidates.value
  const { seed } = plan.run
  const definition = judges.get(judge.name)
  const inputs = await judgeInputs(plan, judge)
  const judgeThem = async (asked: Candidates, progress: JudgeControl['progress']) => {
    // what was answered stays beside the stage: it is paid for, and serves other options of the judge too
    const texts = await textsFor(plan, judge, train)
    const context = { train, codes, texts, kernels, seed, folder: ledgerFolder(run.directory) }
    return definition.create(context, judge.options, runtime).judge(asked, { signal, progress })
  }
  const shared: ShardedRows = {
    users: () => Int32Array.from(new Set(filledPlaces(items).map(place => Math.floor(place / k)))),
    async rows(users, progress) {
      const asked = { ...candidates.value, items: new Int32Array(items.length).fill(-1) }
      spreadRows(rowsOfUsers(items, users, k), users, k, asked.items)
      const { labels, confidence, provenance } = await judgeThem(asked, progress)
      const arrays = {
        labels: Int32Array.from(rowsOfUsers(labels, users, k)),
        confidence: rowsOfUsers(confidence, users, k),
      }
      return { arrays, note: JSON.stringify(provenance) }
    },
    joinNotes: notes => JSON.stringify(joinProvenance(notes.map(note => JSON.parse(note)), definition.counts)), // biome-ignore format: one line
  }
  return runStage(run, {
    name: judgeFolder(plan, judge),
    title: `Judging the candidates (${judge.name})`,
    options: { seed, ...judge },
    format: 2,
    inputs: { data: data.hash, trees: trees.hash, candidates: candidates.hash, ...inputs },
    shared,
    async compute(folder, report, _key, merged) {
      // a report would throw, and what is in flight after a stop is to be kept
      const progress = (done: number, total: number, detail = 'users') => {
        if (!signal?.aborted) report.progress(done, total, detail)
      }
      const verdicts = merged ? mergedVerdicts(merged, items.length, k) : await judgeThem(candidates.value, progress)
      const sharedPrefix =
        verdicts.sharedPrefix ?? (await bestSharedPrefix(candidates.value, codes, train.byUser, kernels))
      await writeVerdicts(join(folder, 'verdicts.parquet'), train, candidates.value, { ...verdicts, sharedPrefix })
      const count = (label: number) => verdicts.labels.reduce((sum, own) => sum + Number(own === label), 0)
      const summary: JudgeSummary = {
        provenance: verdicts.provenance,
        candidates: filledPlaces(items).length,
        positives: count(POSITIVE),
        invalid: count(INVALID),
        byPrefix: rateByPrefix(verdicts.labels, sharedPrefix, deepest(codes)),
      }
      await writeJson(join(folder, 'summary.json'), summary)
      if (summary.invalid > 0)
        report.message(
          `${formatCount(summary.invalid)} of ${formatCount(summary.candidates)} candidates have no verdict that can be read: they change nothing`,
        )
    },
    load: folder => readVerdicts(folder, candidates.value),
  })
}

function mergedVerdicts({ users, arrays, note }: MergedRows, places: number, k: number): Verdicts {
  const labels = new Int8Array(places).fill(NO_CANDIDATE)
  const confidence = new Float32Array(places)
  spreadRows(arrays.labels, users, k, labels)
  spreadRows(arrays.confidence, users, k, confidence)
  return { labels, confidence, provenance: JSON.parse(note!) }
}

/** The verdicts on `candidates`, from the folder of the stage. */
export async function readVerdicts(folder: string, { items }: Pick<Candidates, 'items'>): Promise<StoredVerdicts> {
  const summary: JudgeSummary = JSON.parse(await readFile(join(folder, 'summary.json'), 'utf8'))
  const rows = await readVerdictRows(join(folder, 'verdicts.parquet'))
  const labels = new Int8Array(items.length).fill(NO_CANDIDATE)
  const confidence = new Float32Array(items.length)
  const sharedPrefix = new Int32Array(items.length)
  filledPlaces(items).forEach((place, row) => {
    labels[place] = rows[row].label
    confidence[place] = rows[row].confidence
    sharedPrefix[place] = rows[row].sharedPrefix ?? 0
  })
  return { verdicts: { labels, confidence, sharedPrefix, provenance: summary.provenance }, summary }
}
