/** The report of a run, from what its directory holds. */

import { existsSync } from 'node:fs'
import { rm, rmdir } from 'node:fs/promises'
import { join } from 'node:path'
import { compareRuns, type RunComparison } from '../comparison/runs.ts'
import type { Split } from '../dataset/split.ts'
import { readSplit } from '../dataset/store.ts'
import { OutputError } from '../errors.ts'
import { explainRemoved, readJson, writeAtomic } from '../files.ts'
import { text } from '../options.ts'
import { checkRequest, plainObject } from '../requests.ts'
import type { Environment } from '../run/environment.ts'
import { readFinishedRun } from '../run/finished-run.ts'
import { BASE_STAGE, baselineOfFinal, finalMethod } from '../run/method-names.ts'
import {
  cautionsOf,
  decidingMetric,
  headlineOf,
  headlineRows,
  type MethodSummary,
  type MetricsFile,
  notConverged,
  overSeeds,
} from '../run/metrics-file.ts'
import { neededUntil } from '../run/needed.ts'
import type { RunPlan } from '../run/options/plan.ts'
import { readProfile } from '../run/profile.ts'
import { seedsOf } from '../run/seeds.ts'
import { isRepeat, readManifest, stageFolder } from '../run/stage-folder.ts'
import { judgeFolder } from '../run/stages/judge.ts'
import { readSecondStage } from '../run/stages/rerank.ts'
import { labelsOf, readTitles } from '../run/titles.ts'
import { readBest } from './gather/best.ts'
import type { ReportData, ReportJudge } from './gather/data.ts'
import { readJudgements } from './gather/judgements.ts'
import { readRanks } from './gather/ranks.ts'
import { readAudits } from './gather/read-audits.ts'
import { readTrees } from './gather/read-trees.ts'
import { renderReport } from './report.ts'
import { bestSentence, VARIANT_WORDS } from './sections/best.ts'
import { intervalSentence } from './sections/comparison.ts'

const FIELDS = { directory: text, accuracy: plainObject.optional() }

/**
 * Writes `report.html` into a finished run's directory.
 * @param accuracy of the judge, where the truth is known
 * @returns the file's path
 */
export async function writeReport(directory: string, accuracy?: ReportJudge['accuracy']): Promise<string> {
  checkRequest('writeReport', FIELDS, { directory, accuracy })
  const path = join(directory, 'report.html')
  const data = await gatherReport(directory, accuracy).catch(error => {
    throw explainRemoved(directory, error)
  })
  await writeAtomic(path, await renderReport(data))
  // a file that is written makes its directory again, and would be all there is in it
  if (!existsSync(join(directory, 'metrics.json'))) {
    await rm(path, { force: true })
    await rmdir(directory).catch(() => {})
    throw new OutputError(`${directory} was removed while its report was written: start the same command again`)
  }
  return path
}

export async function gatherReport(directory: string, accuracy?: ReportJudge['accuracy']): Promise<ReportData> {
  const read = <T>(...names: string[]) => readJson<T>(join(directory, ...names), `run "dualtree evaluate ${directory}"`)
  const { plan, source: name, metrics: file, data } = await readFinishedRun(directory)
  const { dataHash: _, ...environment } = await read<Environment>('environment.json')
  const manifests = await Promise.all(stagesOf(file, plan).map(stage => readManifest(join(directory, stage))))
  const split = await readSplit(join(directory, 'data'))
  const titles = await readTitles(directory, split.train.itemIds)
  const labelOf = labelsOf(split.train.itemIds, titles)
  const { seed, candidatesPerUser } = plan.run
  // a run that leaves test closed has a report that does
  const opened = file.evaluatedOn === 'valid' ? (['valid'] as const) : (['valid', 'test'] as const)
  const ranked = await ranksOfFinal(directory, file, plan, split)
  // without DTL-NS there are none, but what commands of their own have made
  const { codes, ...trees } =
    neededUntil(plan) === 'train' ? { trees: [] } : await readTrees(directory, split.train, labelOf)
  const judged = plan.run.final === 'dtl-ns' ? 'judge' : plan.rerankJudge && judgeFolder(plan, plan.rerankJudge)
  const source = { directory, split, codes: codes!, candidatesPerUser, seed, opened, ranked, titles }
  const { judge, inspector } = judged === undefined ? {} : await readJudgements({ ...source, judged })
  const profile = await readProfile(directory)
  const best = await readBest(directory, file, plan, split, labelOf)
  const comparison = await compareWithinRun(directory, file)
  const audits = await readAudits(directory, seed)
  const again = file.rows.find(({ rerank }) => rerank !== undefined)?.rerank
  const secondStage = again === undefined ? undefined : await readSecondStage(join(directory, again))
  const columns = Object.keys(file.rows.find(row => !row.skipped)?.metrics ?? {})
  return {
    title: `dualtree: ${name}`,
    summary: [
      ...(best ? [bestSentence(best)] : []),
      summaryOf(file, plan, comparison),
      ...cautionsOf(file).map(text => `Caution: ${text}.`),
    ].join(' '),
    ...(best && { best }),
    dataHash: file.dataHash,
    data,
    environment,
    options: { ...plan },
    rows: overSeeds(file.rows),
    evaluatedOn: file.evaluatedOn,
    ...(comparison && { comparison }),
    // the others are in the folded table: these are what fits a screen
    metrics: columns.filter(name => /^(recall|ndcg)@/.test(name)),
    curves: await Promise.all(
      curvesOf(file).map(async ({ method, training }) => ({
        method,
        ...(await read<Pick<ReportData['curves'][number], 'history' | 'bestEpoch'>>(training, 'history.json')),
      })),
    ),
    ...trees,
    ...(judge && { judge: { ...judge, ...(accuracy && { accuracy }) } }),
    ...(inspector && { inspector }),
    ...(audits && { audits }),
    ...(secondStage && { secondStage }),
    stages: manifests.filter(manifest => manifest !== undefined),
    ...(profile && { profile: profile.stages }),
  }
}

