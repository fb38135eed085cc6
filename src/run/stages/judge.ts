/** Stages `candidates` and `judge`: which unobserved items of a user are looked at, and what the judge says of them. */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { isDeepStrictEqual } from 'node:util'
import type { Dataset } from '../../dataset/dataset.ts'
import { readItemTexts } from '../../dataset/item-texts.ts'
import { readTable, writeTable } from '../../dataset/table.ts'
import { generateCandidates } from '../../enhance/candidates.ts'
import { describe, readGivenCandidates } from '../../enhance/given-candidates.ts'
import { DataError } from '../../errors.ts'
import { sha256OfFile, writeJson } from '../../files.ts'
import { judges } from '../../judges/index.ts'
import { type Candidates, INVALID, NO_CANDIDATE, POSITIVE, type Provenance, type Verdicts } from '../../judges/judge.ts'
import { needsTexts, type PromptMode } from '../../judges/prompt.ts'
import { type PrefixRate, rateByPrefix } from '../../judges/shared-prefix.ts'
import { candidateColumns, filledPlaces, readVerdictRows, writeVerdicts } from '../../judges/verdict-file.ts'
import { embeddingRecommender } from '../../models/embeddings.ts'
import { formatCount } from '../../numbers.ts'
import type { Run, RunData } from '../context.ts'
import type { ChosenJudge, PartChoice, RunPlan } from '../options/plan.ts'
import { vectorRecency } from '../recency.ts'
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
    async compute(folder, report) {
      if (given) {
        const { candidates, left } = await readGivenCandidates(given, train, k)
        if (Object.keys(left).length > 0) report.message(`Rows of ${given} that are not used: ${describe(left)}.`)
        return writeCandidates(folder, train, candidates)
      }
      // a baseline is good for the scope of memory that it is fitted in
      const candidates = await kernels.memory.scope(() =>
        generateCandidates({
          recommender: proposer
            ? fitBaseline({ train, kernels, seed }, proposer, '--candidate-model')
            : embeddingRecommender(base.value.embeddings, kernels, train),
          train,
          options: { k },
          seed,
          ...(signal && { signal }),
          progress: (done, total) => report.progress(done, total, 'users'),
        }),
      )
      await writeCandidates(folder, train, candidates)
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

const unreadable = (path: string, cause: Error) =>
  new DataError(`${path}: cannot be read: ${cause.message}; check --candidates`, { cause })

/** The candidates of every user of `train`, [U × k], from the folder of the stage. */
export async function readCandidates(folder: string, train: Dataset, k: number): Promise<Candidates> {
  const table = await readTable(join(folder, 'candidates.parquet'), ['user_id', 'rank', 'item_id', 'score'])
  const items = new Int32Array(train.users * k).fill(-1)
  const scores = new Float32Array(train.users * k).fill(Number.NEGATIVE_INFINITY)
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
  { work, ...judge }: ChosenJudge = { ...run.plan.judge, work: run.plan.judgeWork },
): Promise<StageResult<StoredVerdicts>> {
  const { plan, kernels, signal } = run
  const { train } = data.value
  const { codes } = trees.value
  const { items } = candidates.value
  const { seed } = plan.run
  const definition = judges.get(judge.name)
  const inputs = await judgeInputs(plan, judge)
  return runStage(run, {
    // the same verdicts are not asked for twice
    name: isDeepStrictEqual(judge, plan.judge) ? 'judge' : 'judge-rerank',
    title: `Judging the candidates (${judge.name})`,
    options: { seed, ...judge },
    inputs: { data: data.hash, trees: trees.hash, candidates: candidates.hash, ...inputs },
    async compute(folder, report) {
      // what was answered stays beside the stage: it is paid for, and serves other options of the judge too
      const texts = await textsFor(plan, judge, train)
      const context = { train, codes, texts, kernels, seed, folder: ledgerFolder(run.directory) }
      const part = definition.create(context, judge.options, work)
      // a report would throw, and what is in flight after a stop is to be kept
      const progress = (done: number, total: number, detail = 'users') => {
        if (!signal?.aborted) report.progress(done, total, detail)
      }
      const verdicts = await part.judge(candidates.value, { signal, progress })
      const byPrefix = await rateByPrefix(verdicts, candidates.value, codes, train.byUser, kernels)
      await writeVerdicts(join(folder, 'verdicts.parquet'), train, candidates.value, verdicts)
      const count = (label: number) => verdicts.labels.reduce((sum, own) => sum + Number(own === label), 0)
      const summary: JudgeSummary = {
        provenance: verdicts.provenance,
        candidates: filledPlaces(items).length,
        positives: count(POSITIVE),
        invalid: count(INVALID),
        byPrefix,
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

/** The verdicts on `candidates`, from the folder of the stage. */
export async function readVerdicts(folder: string, { items }: Pick<Candidates, 'items'>): Promise<StoredVerdicts> {
  const summary: JudgeSummary = JSON.parse(await readFile(join(folder, 'summary.json'), 'utf8'))
  const rows = await readVerdictRows(join(folder, 'verdicts.parquet'))
  const labels = new Int8Array(items.length).fill(NO_CANDIDATE)
  const confidence = new Float32Array(items.length)
  filledPlaces(items).forEach((place, row) => {
    labels[place] = rows[row].label
    confidence[place] = rows[row].confidence
  })
  return { verdicts: { labels, confidence, provenance: summary.provenance }, summary }
}
