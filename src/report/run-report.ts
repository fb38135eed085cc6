/** The report of a run, from what its directory holds. */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { writeAtomic } from '../files.ts'
import { readDataReport } from '../pipeline/data-stage.ts'
import type { Environment } from '../pipeline/environment.ts'
import type { JudgeSummary } from '../pipeline/judge-stages.ts'
import { BASE_STAGE, methodName } from '../pipeline/methods.ts'
import { type MethodSummary, type MetricsFile, overSeeds } from '../pipeline/metrics-file.ts'
import type { RunPlan } from '../pipeline/plan.ts'
import { isRepeat, seedsOf, stageFolder } from '../pipeline/seeds.ts'
import { readManifest } from '../pipeline/stage.ts'
import type { TreeDescription } from '../pipeline/trees-stage.ts'
import type { ReportData, ReportJudge } from './data.ts'
import { renderReport } from './report.ts'

/**
 * Writes `report.html` into a finished run's directory.
 * @param accuracy of the judge, where the truth is known
 * @returns the file's path
 */
export async function writeReport(directory: string, accuracy?: ReportJudge['accuracy']): Promise<string> {
  const path = join(directory, 'report.html')
  await writeAtomic(path, await renderReport(await gatherReport(directory, accuracy)))
  return path
}

export async function gatherReport(directory: string, accuracy?: ReportJudge['accuracy']): Promise<ReportData> {
  const read = async <T>(...names: string[]): Promise<T> =>
    JSON.parse(await readFile(join(directory, ...names), 'utf8'))
  const { plan, source } = await read<{ plan: RunPlan; source: string }>('options.json')
  const file = await read<MetricsFile>('metrics.json')
  const { dataHash: _, ...environment } = await read<Environment>('environment.json')
  const description = await read<TreeDescription>('trees', 'trees.json')
  const { provenance, ...judged } = await read<JudgeSummary>('judge', 'summary.json')
  const manifests = await Promise.all(stagesOf(file, plan).map(stage => readManifest(join(directory, stage))))
  const columns = Object.keys(file.rows.find(row => !row.skipped)?.metrics ?? {})
  return {
    title: `dualtree: ${source}`,
    summary: summarize(file, plan),
    dataHash: file.dataHash,
    data: await readDataReport(directory),
    environment,
    options: { ...plan },
    rows: overSeeds(file.rows),
    // the others are in the folded table: these are what fits a screen
    metrics: columns.filter(name => /^(recall|ndcg)@/.test(name)),
    curves: await Promise.all(
      curvesOf(file).map(async ({ method, training }) => ({
        method,
        ...(await read<Pick<ReportData['curves'][number], 'history' | 'bestEpoch'>>(training, 'history.json')),
      })),
    ),
    trees: (['structural', 'semantic'] as const).map(view => ({
      view,
      ...description[view].shape,
      root: description[view].root,
    })),
    judge: { name: provenance.judge, ...judged, ...(accuracy && { accuracy }) },
    stages: manifests.filter(manifest => manifest !== undefined),
  }
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
  const first = rows.filter(({ training }) => training !== undefined && !isRepeat(training))
  return Array.from(
    Map.groupBy(first, ({ training }) => training!),
    ([training, [{ method }]]) => ({ method, training }),
  )
}

/** "DTL-NS reached NDCG@20 .1021 …": whether it helped, and what it is up against. */
export function summarize({ rows }: MetricsFile, plan: RunPlan): string {
  const key = Object.keys(rows[0]?.metrics ?? {}).includes('ndcg@20')
    ? 'ndcg@20'
    : Object.keys(rows[0]?.metrics ?? {}).find(name => name.startsWith('ndcg'))
  const strict = overSeeds(rows).filter(row => row.protocol === 'strict' && !row.skipped)
  const final = strict.find(row => row.method === 'dtl-ns')
  const base = strict.find(row => row.method === methodName(plan, plan.baseSampler))
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
  const verb = change >= 0 ? 'gained' : 'lost'
  return `With judged false negatives and dual-tree negatives, DTL-NS ${verb} ${Math.abs(change).toFixed(1)} % ${name} on its base model (${value(final).toFixed(4)} against ${value(base).toFixed(4)}, strict protocol, ${seeds}); ${others}.`
}
