/**
 * Stages `audit-…` and `calibration`: what a judge knows, from interactions of train that are hidden from it. Valid and
 * test stay sealed, and nothing that the judge sees has learned from what is hidden: the base model and both trees are
 * made again from what is left. That model trains for as many epochs as the run's own, without validation.
 */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { gather } from '../../dataset/csr.ts'
import type { Dataset } from '../../dataset/dataset.ts'
import { type PlantedCases, plantCases, restoreCases } from '../../dataset/splits/planted-cases.ts'
import { readTable, writeTable } from '../../dataset/table.ts'
import { writeJson } from '../../files.ts'
import { type AuditReport, auditJudge } from '../../judge-audit/audit.ts'
import { type Calibration, type CalibrationCases, fitCalibration } from '../../judge-audit/calibration.ts'
import { judges } from '../../judges/index.ts'
import { candidateColumns, VERDICT_WORDS } from '../../judges/verdict-file.ts'
import type { Kernels } from '../../kernels/interface/kernels.ts'
import { type Embeddings, scorePairsBy } from '../../models/embeddings.ts'
import { filledPlaces } from '../../places.ts'
import type { Run, RunData } from '../context.ts'
import type { JudgeChoice, RunPlan } from '../options/plan.ts'
import { runJsonStage, runStage, type StageResult } from '../stage.ts'
import { judgeInputs, ledgerFolder, textsFor } from './judge.ts'
import { type TrainedModel, trainStage } from './train.ts'
import { treesStage } from './trees.ts'

/** What one judge says of the cases. */
export interface StoredAudit {
  readonly report: AuditReport
  /** cases with a valid verdict */
  readonly cases: CalibrationCases
}

/** The run's judge first, then those that it is compared with; a judge that is named twice is audited once. */
export async function auditStages(
  run: Run,
  data: RunData,
  base: StageResult<TrainedModel>,
): Promise<StageResult<StoredAudit>[]> {
  const { plan } = run
  const blind = await prepareAudit(run, data, base)
  const audits: StageResult<StoredAudit>[] = []
  const heard = new Set<string>()
  for (const judge of [{ ...plan.judge, id: plan.judge.name, runtime: plan.judgeRuntime }, ...plan.audit.judges]) {
    const key = JSON.stringify([judge.name, judge.options])
    if (!heard.has(key)) audits.push(await auditStage(run, data, blind, judge))
    heard.add(key)
  }
  return audits
}

/** All that a judge is audited with, from what is left of train. */
type Blind = Awaited<ReturnType<typeof prepareAudit>>

async function prepareAudit(run: Run, data: RunData, base: StageResult<TrainedModel>) {
  const cases = await casesStage(run, data)
  // whoever takes this for the data gets what is left, and its hash
  const left: RunData = { ...data, value: { ...data.value, train: cases.value.train }, hash: cases.hash }
  const model = await trainStage(run, left, {
    name: 'audit-base',
    title: 'Training the base model without what is hidden',
    sampler: run.plan.baseSampler,
    course: base.value,
  })
  return { cases, model, trees: await treesStage(run, left, model, 'audit-trees') }
}

function casesStage(run: Run, data: RunData): Promise<StageResult<PlantedCases>> {
  const { seed } = run.plan.run
  const { train } = data.value
  const { auditHidden, auditPerUser, auditUsers, auditPerHidden, auditUnobserved } = run.plan.audit
  const options = { auditHidden, auditPerUser, auditPerHidden, auditUnobserved, auditUsers }
  return runStage(run, {
    name: 'audit-cases',
    title: 'Hiding interactions for the audit',
    options: { seed, ...options },
    inputs: { data: data.hash },
    async compute(folder) {
      const { k, items, truth } = plantCases(train, seed, {
        ...{ hidden: auditHidden, perUser: auditPerUser, perHidden: auditPerHidden, unobserved: auditUnobserved },
        users: auditUsers,
      })
      const places = filledPlaces(items)
      await writeTable(join(folder, 'cases.parquet'), caseColumns(train, { k, items, truth }, places), places.length)
    },
    async load(folder) {
      const table = await readTable(join(folder, 'cases.parquet'), ['user_id', 'rank', 'item_id', 'planted'])
      const k = table.rank.reduce<number>((most, rank) => Math.max(most, Number(rank)), 1)
      const items = new Int32Array(train.users * k).fill(-1)
      const truth = new Int8Array(train.users * k).fill(-1)
      table.user_id.forEach((user, row) => {
        const place = train.userIds.indexOf(user!) * k + Number(table.rank[row]) - 1
        items[place] = train.itemIds.indexOf(table.item_id[row]!)
        truth[place] = Number(table.planted[row])
      })
      return restoreCases(train, { k, items, truth })
    },
  })
}

