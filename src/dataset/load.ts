/** The way from a path to a split: find, read, filter, hold out, assemble; every decision in words. */
import { z } from 'zod'
import { DataError, UsageError } from '../errors.ts'
import { formatCount, plural } from '../numbers.ts'
import { parseOptions } from '../options.ts'
import { log2 } from '../powers.ts'
import { callable, checkRequest, plainObject, signal as signalShape, withFields } from '../requests.ts'
import type { Dataset } from './dataset.ts'
import { type DataFile, recordFile } from './files/disk.ts'
import { type Found, findData, groupsOf } from './files/find.ts'
import { filterCore, filterRatings } from './filters/core.ts'
import type { FormatDefinition } from './formats/format.ts'
import { formats } from './formats/index.ts'
import { countOf, type Interactions, sortUnique } from './interactions.ts'
import { isPreparedSplit, loadPrepared } from './prepared.ts'
import { readParts } from './read.ts'
import { type DataCounts, type DataReport, emptyCounts } from './report.ts'
import { REPEATS, type SourceOptions, sourceOptions } from './source.ts'
import type { Split } from './split.ts'
import { assemble, assembleWhole } from './splits/assemble.ts'
import { continuePositions, givenParts, holdOut } from './splits/holdout.ts'

export interface DataEvent {
  step: 'read' | 'filter'
  message: string
}

export interface LoadContext {
  readonly signal?: AbortSignal
  readonly progress?: (event: DataEvent) => void
  /** a format of your own, instead of the option */
  readonly format?: FormatDefinition
}

/**
 * Reads interactions and holds a part of them out.
 * @param path a file, a glob, an archive, or a directory with train, (valid) and test files, one table, or a split that
 *   dualtree wrote; or what `findData` found, which stays open
 * @param options see `sourceOptions`
 * @throws UsageError for options that are unknown, out of range, or ask for what the data does not have (times, ratings)
 * @throws DataError naming file, line, value and remedy for data that cannot be used
 */
export async function loadSplit(
  path: string | Found,
  options: z.input<typeof sourceOptions> = {},
  context: LoadContext = {},
): Promise<{ split: Split; report: DataReport }> {
  checkRequest('loadSplit', FIELDS, { path, options, context })
  const settings = parseOptions(sourceOptions, options, 'dataset')
  const { signal } = context
  const name = typeof path === 'string' ? path : path.label
  if (await isPreparedSplit(name)) return loadPrepared(name, settings, signal)
  const found = typeof path === 'string' ? await findData(path, signal) : path
  try {
    const given = found.kind === 'parts'
    const how = settings.split ?? (given ? 'given' : 'random')
    if (how === 'given' && !given)
      throw new UsageError(`--split given needs a directory with train and test files, and ${name} is none`)
    const work = await workOn(found, settings, context)
    const { label, report, counts, decide } = work
    const parts = groupsOf(found)
    const groups = how === 'given' ? parts : [parts.flat()]
    // each step lets go of what the one before has made: of a large log there is room for two copies, not for five
    const { userIds, itemIds, ...filtered } = await readAndFilter(groups, work, context.format)
    signal?.throwIfAborted()
    if (how === 'given' && filtered.timeKind === 'position') continuePositions(filtered.parts, userIds.length, decide)
    const divided =
      how === 'given'
        ? givenParts(filtered.parts.splice(0), settings, decide)
        : holdOut(label, filtered.parts.pop()!, filtered.timeKind, how, settings, decide)
    weighted(divided.train, settings, decide)
    const split = assemble(label, divided, userIds, itemIds, counts, filtered.timeKind)
    describeResult(counts, decide)
    return { split, report }
  } finally {
    if (typeof path === 'string') await found.dispose()
  }
}

const isFound = (path: unknown) => typeof path === 'string' || typeof (path as Found)?.dispose === 'function'
const FIELDS = {
  path: z.custom(isFound, 'expected a value of type string'),
  options: plainObject,
  context: withFields({
    signal: signalShape.optional(),
    progress: callable.optional(),
    format: plainObject.optional(),
  }),
}

/**
 * Reads all interactions into one data set; options that hold out do nothing.
 * @throws like `loadSplit`
 */
export async function loadDataset(
  path: string,
  options: z.input<typeof sourceOptions> = {},
  context: LoadContext = {},
): Promise<{ dataset: Dataset; report: DataReport }> {
  const settings = parseOptions(sourceOptions, options, 'dataset')
  const found = await findData(path, context.signal)
  try {
    const work = await workOn(found, settings, context)
    const read = await readAndFilter([groupsOf(found).flat()], work, context.format)
    const train = weighted(read.parts[0], settings, work.decide)
    const dataset = assembleWhole(train, read.userIds, read.itemIds, read.timeKind)
    Object.assign(work.counts, { users: dataset.users, items: dataset.items, train: dataset.interactions })
    return { dataset, report: work.report }
  } finally {
    await found.dispose()
  }
}

/**
 * With weights on the scale that is asked for, with mean 1.
 * @throws DataError when their sum is not finite
 */