/** The lists of the row that the run is about, of the first seed. */
async function ranksOfFinal(directory: string, { rows }: MetricsFile, plan: RunPlan, split: Split) {
  const method = finalMethod(plan)
  const row = headlineRows(rows).find(
    own => own.method === method && own.protocol === 'strict' && own.skipped === undefined,
  )
  const lists = { method, part: plan.run.evaluateOn, k: Math.max(...plan.run.cutoffs) }
  return row && readRanks(directory, { ...lists, folder: row.evaluation }, split)
}

/** The strict rows of the run, where there are two methods or more. */
async function compareWithinRun(directory: string, { rows }: MetricsFile): Promise<RunComparison | undefined> {
  const measured = rows.filter(row => row.protocol === 'strict' && row.skipped === undefined)
  return new Set(measured.map(({ method }) => method)).size > 1 ? compareRuns([directory]) : undefined
}

/** The sentence that a report opens with. */
export async function readSummary(directory: string): Promise<string> {
  const { plan, metrics } = await readFinishedRun(directory)
  return summarize(metrics, plan)
}

/** Folders of a run's stages in the order in which they run. */
function stagesOf({ rows }: MetricsFile, plan: RunPlan): string[] {
  const folders = ['data']
  for (const [index, seed] of seedsOf(plan).entries())
    for (const stage of [BASE_STAGE, 'trees', 'candidates', 'judge'])
      folders.push(stageFolder(stage, index === 0 ? undefined : seed))
  for (const { training } of rows) if (training !== undefined && !folders.includes(training)) folders.push(training)
  return [...folders, ...rows.map(({ evaluation }) => evaluation)]
}

/** The learning curve of each trained method, of the first seed. */
function curvesOf({ rows }: MetricsFile): { method: string; training: string }[] {
  // what was fitted once more had no validation
  const first = rows.filter(
    ({ training, variant }) => variant === 'history train' && training !== undefined && !isRepeat(training),
  )
  return [...Map.groupBy(first, ({ training }) => training!)].map(([training, [{ method, protocol }]]) => ({
    method: protocol === 'released' ? `${method} (released)` : method,
    training,
  }))
}

/** The summary, with the interval of the difference where a verdict can be given. */
function summaryOf(file: MetricsFile, plan: RunPlan, comparison: RunComparison | undefined): string {
  const final = overSeeds(headlineRows(file.rows)).filter(({ method }) =>
    [finalMethod(plan), baselineOfFinal(plan)].includes(method),
  )
  const open = final.some(({ converged }) => converged === false)
  return summarize(file, plan) + (open ? '' : intervalSentence(comparison, baselineOfFinal(plan)))
}

/** "DTL-NS reached NDCG@20 .1021 …": whether it helped, and what it is up against. */
export function summarize({ rows, evaluatedOn }: MetricsFile, plan: RunPlan): string {
  const key = decidingMetric(rows[0])
  const strict = overSeeds(headlineRows(rows)).filter(row => row.protocol === 'strict' && !row.skipped)
  const final = strict.find(row => row.method === finalMethod(plan))
  const base = strict.find(row => row.method === baselineOfFinal(plan))
  if (!key || !final || !base) return 'Baselines only.'
  const name = `NDCG@${key.split('@')[1]}`
  const value = (row: MethodSummary) => row.metrics[key]
  const change = (100 * (value(final) - value(base))) / value(base)
  const best = strict.reduce((a, b) => (value(b) > value(a) ? b : a))
  const others =
    best === final
      ? 'no other method in the table is better'
      : `the best method in the table is ${best.method} with ${value(best).toFixed(4)}`
  const seeds = final.seeds.length > 1 ? `mean of ${final.seeds.length} seeds` : 'one seed'
  const open = [base, final].filter(({ converged }) => converged === false).map(({ method }) => method)
  if (open.length > 0) return `No verdict yet: ${notConverged([...new Set(open)])}. So far, ${others}.`
  const figures = `in ${name} (${value(final).toFixed(4)} against ${value(base).toFixed(4)}, strict protocol, ${seeds}${evaluatedOn === 'valid' ? ', on validation' : VARIANT_WORDS[headlineOf(rows)]}); ${others}.`
  const scored = `scored ${Math.abs(change).toFixed(1)} % ${change >= 0 ? 'above' : 'below'}`
  if (plan.run.final === 'base')
    return final === base
      ? `DTL-NS was left out (--final base); ${others}.`
      : `DTL-NS was left out (--final base). The row ${final.method} ${scored} ${base.method} ${figures}`
  const fused = plan.fusion ? [` fused with ${plan.fusion.baseline.name}`, ' fused the same way'] : ['', '']
  return `With judged false negatives and dual-tree negatives, DTL-NS${fused[0]} ${scored} its base model${fused[1]} ${figures}`
}
