/** Does a judge know anything? What it says of cases whose answer is known, with its codes and with codes that say nothing. */

import { z } from 'zod'
import { degreesOf } from '../dataset/csr.ts'
import type { PlantedCases } from '../dataset/splits/planted-cases.ts'
import { UsageError } from '../errors.ts'
import { type JudgeDefinition, POSITIVE, type Provenance, type Verdicts } from '../judges/judge.ts'
import { prefix } from '../judges/prefix.ts'
import type { Kernels } from '../kernels/interface/kernels.ts'
import { anything, integer, number, text } from '../options.ts'
import {
  bytes,
  callable,
  checkRequest,
  column,
  dataset,
  floats,
  ints,
  kernels as kernelsShape,
  plainObject,
  seed as seedShape,
  signal as signalShape,
  viewCodes,
} from '../requests.ts'
import { type ComparedAuc, compareAuc } from '../statistics/binary/bootstrap.ts'
import { type Agreement, agreementOf, type Decisions, scoreDecisions } from '../statistics/binary/decisions.ts'
import { averagePrecision } from '../statistics/binary/ranking.ts'
import { type Reliability, reliabilityOf } from '../statistics/binary/reliability.ts'
import type { Interval } from '../statistics/bootstrap.ts'
import { mean } from '../statistics/moments.ts'
import type { ViewCodes } from '../trees/codes.ts'
import { controlCodes, controlNames } from './controls.ts'
import type { AuditOptions } from './options.ts'
import { type GroupRates, ratesOf } from './rates.ts'
import { type Recheck, recheck } from './recheck.ts'
import { type CaseRows, pick, rowsOf } from './rows.ts'

export interface AuditRequest {
  readonly judge: { readonly definition: JudgeDefinition; readonly options: unknown; readonly runtime?: unknown }
  /** where the judge keeps what it was told; what is asked again is asked anew */
  readonly folder?: string
  readonly cases: PlantedCases
  /** [U × k] what the model of `cases.train` scores each case, for judges that go by it */
  readonly scores: Float32Array
  /** built from `cases.train` */
  readonly codes: ViewCodes
  /** what each item is, for judges that read */
  readonly texts?: readonly string[] | undefined
  readonly kernels: Kernels
  readonly seed: number
  readonly options: Pick<AuditOptions, 'auditControls' | 'auditRecheck' | 'auditBins'>
  readonly signal?: AbortSignal
  /** @param step what the judge is asked just now: with its codes, a control, again */
  readonly progress?: (step: string, done: number, users: number) => void
}

const FIELDS = {
  judge: z.object({ definition: z.object({ name: text, create: callable }), options: anything, runtime: anything }),
  cases: z.object({ train: dataset, k: integer(1), items: ints, truth: bytes }),
  options: plainObject.pipe(
    z.object({
      auditControls: z.array(z.enum(controlNames as [string])),
      auditRecheck: number(0, 1),
      auditBins: integer(2),
    }),
  ),
  ...{ folder: text.optional(), scores: floats, codes: viewCodes, texts: column.optional(), kernels: kernelsShape },
  ...{ seed: seedShape, signal: signalShape.optional(), progress: callable.optional() },
} satisfies Record<keyof AuditRequest, z.ZodType>

/** Plain JSON, but for NaN where a share is one of nothing; JSON has `null` for that. */
export interface AuditReport {
  readonly provenance: Provenance
  readonly users: number
  readonly planted: number
  readonly unobserved: number
  /** mean interactions that are left of the items that were hidden, and of the unobserved ones */
  readonly popularity: { readonly planted: number; readonly unobserved: number }
  /** cases without a valid verdict: they are in no figure below */
  readonly invalid: number
  /** over the cases that are valid whatever the codes, as in `controls` */
  readonly auc: number
  /** of the AUC, over users drawn again */
  readonly interval: Interval
  readonly averagePrecision: number
  /** by the judge's own labels */
  readonly decisions: Decisions
  readonly reliability: Reliability
  /** with the judge `prefix` as it is without options */
  readonly withPrefix: Agreement
  readonly controls: readonly ControlReport[]
  /** the base model's own scores in the place of a judge */
  readonly model: ComparedAuc
  readonly rates: GroupRates
  readonly recheck?: Recheck
}

/** The same cases judged with other codes. */
export interface ControlReport extends ComparedAuc {
  /** one of `controlNames` */
  readonly codes: string
  readonly averagePrecision: number
  /** share of the cases called positive */
  readonly positives: number
  /** share of the cases with the same label as with the judge's codes */
  readonly agreement: number
}

/**
 * @returns the report, and the verdicts along the cases
 * @throws UsageError for scores that are not along the cases; whatever the judge throws, or `signal` aborts with
 */