function caseColumns(train: Dataset, { truth, ...cases }: Omit<PlantedCases, 'train'>, places: Int32Array) {
  const planted = { name: 'planted', type: 'INTEGER' as const, value: (row: number) => truth[places[row]] }
  return [...candidateColumns(train, cases, places), planted]
}

async function auditStage(
  run: Run,
  data: RunData,
  blind: Blind,
  { id, runtime, ...judge }: JudgeChoice,
): Promise<StageResult<StoredAudit>> {
  const { plan, kernels, signal } = run
  const { train } = data.value
  const { cases, model, trees } = blind
  const { items, truth, k } = cases.value
  const { seed } = plan.run
  const { auditControls, auditRecheck, auditBins } = plan.audit
  const options = { auditControls, auditRecheck, auditBins }
  const definition = judges.get(judge.name)
  const inputs = await judgeInputs(plan, judge)
  return runStage(run, {
    name: `audit-${id}`,
    title: `Auditing the judge (${judge.name})`,
    options: { seed, judge, ...options },
    inputs: { cases: cases.hash, base: model.hash, trees: trees.hash, ...inputs },
    async compute(folder, report) {
      const audit = await auditJudge({
        judge: { definition, options: judge.options, runtime },
        folder: ledgerFolder(run.directory),
        cases: cases.value,
        scores: scoreCases(cases.value, model.value.embeddings, run.kernels),
        codes: trees.value.codes,
        texts: await textsFor(plan, judge, train),
        kernels,
        seed,
        options,
        ...(signal && { signal }),
        progress: (step, done, users) => report.progress(done, users, `users, ${step}`),
      })
      const { labels, confidence } = audit.verdicts
      const places = filledPlaces(items)
      const columns = [
        ...caseColumns(train, cases.value, places),
        { name: 'verdict', type: 'VARCHAR' as const, value: (row: number) => VERDICT_WORDS[labels[places[row]]] },
        { name: 'confidence', type: 'FLOAT' as const, value: (row: number) => confidence[places[row]] },
      ]
      await writeTable(join(folder, 'verdicts.parquet'), columns, places.length)
      await writeJson(join(folder, 'report.json'), audit.report)
    },
    async load(folder) {
      const table = await readTable(join(folder, 'verdicts.parquet'), ['verdict', 'confidence'])
      const places = filledPlaces(items)
      const valid = Array.from(places.keys()).filter(row => table.verdict[row] !== 'invalid')
      return {
        // JSON has no NaN
        report: JSON.parse(await readFile(join(folder, 'report.json'), 'utf8'), (_, own) => own ?? Number.NaN),
        cases: {
          confidence: Float32Array.from(valid, row => Number(table.confidence[row])),
          truth: Int8Array.from(valid, row => truth[places[row]]),
          users: Int32Array.from(valid, row => Math.floor(places[row] / k)),
        },
      }
    },
  })
}

/** [U × k] scores, 0 where there is no case. */
function scoreCases({ items, k }: PlantedCases, embeddings: Embeddings, kernels: Kernels): Float32Array {
  const scores = new Float32Array(items.length)
  const places = filledPlaces(items)
  const users = places.map(place => Math.floor(place / k))
  const own = scorePairsBy(embeddings, kernels, users, gather(items, places, Int32Array)) // biome-ignore format: one line
  places.forEach((place, at) => {
    scores[place] = own[at]
  })
  return scores
}

/** Whether anything asks what the confidences are worth. */
export function needsCalibration({ audit, enhance }: RunPlan): boolean {
  return audit.calibration !== 'none' && enhance.use === 'weighted'
}

/** Audits the judges, and fits both curves to the confidences of the run's own. */
export async function calibrationStage(
  run: Run,
  data: RunData,
  base: StageResult<TrainedModel>,
): Promise<{ audits: readonly StageResult<StoredAudit>[]; calibration: StageResult<Calibration> }> {
  const audits = await auditStages(run, data, base)
  const [{ value, hash }] = audits
  const { seed } = run.plan.run
  const { auditBins } = run.plan.audit
  const calibration = await runJsonStage<Calibration>(run, {
    name: 'calibration',
    title: 'Calibrating the confidences',
    options: { seed, auditBins },
    inputs: { audit: hash },
    file: 'calibration.json',
    make: () => fitCalibration(value.cases, seed, auditBins),
  })
  return { audits, calibration }
}
