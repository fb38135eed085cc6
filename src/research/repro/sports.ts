/**
 * The released configuration of DTL-NS on Sports beside our own pipeline. Theirs: their codes and enhanced set, one
 * model a seed, evaluated under the strict mask and under theirs. Ours: a whole run, strict and released. Train alone is
 * masked at test, as in the figures that it is compared with.
 */
import { join } from 'node:path'
import { isDeepStrictEqual } from 'node:util'
import { UsageError } from '../../errors.ts'
import { writeAtomic, writeJson } from '../../files.ts'
import { flagName } from '../../options.ts'
import { openDirectory } from '../../run/directory.ts'
import { describeEnvironment } from '../../run/environment.ts'
import { methodName } from '../../run/method-names.ts'
import { type MetricsRow, overSeeds } from '../../run/metrics-file.ts'
import type { RunPlan } from '../../run/options/plan.ts'
import { planRun } from '../../run/options/plan-run.ts'
import { run } from '../../run/run.ts'
import { titled } from '../../run/shown.ts'
import type { Watch } from '../../run/stage.ts'
import type { Given } from '../studies/study.ts'
import { type Band, type Checked, FACT_BANDS, FITTED_BANDS, isWithin, TRAINED_BANDS } from './bands.ts'
import { answerQuestions, type Source } from './differences.ts'
import { countFacts } from './facts.ts'
import { readReleasedFiles } from './released-files.ts'
import { runReleased } from './theirs.ts'
import { describeReproduction, renderReproduction, type SportsReproduction } from './write.ts'

export interface SportsRequest extends Watch {
  /** directory with train, valid and test files */
  readonly source: string
  /** directory with their files; `released` in the source when absent */
  readonly released?: string
  /** made if it is not there */
  readonly directory: string
  /** of all runs; protocol, mask and the part that is evaluated on are set here */
  readonly given?: Given
}

/** Options that would make another experiment of it. */
const OWN = {
  protocol: ['strict', 'released'],
  maskAtTest: 'train',
  historyAtTest: 'train',
  evaluateOn: 'test',
} as const

/** @throws UsageError, DataError, OutputError or RunError as `run` does; whatever `signal` aborts with */
export async function reproduceSports(request: SportsRequest): Promise<SportsReproduction> {
  const own = Object.keys(OWN).find(name => request.given?.[name] !== undefined)
  if (own !== undefined)
    throw new UsageError(
      `${flagName(own)} is set by the reproduction itself, which is strict and released, on test, with train masked and ranked from: leave it out`,
    )
  const place = await openDirectory(request.directory, true)
  try {
    return await reproduceInPlace(request)
  } finally {
    place.release()
  }
}

async function reproduceInPlace(request: SportsRequest): Promise<SportsReproduction> {
  const { source, directory, given = {}, signal, emit = () => {} } = request
  const [ourFolder, theirFolder] = [join(directory, 'ours'), join(directory, 'theirs')]
  const place = { source, directory: ourFolder, options: { ...given, ...OWN }, ...(signal && { signal }) }
  // bad files are found before anything is trained
  const { data, plan } = await run({ ...place, until: 'data', emit })
  const files = await readReleasedFiles(request.released ?? join(source, 'released'), data.value.train, signal)
  const theirs = await runReleased({ folder: theirFolder, plan, data, files, signal, emit: titled(emit, 'theirs') })
  const ours = await run({ ...place, emit: titled(emit, 'ours') })

  const ourRows = ours.metrics!.rows.map(row => ({ ...row, method: nameOf(row) }))
  const sources = [...sourcesOf(ourRows, ourFolder), ...sourcesOf(theirs, theirFolder)]
  const { cutoffs } = plan.run
  const cutoff = cutoffs.includes(20) ? 20 : Math.max(...cutoffs)
  const base = methodName(plan, plan.baseSampler)
  const differences = await answerQuestions(sources, { base, metric: `ndcg@${cutoff}`, signal })
  const bands = { ...FITTED_BANDS, ...(isAsPublished(plan) && TRAINED_BANDS) }
  const rows = overSeeds([...ourRows, ...theirs]).map(({ method, protocol, seeds, metrics, deviations }) => ({
    name: method,
    protocol,
    seeds,
    metrics: checked(metrics, bands[method] ?? {}, deviations),
  }))
  const facts = checked(countFacts(files, data.value), FACT_BANDS)
  const holds = [facts, ...rows.map(row => row.metrics)].every(group => Object.values(group).every(one => one.holds))
  const environment = describeEnvironment(plan.run.seed, data.value.hash)
  const found = { dataHash: data.value.hash, given, environment, cutoff, facts, rows, differences, holds }
  const reproduction = { ...found, paragraph: describeReproduction(found) }
  await writeJson(join(directory, 'repro.json'), reproduction)
  await writeAtomic(join(directory, 'report.html'), renderReproduction(reproduction))
  return reproduction
}

const nameOf = ({ method, protocol }: MetricsRow) => (protocol === 'released' ? `${method}, our judgements` : method)

function sourcesOf(rows: readonly MetricsRow[], directory: string): Source[] {
  return Array.from(
    Map.groupBy(rows, ({ method }) => method),
    ([name, own]) => ({ name, directory, rows: own }),
  )
}

/** Whether models are trained with the settings that the figures are of: those of a run without options. */
function isAsPublished(plan: RunPlan): boolean {
  const settings = ({ model, objective, baseSampler, sampler, training }: RunPlan) => ({ model, objective, baseSampler, sampler, training }) // biome-ignore format: one line
  return isDeepStrictEqual(settings(plan), settings(planRun({})))
}

function checked(
  values: Readonly<Record<string, number>>,
  bands: Readonly<Record<string, Band>>,
  deviations?: Readonly<Record<string, number>>,
): Record<string, Checked> {
  return Object.fromEntries(
    Object.entries(values).map(([name, value]) => {
      const band = bands[name]
      const holds = band === undefined || isWithin(value, band)
      return [name, { value, ...(deviations && { deviation: deviations[name] }), ...(band && { band }), holds }]
    }),
  )
}
