/** A finished run under the definitions of other libraries: the same lists by their formulas, and ranked again by their mask. */

import { join } from 'node:path'
import { z } from 'zod'
import type { Split } from '../dataset/split.ts'
import { readSplit } from '../dataset/store.ts'
import { UsageError } from '../errors.ts'
import { judgeLists, type ListWithLength } from '../evaluation/judged-lists.ts'
import { evaluatedUsers } from '../evaluation/protocols.ts'
import { withKernels } from '../kernels/wasm/wasm.ts'
import { integer, parseOptions, text } from '../options.ts'
import { checkRequest, plainObject, watchFields, withFields } from '../requests.ts'
import { type FinishedRun, readFinishedRun } from '../run/finished-run.ts'
import { showAsStage } from '../run/shown.ts'
import type { Watch } from '../run/stage.ts'
import { readLists } from '../run/stages/evaluation-files.ts'
import { mean } from '../statistics/moments.ts'
import { type Entry, entriesOf, findEntries } from './choice.ts'
import { type Convention, type ConventionMetricName, conventionMetrics, scoreLists } from './conventions/convention.ts'
import { ours } from './conventions/formulas.ts'
import { conventions } from './conventions/index.ts'
import { rankAgain } from './rank-again.ts'

export const rescoreOptions = z.object({
  libraries: z
    .array(z.enum(conventions.map(({ name }) => name) as [string]))
    .min(1)
    .default(conventions.map(({ name }) => name))
    .describe('libraries whose definitions to use'),
  methods: z.array(z.string()).default([]).describe('rows to score; default: all'),
  cutoff: integer(1, 1000, 'items')
    .optional()
    .describe('length K of the lists; default: 20, or the longest of the run'),
  ranking: z
    .boolean()
    .default(true)
    .describe('rank again for libraries that mask other items than the run; fits baselines again'),
})

/** One metric of one method as a library has it; means over the method's seeds. */
export interface Rescored {
  readonly method: string
  readonly library: string
  readonly metric: ConventionMetricName
  /** by our definition, as in the run's table */
  readonly ours: number
  /** by theirs, from the run's lists */
  readonly sameLists: number
  /** by theirs, from lists with their mask; absent when it was not ranked again */
  readonly ownMask?: number
  /** why the figures differ; empty when they do not */
  readonly causes: readonly string[]
}

/** Plain data. */
export interface RescoredRun {
  readonly dataHash: string
  readonly evaluatedOn: 'valid' | 'test'
  readonly cutoff: number
  readonly users: number
  /** what the run masks */
  readonly mask: Convention['mask']
  readonly rows: readonly Rescored[]
  /** what the figures do not show, by library */
  readonly notes: readonly { readonly library: string; readonly source: string; readonly notes: readonly string[] }[]
}

const FIELDS = { directory: text, given: plainObject, how: withFields(watchFields) }

/**
 * @param given of `rescoreOptions`
 * @throws UsageError for a run that is not finished, or an unknown method or cut-off; DataError when its files are missing
 */
export async function rescoreRun(
  directory: string,
  given: Readonly<Record<string, unknown>> = {},
  how: Watch = {},
): Promise<RescoredRun> {
  checkRequest('rescoreRun', FIELDS, { directory, given, how })
  const { signal, emit } = how
  const options = parseOptions(rescoreOptions, given, 'rescore')
  const run = await readFinishedRun(directory)
  const entries = await entriesOf([run], 'strict')
  const chosen = options.methods.length ? options.methods.flatMap(name => findEntries(entries, name)) : entries.entries
  const k = chooseCutoff(run, options.cutoff)
  const part = run.plan.run.evaluateOn
  const split = await readSplit(join(directory, 'data'), signal)
  const libraries = conventions.filter(({ name }) => options.libraries.includes(name))
  // at validation there is nothing but train to mask
  const mask = part === 'valid' ? 'train' : run.plan.run.maskAtTest
  const other = mask === 'train' ? 'train+valid' : 'train'
  const reranked = part === 'test' && options.ranking && libraries.some(library => library.mask === other)
  const rows: Rescored[] = []
  const title = `Scoring ${chosen.length === 1 ? 'one row' : `${chosen.length} rows`} by the definitions of ${libraries.map(({ library }) => library).join(', ')}`
  await withKernels(run.plan.run.threads, kernels =>
    showAsStage(emit, { stage: 'rescore', title }, async progress => {
      for (const [index, entry] of chosen.entries()) {
        signal?.throwIfAborted()
        progress(index, chosen.length, reranked ? `ranking ${entry.name} again, with ${other} masked` : entry.name)
        const own = await storedLists(entry, split, part, k)
        const again = reranked && (await rankAgain({ run, entry, split, k, mask: other, kernels, signal }))
        for (const library of libraries)
          rows.push(...rescore(entry.name, library, own, again && library.mask === other ? again : undefined))
      }
    }),
  )
  return {
    dataHash: split.hash,
    evaluatedOn: part,
    cutoff: k,
    users: evaluatedUsers(split[part]).length,
    mask,
    rows,
    notes: libraries.map(({ library, source, notes }) => ({ library, source, notes })),
  }
}

/** Lists by seed, then user. */
type SeededLists = readonly (readonly ListWithLength[])[]

async function storedLists(entry: Entry, split: Split, part: 'valid' | 'test', k: number): Promise<SeededLists> {
  const users = evaluatedUsers(split[part])
  const lists: ListWithLength[][] = []
  for (const { evaluation } of entry.rows)
    lists.push(judgeLists(await readLists(join(entry.directory, evaluation), k, users, split.train), k, split[part]))
  return lists
}

const OURS = { metrics: ours } as unknown as Convention

function rescore(method: string, library: Convention, own: SeededLists, again: SeededLists | undefined): Rescored[] {
  const score = (convention: Convention, lists: SeededLists) => lists.map(seed => scoreLists(convention, seed))
  const scores = { ours: score(OURS, own), same: score(library, own), again: again && score(library, again) }
  return conventionMetrics.flatMap(metric => {
    const definition = library.metrics[metric]
    if (!definition) return []
    const value = (seeds: typeof scores.ours) => mean(seeds.map(values => values[metric]!))
    const [ourValue, sameLists] = [value(scores.ours), value(scores.same)]
    const ownMask = scores.again && value(scores.again)
    const causes = [
      ...(definition.cause && differs(ourValue, sameLists) ? [definition.cause] : []),
      ...(ownMask !== undefined && differs(sameLists, ownMask) ? [library.maskCause] : []),
    ]
    const row = { method, library: library.library, metric, ours: ourValue, sameLists, causes }
    return [{ ...row, ...(ownMask !== undefined && { ownMask }) }]
  })
}

/** Beyond what another order of the same sums makes. */
const differs = (a: number, b: number) => Math.abs(a - b) > 1e-12

function chooseCutoff({ directory, plan }: FinishedRun, wanted: number | undefined): number {
  const { cutoffs } = plan.run
  const longest = Math.max(...cutoffs)
  if (wanted !== undefined && wanted > longest)
    throw new UsageError(
      `--cutoff ${wanted}: the lists of ${directory} have ${longest} items; evaluate with longer ones`,
    )
  return wanted ?? Math.min(longest, 20)
}
