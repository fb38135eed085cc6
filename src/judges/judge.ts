/**
 * What a judge is: it says which high-scored unobserved items of a user are false negatives, items that the user
 * would like but has not come across. It sees train data, the candidates and the two trees' codes, never what is held out.
 * Judging is asynchronous, since some judges ask a language model.
 */

import { isDeepStrictEqual } from 'node:util'
import { z } from 'zod'
import { gather } from '../dataset/csr.ts'
import type { Dataset } from '../dataset/dataset.ts'
import { DataError, RunError, UsageError } from '../errors.ts'
import type { JudgedPlaces } from '../features/feature.ts'
import type { Kernels } from '../kernels/interface/kernels.ts'
import type { Recommendations } from '../models/recommender.ts'
import { type OptionsSchema, parseOptions, text } from '../options.ts'
import { filledPlaces } from '../places.ts'
import { type Part, partFields, type Typed } from '../registry.ts'
import {
  callable,
  candidates as candidatesShape,
  checkRequest,
  column,
  dataset,
  kernels as kernelsShape,
  seed as seedShape,
  viewCodes,
} from '../requests.ts'
import type { ViewCodes } from '../trees/codes.ts'

/** N = k unobserved items of every user, best first: [U × N], row u is user u's; −1 where there are fewer, or none. */
export type Candidates = Recommendations

/** Places for k candidates of each user, all of them empty. */
export const noCandidates = ({ users }: Pick<Dataset, 'users'>, k: number): Candidates => ({
  k,
  items: new Int32Array(users * k).fill(-1),
  scores: new Float32Array(users * k).fill(Number.NEGATIVE_INFINITY),
})

export const POSITIVE = 1
export const NEGATIVE = 0
/** The judge answered, but not with a verdict. */
export const INVALID = -1
/** The place holds no candidate. */
export const NO_CANDIDATE = -2

export interface Verdicts {
  /** [U × N], along the candidates: POSITIVE, NEGATIVE, INVALID or NO_CANDIDATE */
  readonly labels: Int8Array
  /**
   * [U × N], 0 to 1: how strongly the judge holds that the user would like the candidate. A judge without a scale says
   * 1 for a positive; 0 where there is no verdict.
   */
  readonly confidence: Float32Array
  /** [U × N], see `bestSharedPrefix`: of a judge that goes by it, and of the verdicts of a run */
  readonly sharedPrefix?: Int32Array | undefined
  readonly provenance: Provenance
}

/** Plain JSON: whose verdicts these are. */
export interface Provenance {
  readonly judge: string
  /** all of them, defaults included */
  readonly options: Readonly<Record<string, unknown>>
  readonly seed: number
  /** what else decides a verdict, such as the hash of a prompt or the name of a model */
  readonly details?: Readonly<Record<string, unknown>>
}

export interface JudgeContext {
  readonly train: Dataset
  readonly codes: ViewCodes
  /** what each item is, in one line, for judges that read */
  readonly texts?: readonly string[] | undefined
  readonly kernels: Kernels
  readonly seed: number
  /** where a judge keeps what it was told, for the next sitting; only in memory when absent */
  readonly folder?: string | undefined
  /** another judge, of given train data, whose confidences it may go by */
  readonly consulted?: ((train: Dataset) => Judge) | undefined
}

/** How a judge can be stopped and watched. */
export interface JudgeControl {
  readonly signal?: AbortSignal | undefined
  /** users judged, or as `detail` says; a judge that waits for others calls it also after `signal` has aborted */
  readonly progress?: ((done: number, total: number, detail?: string) => void) | undefined
}

export interface Judge {
  /** @throws UsageError when the candidates are of other users; whatever `signal` aborts with */
  judge(candidates: Candidates, control?: JudgeControl): Promise<Verdicts>
}

export interface JudgeDefinition extends Part {
  /** @param runtime options of the schema `runtime` */
  create(context: JudgeContext, options: unknown, runtime?: unknown): Judge
  /** Why it cannot judge, told by its options before anything is done. */
  unsupportedReason?(options: unknown, runtime: unknown): string | undefined
  /** those of its details that count candidates or prompts: over shards of the users they add up */
  readonly counts?: readonly string[]
  /** What beside options, data and codes decides its verdicts, such as the content of a file: hashes by name. */
  inputs?(options: unknown): Promise<Readonly<Record<string, string>>>
}

/** Whose verdicts those on shards of the users are, together. */
export function joinProvenance(parts: readonly Provenance[], counts: readonly string[] = []): Provenance {
  const [{ details, ...first }] = parts
  const sum = (name: string) => parts.reduce((total, part) => total + Number(part.details?.[name] ?? 0), 0)
  const counted = Object.fromEntries(Object.keys(details ?? {}).filter(name => counts.includes(name)).map(name => [name, sum(name)])) // biome-ignore format: one line
  const joined = { ...first, ...(details && { details: { ...details, ...counted } }) }
  const alike = (part: Provenance) => ({ ...part, ...(part.details && { details: { ...part.details, ...counted } }) })
  if (parts.every(part => isDeepStrictEqual(alike(part), joined))) return joined
  throw new DataError(`judge "${first.judge}": its shards do not say the same of how they judged; run the job again`)
}

/** What `Verdicts` holds, and what `Provenance.details` shall say. */
export interface Ruling extends Omit<Verdicts, 'provenance'> {
  readonly details?: Readonly<Record<string, unknown>>
}

