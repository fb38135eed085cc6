/** The way from a path to a split: find, read, filter, hold out, assemble; every decision in words. */
import type { z } from 'zod'
import { UsageError } from '../errors.ts'
import { parseOptions } from '../options.ts'
import { assemble } from './assemble.ts'
import { type DataFile, filesOf, findData, recordFile } from './files.ts'
import { filterCore, filterRatings } from './filter.ts'
import type { FormatDefinition } from './formats/format.ts'
import { formats } from './formats/index.ts'
import { givenParts, holdOut } from './holdout.ts'
import { countOf, sortUnique } from './interactions.ts'
import { isPreparedSplit, loadPrepared } from './prepared.ts'
import { readParts } from './read.ts'
import { type DataCounts, type DataReport, emptyCounts, formatCount, plural } from './report.ts'
import { type SourceOptions, sourceOptions } from './source.ts'
import type { Split } from './split.ts'

export interface DataEvent {
  step: 'read' | 'filter' | 'split'
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
 * @param path a file, a glob, or a directory with train, (valid) and test files, a single data file, or a split that
 *   dualtree wrote
 * @param options see `sourceOptions`
 * @throws UsageError for options that are unknown, out of range, or ask for what the data does not have (times, ratings)
 * @throws DataError naming file, line, value and remedy for data that cannot be used
 */
export async function loadSplit(
  path: string,
  options: z.input<typeof sourceOptions> = {},
  context: LoadContext = {},
): Promise<{ split: Split; report: DataReport }> {
  const settings = parseOptions(sourceOptions, options, 'dataset')
  const { signal, progress = () => {} } = context
  if (await isPreparedSplit(path)) return loadPrepared(path, settings, signal)
  const report: DataReport = { decisions: [], counts: emptyCounts(), files: [] }
  const decide = (sentence: string) => void report.decisions.push(sentence)

  const found = await findData(path)
  const given = found.kind === 'parts'
  const how = settings.split ?? (given ? 'given' : 'random')
  if (how === 'given' && !given)
    throw new UsageError(`--split given needs a directory with train and test files, and ${path} is none`)
  const files = filesOf(found)
  const label = files.length === 1 ? files[0].label : path

  report.files = await Promise.all(files.map(file => recordFile(file, signal)))
  const counts = report.counts
  const groups = how === 'given' ? files.map(file => [file]) : [files]
  const work = { settings, label, counts, decide, progress, ...(signal && { signal }) }
  // each step lets go of what the one before has made: of a large log there is room for two copies, not for five
  const { userIds, itemIds, ...filtered } = await readAndFilter(groups, work, context.format)
  signal?.throwIfAborted()
  const divided =
    how === 'given'
      ? givenParts(filtered.parts.splice(0), settings, decide)
      : holdOut(label, filtered.parts.pop()!, filtered.timeKind, how, settings, decide)
  const split = assemble(label, divided, userIds, itemIds, counts, filtered.timeKind)
  describeResult(counts, decide)
  progress({ step: 'split', message: report.decisions.at(-1)! })
  return { split, report }
}

interface Work extends Required<Pick<LoadContext, 'progress'>> {
  readonly settings: SourceOptions
  /** what messages call the data */
  readonly label: string
  readonly counts: DataCounts
  readonly signal?: AbortSignal
  decide(sentence: string): void
}

/** @returns for each group of files what is left of its interactions, sorted, each pair once */
async function readAndFilter(groups: readonly (readonly DataFile[])[], work: Work, format?: FormatDefinition) {
  const { settings, counts, decide, progress, signal } = work
  const { user, item, rating, time } = settings
  const named = settings.format === 'auto' ? undefined : formats.get(settings.format)
  const chosen = format ?? named
  const { parts, ...read } = await readParts(groups, {
    wishes: { ...(user && { user }), ...(item && { item }), ...(rating && { rating }), ...(time && { time }) },
    decide,
    onFile: (file, rows) => progress({ step: 'read', message: `${file.label}: ${plural(rows, 'interaction')}` }),
    ...(chosen && { format: chosen }),
    ...(signal && { signal }),
  })
  counts.rows = parts.reduce((rows, part) => rows + countOf(part), 0)
  const filters = { ...settings, ...work, sizes: { users: read.userIds.length, items: read.itemIds.length } }
  for (const [index, part] of parts.entries()) {
    const kept = sortUnique(filterRatings(part, filters), filters.sizes.users, filters.sizes.items)
    // the core of what trains; held-out interactions outside of it are left out with the unknown ids
    parts[index] = index === 0 ? filterCore(kept, filters) : kept
  }
  const kept = parts.reduce((sum, part) => sum + countOf(part), 0)
  counts.duplicates = counts.rows - counts.belowMinRating - counts.outsideCore - kept
  if (counts.duplicates > 0)
    decide(
      `Repeated pairs of user and item: ${plural(counts.duplicates, 'row')}; each pair is kept once, at its earliest time.`,
    )
  progress({ step: 'filter', message: `${plural(kept, 'interaction')} kept` })
  return { ...read, parts }
}

function describeResult(counts: DataCounts, decide: (sentence: string) => void): void {
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
