/** Stages `candidates` and `judge`: which unobserved items of a user are looked at, and what the judge says of them. */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { isDeepStrictEqual } from 'node:util'
import type { Dataset } from '../../dataset/dataset.ts'
import { readItemTexts } from '../../dataset/items/texts.ts'
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
import { suggestRetries } from '../../judges/llm/faults.ts'
import { needsTexts, type PromptMode } from '../../judges/prompt.ts'
import { bestSharedPrefix, deepest, type PrefixRate, rateByPrefix } from '../../judges/shared-prefix.ts'
import { readVerdictRows, writeVerdicts } from '../../judges/verdict-file.ts'
import { formatCount } from '../../numbers.ts'
import { filledPlaces } from '../../places.ts'
import type { Run, RunData } from '../context.ts'
import type { ChosenJudge, PartChoice, RunPlan } from '../options/plan.ts'
import { type MergedRows, rowsOfUsers, type ShardedRows, spreadRows } from '../sharding.ts'
import { runStage, type StageResult } from '../stage.ts'
import type { StoredTrees } from './trees.ts'

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
      const { faults = {} } = (summary.provenance.details ?? {}) as { faults?: Readonly<Record<string, number>> }
      const counts = `${formatCount(summary.invalid)} of ${formatCount(summary.candidates)}`
      const why = suggestRetries(run.directory, faults).map(line => `; ${line}`)
      if (summary.invalid > 0)
        report.message(`${counts} candidates have no verdict that can be read: they change nothing${why.join('')}`)
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