const NO_OPTIONS = z.object({})

const CONTEXT = {
  ...{ train: dataset, codes: viewCodes, texts: column.optional(), kernels: kernelsShape, seed: seedShape },
  ...{ folder: text.optional(), consulted: callable.optional() },
} satisfies Record<keyof JudgeContext, z.ZodType>
const CANDIDATES = { candidates: candidatesShape }
const FIELDS = {
  ...{ ...partFields, create: callable, unsupportedReason: callable.optional(), inputs: callable.optional() },
  counts: z.array(text).optional(),
} satisfies Record<keyof JudgeDefinition, z.ZodType>

/** Declares a judge; it gets its options checked and typed by the schemas, and its provenance is written for it. @throws UsageError for a field that is missing or misspelt */
export function defineJudge<S extends OptionsSchema, W extends OptionsSchema = typeof NO_OPTIONS>(definition: {
  name: string
  summary: string
  source: string
  options: S
  /** options that change no verdict, such as whom to ask */
  runtime?: W
  counts?: readonly string[]
  unsupportedReason?(options: z.output<S>, runtime: z.output<W>): string | undefined
  inputs?(options: z.output<S>): Promise<Readonly<Record<string, string>>>
  create(
    context: JudgeContext,
    options: z.output<S>,
    how: z.output<W>,
  ): (candidates: Candidates, control: JudgeControl) => Promise<Ruling>
}): Omit<Typed<JudgeDefinition, S>, 'runtime'> & { readonly runtime?: W } {
  checkRequest('defineJudge', FIELDS, definition)
  const { name, unsupportedReason, inputs, ...rest } = definition
  const owner = `judge "${name}"`
  const schema = (definition.runtime ?? NO_OPTIONS) as W
  return {
    ...rest,
    name,
    ...(unsupportedReason && {
      unsupportedReason: (options, how) =>
        unsupportedReason(parseOptions(definition.options, options, owner), parseOptions(schema, how, owner)),
    }),
    ...(inputs && { inputs: options => inputs(parseOptions(definition.options, options, owner)) }),
    create(context, given, how) {
      checkRequest(owner, CONTEXT, context)
      const options = parseOptions(definition.options, given, owner)
      const rule = definition.create(context, options, parseOptions(schema, how, owner))
      return {
        async judge(candidates, control = {}) {
          control.signal?.throwIfAborted()
          checkRequest(owner, CANDIDATES, { candidates })
          checkCandidates(candidates, context.train)
          const { details, ...ruling } = await rule(candidates, control)
          checkRuling(owner, candidates, ruling)
          const provenance = { judge: name, options, seed: context.seed, ...(details && { details }) }
          return { ...ruling, provenance }
        },
      }
    },
  }
}

function checkCandidates({ items, k }: Candidates, { users }: Dataset): void {
  if (items.length === users * k) return
  throw new UsageError(
    `judge: ${items.length} candidate places are not ${k} for each of ${users} users; make candidates for this data set`,
  )
}

/** What a judge of one's own may get wrong. */
function checkRuling(owner: string, { items }: Candidates, { labels, confidence }: Omit<Ruling, 'details'>): void {
  if (labels?.length !== items.length || confidence?.length !== items.length)
    throw new RunError(`${owner}: expected labels and confidence of ${items.length} places, got ${labels?.length} and ${confidence?.length}`) // biome-ignore format: one line
  const known = [POSITIVE, NEGATIVE, INVALID, NO_CANDIDATE] as readonly number[]
  for (let place = 0; place < items.length; place++) {
    if (!known.includes(labels[place]) || (items[place] < 0) !== (labels[place] === NO_CANDIDATE))
      throw new RunError(`${owner}: expected POSITIVE, NEGATIVE or INVALID for a candidate and NO_CANDIDATE without one, got ${labels[place]} at place ${place}`) // biome-ignore format: one line
    if (!(confidence[place] >= 0 && confidence[place] <= 1))
      throw new RunError(`${owner}: expected a confidence of 0 to 1, got ${confidence[place]} at place ${place}`)
  }
}

/** Judges one candidate at a time by a rule that needs no others. */
export function ruleEach(
  { items, k }: Candidates,
  rule: (user: number, item: number, place: number) => { positive: boolean; confidence: number },
): Ruling {
  const labels = new Int8Array(items.length).fill(NO_CANDIDATE)
  const confidence = new Float32Array(items.length)
  items.forEach((item, place) => {
    if (item < 0) return
    const verdict = rule(Math.floor(place / k), item, place)
    labels[place] = verdict.positive ? POSITIVE : NEGATIVE
    confidence[place] = verdict.confidence
  })
  return { labels, confidence }
}

/** Candidates with a verdict, and the confidence in it. */
export function judgedPlaces(
  { k, items }: Pick<Candidates, 'k' | 'items'>,
  { labels, confidence }: Pick<Verdicts, 'labels' | 'confidence'>,
): JudgedPlaces {
  return { k, items: items.map((item, place) => (labels[place] < 0 ? -1 : item)), confidence }
}

/** The pairs at the places that `keep` wants, or at all that hold a candidate, in the order of the places. */
export function candidatePairs(
  { items, k }: Pick<Candidates, 'items' | 'k'>,
  keep: (place: number) => boolean = () => true,
) {
  const places = filledPlaces(items).filter(keep)
  return { places, users: places.map(place => Math.floor(place / k)), items: gather(items, places, Int32Array) }
}
