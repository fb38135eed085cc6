/**
 * What a study is: a question to the method, as a list of runs that differ in a few options. The runner makes the runs,
 * and the study says which options, which figures and what they mean.
 */

import { z } from 'zod'
import type { Comparison } from '../../comparison/compare.ts'
import type { OptionsSchema } from '../../options.ts'
import { choice, text } from '../../options.ts'
import { type Part, partFields } from '../../registry.ts'
import { callable, checkRequest, plainObject } from '../../requests.ts'
import type { RunPlan } from '../../run/options/plan.ts'
import { type RunTarget, runTargets } from '../../run/request.ts'
import type { Interval } from '../../statistics/bootstrap.ts'
import type { Figure } from './figure.ts'

/** Options of a run, flat, as `planRun` takes them. */
export type Given = Readonly<Record<string, unknown>>

/** Figures by name: `ndcg@20` and all metrics, and what `measure.ts` adds. */
export type Figures = Readonly<Record<string, number>>

export interface StudyRow {
  readonly name: string
  /** where the row stands in the figure: the values of what is varied */
  readonly at: Readonly<Record<string, number | string>>
  readonly figures: Figures
  /** sample standard deviations over the seeds, along `figures`; absent with one seed */
  readonly deviations?: Figures
  readonly difference?: Difference
}

/** Of the deciding metric, between a row and the one that it is compared with. */
export interface Difference {
  /** name of that row */
  readonly against: string
  readonly value: number
  /** by bootstrap, see `evaluation/bootstrap.ts` */
  readonly interval: Interval
  readonly resampled: Comparison['resampled']
}

export interface Variant {
  readonly name: string
  /** on top of what the caller gives; may look at the rows that are done */
  readonly options: Given | ((done: readonly StudyRow[]) => Given)
  /** row of the run's table that is read: `dtl-ns` when absent */
  readonly method?: (plan: RunPlan) => string
  readonly at?: StudyRow['at']
}

/** A column of the table: a figure, and how it is written. */
export interface StudyColumn {
  readonly key: string
  readonly title: string
  readonly as: 'decimal' | 'percent' | 'seconds'
}

/** What a study is asked with, beside its own options. */
export interface Question {
  /** the metric that decides, such as `ndcg@20` */
  readonly metric: string
  /** a run without any variant's options */
  readonly plan: RunPlan
  /** what the study's `prepare` made */
  readonly prepared?: Readonly<Record<string, unknown>>
}

/** What a study that makes its own data is given. */
export interface PrepareRequest {
  readonly source: string
  /** the study's directory */
  readonly directory: string
  readonly given: Given
  readonly plan: RunPlan
  readonly on: 'valid' | 'test'
  /** the study's own options */
  readonly own: unknown
  readonly signal?: AbortSignal
}

export interface Prepared {
  /** data of the runs, in place of what was given */
  readonly source: string
  /** options of the runs, in place of what was given */
  readonly given: Given
  /** held-out part of the new data that is scored, when not the one that was asked for */
  readonly on?: 'valid' | 'test'
  /** for `variants` */
  readonly values: Readonly<Record<string, unknown>>
  /** one sentence that says what was made */
  readonly text: string
}

export interface StudyDefinition extends Part {
  /** how far the runs go; everything when absent */
  readonly until?: RunTarget
  /** whether its variants are or hold the baselines, so that they need no rows of their own */
  readonly holdsBaselines?: boolean
  /** what rows are compared with: a row, and its name in words; no differences are taken when absent */
  readonly reference?: {
    readonly name: string
    of(row: StudyRow, rows: readonly StudyRow[]): StudyRow | undefined
  }
  /** whether its figures are times, which are of a machine rather than of held-out data */
  readonly times?: boolean
  /** whether its runs train for as many epochs as are given, and nothing is chosen */
  readonly fixedEpochs?: boolean
  /** options that runs of this study start from */
  readonly defaults?: Given
  /** the study that answers in its place, of the same name, where its options ask for that */
  instead?(options: unknown): StudyDefinition | undefined
  /** makes data of its own before the runs, the same every time */
  prepare?(request: PrepareRequest): Promise<Prepared>
  variants(options: unknown, question: Question): readonly Variant[]
  columns(metric: string): readonly StudyColumn[]
  figure(rows: readonly StudyRow[], metric: string): Figure
  /** a paragraph that says what the rows show, and no more */
  describe(rows: readonly StudyRow[], metric: string): string
}

const FIELDS = {
  ...{ ...partFields, variants: callable, columns: callable, figure: callable, describe: callable },
  ...{ until: z.enum(runTargets).optional(), reference: z.object({ name: text, of: callable }).optional() },
  ...{
    holdsBaselines: z.boolean().optional(),
    times: z.boolean().optional(),
    fixedEpochs: z.boolean().optional(),
    defaults: plainObject.optional(),
  },
  ...{ instead: callable.optional(), prepare: callable.optional() },
} satisfies Record<keyof StudyDefinition, z.ZodType>

/** Declares a study, its options typed by the schema. @throws UsageError for a field that is missing or misspelt */
export function defineStudy<S extends OptionsSchema>(
  definition: Omit<StudyDefinition, 'options' | 'variants' | 'instead'> & {
    options: S
    instead?(options: z.output<S>): StudyDefinition | undefined
    variants(options: z.output<S>, question: Question): readonly Variant[]
  },
): StudyDefinition {
  checkRequest('defineStudy', FIELDS, definition)
  return definition as StudyDefinition
}

/** What every study is asked with. */
export const questionOptions = z.object({
  on: choice(['valid', 'test']).describe('held-out part that is scored; never choose by test'),
  metric: z.string().default('ndcg@20').describe('metric that the figure and the paragraph are about'),
})