export async function auditJudge(request: AuditRequest): Promise<{ report: AuditReport; verdicts: Verdicts }> {
  checkRequest('auditJudge', FIELDS, request)
  checkSizes(request)
  const { judge, folder, cases, codes, texts, kernels, seed, options, signal, progress } = request
  const { definition } = judge
  const candidates = { k: cases.k, items: cases.items, scores: request.scores }
  const ask = (
    step: string,
    of: JudgeDefinition,
    own: unknown,
    view: ViewCodes,
    { asked = candidates, folder }: { asked?: typeof candidates; folder?: string | undefined } = {},
  ) =>
    of
      .create(
        { train: cases.train, codes: view, texts, kernels, seed, folder },
        own,
        of === definition ? judge.runtime : {},
      )
      .judge(asked, {
        signal,
        progress: (done, users, detail) => progress?.(detail ? `${step}: ${detail}` : step, done, users),
      })

  const verdicts = await ask('with its codes', definition, judge.options, codes, { folder })
  const controls: { name: string; verdicts: Verdicts }[] = []
  for (const name of options.auditControls) {
    const other = controlCodes(name, codes, seed)
    controls.push({ name, verdicts: await ask(`with ${name} codes`, definition, judge.options, other, { folder }) })
  }
  const byPrefix = await ask('the rule', prefix, {}, codes)
  const again = await recheck({
    definition,
    options: judge.options,
    cases,
    scores: request.scores,
    verdicts,
    share: options.auditRecheck,
    seed,
    ask: (step, own, asked) => ask(step, definition, own, codes, { asked }),
  })

  const all = rowsOf(cases)
  const rows = pick(all, place => verdicts.labels[place] >= 0)
  const confidence = along(rows, verdicts.confidence)
  const called = calledPositive(rows, verdicts)
  const popularity = degreesOf(cases.train.byItem)
  const meanPopularity = (truth: number) =>
    mean(all.items.filter((_, at) => all.truth[at] === truth).map(item => popularity[item]))
  const asked = [{ name: '', verdicts }, ...controls]
  const compared = compareControls(all, request.scores, cases.train.users, seed, asked)
  const [{ auc, interval }, ...controlReports] = compared.controls
  const report: AuditReport = {
    provenance: verdicts.provenance,
    users: new Set(all.users).size,
    planted: all.truth.reduce((sum, own) => sum + own, 0),
    unobserved: all.truth.reduce((sum, own) => sum + 1 - own, 0),
    popularity: { planted: meanPopularity(1), unobserved: meanPopularity(0) },
    invalid: all.places.length - rows.places.length,
    auc,
    interval,
    averagePrecision: averagePrecision({ scores: confidence, truth: rows.truth }),
    decisions: scoreDecisions(called, rows.truth),
    reliability: reliabilityOf(confidence, rows.truth, options.auditBins),
    withPrefix: agreementOf(called, calledPositive(rows, byPrefix)),
    controls: controlReports,
    model: compared.model,
    rates: await ratesOf({ rows, called, confidence, cases, scores: request.scores, codes, kernels }),
    ...(again && { recheck: again }),
  }
  return { report, verdicts }
}

function checkSizes({ cases, scores }: AuditRequest): void {
  const places = cases.train.users * cases.k
  for (const [name, { length }] of Object.entries({ 'cases.items': cases.items, 'cases.truth': cases.truth, scores }))
    if (length !== places) throw new UsageError(`auditJudge: ${name}: expected ${places} places, got ${length}`)
}

const along = (rows: CaseRows, values: Float32Array) => Float32Array.from(rows.places, place => values[place])
const calledPositive = (rows: CaseRows, { labels }: Verdicts) =>
  Uint8Array.from(rows.places, place => Number(labels[place] === POSITIVE))

/** Over the cases that are valid whatever the codes; the first of the controls is the judge with its own. */
function compareControls(
  all: CaseRows,
  modelScores: Float32Array,
  groups: number,
  seed: number,
  asked: readonly { name: string; verdicts: Verdicts }[],
): { controls: ControlReport[]; model: ComparedAuc } {
  const rows = pick(all, place => asked.every(({ verdicts }) => verdicts.labels[place] >= 0))
  const scores = asked.map(({ verdicts }) => along(rows, verdicts.confidence))
  const { truth, users: group } = rows
  const compared = compareAuc([...scores, along(rows, modelScores)], { truth, group, groups, seed })
  const [own] = asked
  const controls = asked.map(({ name, verdicts }, index) => {
    const called = calledPositive(rows, verdicts)
    return {
      codes: name,
      ...compared[index],
      averagePrecision: averagePrecision({ scores: scores[index], truth }),
      positives: mean(called),
      agreement: agreementOf(calledPositive(rows, own.verdicts), called).agreement,
    }
  })
  return { controls, model: compared[asked.length] }
}