function weighted(train: Interactions, { weightScale }: SourceOptions, decide: Work['decide']): Interactions {
  const { weights } = train
  if (!weights) return train
  if (weightScale === 'log') for (let row = 0; row < weights.length; row++) weights[row] = log2(1 + weights[row])
  const least = weights.reduce((a, b) => Math.min(a, b), Number.POSITIVE_INFINITY)
  const most = weights.reduce((a, b) => Math.max(a, b), 0)
  const mean = weights.reduce((a, b) => a + b, 0) / weights.length
  if (mean === Number.POSITIVE_INFINITY)
    throw new DataError('the weights of the pairs of train add up to more than 1.8e308; give smaller ones')
  for (let row = 0; row < weights.length; row++) weights[row] /= mean
  const short = (value: number) => String(Number(value.toPrecision(3)))
  decide(
    `Weights of the pairs of train run from ${short(least)} to ${short(most)} (${weightScale}), and are divided by their mean ${short(mean)}.`,
  )
  return train
}

interface Work extends Required<Pick<LoadContext, 'progress'>> {
  readonly settings: SourceOptions
  /** what messages call the data */
  readonly label: string
  readonly report: DataReport
  readonly counts: DataCounts
  readonly signal?: AbortSignal
  decide(sentence: string): void
}

/** A report that is begun: the files, and on which of them were chosen. */
async function workOn(
  found: Found,
  settings: SourceOptions,
  { signal, progress = () => {} }: LoadContext,
): Promise<Work> {
  const files = await Promise.all(found.onDisk.map(file => recordFile(file, signal)))
  const report: DataReport = { decisions: found.note ? [found.note] : [], counts: emptyCounts(), files, rows: [] }
  const parts = groupsOf(found).flat()
  return {
    ...{ settings, report, counts: report.counts, progress, ...(signal && { signal }) },
    label: parts.length === 1 ? parts[0].label : found.label,
    decide: sentence => void report.decisions.push(sentence),
  }
}

/** @returns for each group of files what is left of its interactions, sorted, each pair once */
async function readAndFilter(groups: readonly (readonly DataFile[])[], work: Work, format?: FormatDefinition) {
  const { settings, counts, decide, progress, signal } = work
  const { user, item, rating, time, eventColumn, weight, timeUnit, missing, maxRefused, minRating, encoding } = settings
  const named = settings.format === 'auto' ? undefined : formats.get(settings.format)
  const chosen = format ?? named
  const wishes = { user, item, rating, time, event: eventColumn, weight: weight === REPEATS ? undefined : weight }
  const { parts, accounts, ...read } = await readParts(groups, {
    wishes: Object.fromEntries(Object.entries(wishes).filter(([, wish]) => wish !== undefined)),
    positives: settings,
    timeUnit: timeUnit === 'auto' ? undefined : timeUnit,
    missing: missing && new Set(missing.map(word => String(word).toLowerCase())),
    needsRatings: minRating !== undefined,
    ...{ maxRefused, encoding, counts, decide },
    onFile: (file, rows) => progress({ step: 'read', message: `${file.label}: ${plural(rows, 'interaction')}` }),
    ...(chosen && { format: chosen }),
    ...(signal && { signal }),
  })
  work.report.rows = accounts
  const filters = { ...settings, ...work, sizes: { users: read.userIds.length, items: read.itemIds.length } }
  for (const [index, part] of parts.entries()) {
    const kept = sortUnique(filterRatings(part, filters), filters.sizes.users, filters.sizes.items)
    // the core of what trains; held-out interactions outside of it are left out with the unknown ids
    parts[index] = index === 0 ? filterCore(kept, filters) : kept
  }
  const kept = parts.reduce((sum, part) => sum + countOf(part), 0)
  const removed = counts.outsideWhere + counts.otherEvents + counts.withoutWeight + counts.belowMinRating
  counts.duplicates = counts.rows - removed - counts.outsideCore - kept
  if (counts.duplicates > 0)
    decide(
      `Repeated pairs of user and item: ${plural(counts.duplicates, 'row')}; each pair is kept once, at its earliest time${settings.weight || settings.eventWeight ? ', and their weights are added' : ''}.`,
    )
  progress({ step: 'filter', message: `${plural(kept, 'interaction')} kept` })
  return { ...read, parts }
}

function describeResult(counts: DataCounts, decide: Work['decide']): void {
  const leftOut: [number, string][] = [
    [counts.heldOutUnknownUsers, 'the user has no interaction in train'],
    [counts.heldOutUnknownItems, 'the item has no interaction in train'],
    [counts.heldOutAlreadySeen, 'train has the same pair'],
    [counts.testAlreadyInValid, 'valid has the same pair'],
  ]
  for (const [count, reason] of leftOut)
    if (count > 0) decide(`Left out of what is held out: ${plural(count, 'interaction')}, since ${reason}.`)
  decide(
    `${plural(counts.users, 'user')} and ${plural(counts.items, 'item')}: ${plural(counts.train, 'interaction')} to train, ` +
      `${formatCount(counts.valid)} to validate, ${formatCount(counts.test)} to test.`,
  )
}
