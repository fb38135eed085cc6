/** What counts as a positive, and how much: conditions, kinds of event, weights. Counts and says what it removes. */
import { DataError, UsageError } from '../../errors.ts'
import { didYouMean } from '../../nearest.ts'
import { formatCount, listOf, plural } from '../../numbers.ts'
import type { CheckedRows } from '../columns/check.ts'
import { saysNo } from '../columns/names.ts'
import { type Interactions, select } from '../interactions.ts'
import type { DataCounts } from '../report.ts'
import type { SourceOptions } from '../source.ts'

export type PositiveSettings = Partial<
  Pick<SourceOptions, 'event' | 'eventWeight' | 'weight' | 'where' | 'minRating' | 'eventColumn'>
>

/**
 * The interactions that count, with weights where these are asked for.
 * @param tables of all files; kinds of event are those of all
 * @throws UsageError for a kind of event that no file has
 */
export function positivesOf(
  tables: readonly CheckedRows[],
  interactions: readonly Interactions[],
  settings: PositiveSettings,
  counts: DataCounts,
  decide: (sentence: string) => void,
): Interactions[] {
  const kinds = kindsOf(tables)
  const wanted = settings.event?.map(name => kindCalled(String(name), kinds, 'event'))
  const weights = weightsOfKinds(settings.eventWeight ?? [], kinds)
  sayKinds(kinds, settings, tables, decide)
  sayNegatives(tables, settings, decide)
  const asked = settings.weight !== undefined || weights.size > 0
  const result = tables.map((table, index) => {
    const { events, passes } = table
    const own = interactions[index]
    if (!asked && !wanted && !passes) return own
    const kindOf = (row: number) => events?.texts[events.codes[row]] ?? ''
    const weightOf = (row: number) => (table.weights?.[row] ?? 1) * (weights.get(kindOf(row)) ?? 1)
    const weighted = asked ? { ...own, weights: Float64Array.from(own.users.keys(), weightOf) } : own
    const outcome = new Uint8Array(own.users.length)
    for (let row = 0; row < outcome.length; row++) {
      if (passes && !passes[row]) counts.outsideWhere++
      else if (wanted && !wanted.includes(kindOf(row))) counts.otherEvents++
      else if (weighted.weights && weighted.weights[row] <= 0) counts.withoutWeight++
      else outcome[row] = 1
    }
    return select(weighted, row => outcome[row] === 1)
  })
  const removed: [number, string][] = [
    [counts.outsideWhere, `do not meet --where`],
    [counts.otherEvents, `are of other kinds than --event names`],
    [counts.withoutWeight, 'have no weight above 0'],
  ]
  const reasons = removed.filter(([count]) => count > 0).map(([count, reason]) => `${plural(count, 'row')} ${reason}`)
  if (reasons.length > 0 && result.every(({ users }) => users.length === 0))
    throw new DataError(`no row is left: ${reasons.join(', ')}; change what is asked for`)
  for (const reason of reasons) decide(`${reason}, and are removed.`)
  return result
}

/** Kinds with their counts, the most frequent first. */
function kindsOf(tables: readonly CheckedRows[]): Map<string, number> {
  const counts = new Map<string, number>()
  for (const { events } of tables) {
    if (!events) continue
    const own = new Int32Array(events.texts.length)
    for (const code of events.codes) if (code >= 0) own[code]++
    events.texts.forEach((text, code) => void counts.set(text, (counts.get(text) ?? 0) + own[code]))
  }
  return new Map([...counts].sort((a, b) => b[1] - a[1]))
}

function kindCalled(name: string, kinds: ReadonlyMap<string, number>, option: string): string {
  if (kinds.size === 0)
    throw new UsageError(`--${option} ${name}: no column holds kinds of event; name it with --event-column`)
  if (kinds.has(name)) return name
  const alike = [...kinds.keys()].filter(kind => kind.toLowerCase() === name.toLowerCase())
  if (alike.length === 1) return alike[0]
  throw new UsageError(
    `--${option}: there is no event "${name}"; there are ${listed(kinds)}${didYouMean(name, [...kinds.keys()])}`,
  )
}

function weightsOfKinds(given: readonly string[], kinds: ReadonlyMap<string, number>): Map<string, number> {
  return new Map(
    given.map(pair => {
      const [, name, value] = /^(.+)=(\d+(?:\.\d+)?)$/.exec(pair) ?? []
      if (name === undefined)
        throw new UsageError(`--event-weight: expected kind=weight such as purchase=3, got "${pair}"`)
      return [kindCalled(name, kinds, 'event-weight'), Number(value)]
    }),
  )
}

function listed(kinds: ReadonlyMap<string, number>): string {
  return listOf(
    [...kinds].map(([kind, count]) => `${kind || 'nothing'} (${formatCount(count)})`),
    10,
  )
}

function sayKinds(
  kinds: ReadonlyMap<string, number>,
  settings: PositiveSettings,
  tables: readonly CheckedRows[],
  decide: (sentence: string) => void,
): void {
  if (kinds.size === 0) return
  const name = tables.find(({ names }) => names.event)?.names.event
  const isTruth = kinds.size === 2 && kinds.has('0') && kinds.has('1')
  const negative = isTruth ? ['0'] : [...kinds.keys()].filter(saysNo)
  const way = `choose with --event ${
    [...kinds.keys()]
      .filter(kind => kind !== '' && !negative.includes(kind))
      .slice(0, 3)
      .join(',') || 'KIND'
  }`
  if (settings.event)
    decide(`Kinds of event in ${name}: ${listed(kinds)}; ${settings.event.join(', ')} count as positives.`)
  else if (settings.eventWeight)
    decide(
      `Kinds of event in ${name}: ${listed(kinds)}; weights are ${settings.eventWeight.join(', ')}, and 1 for others.`,
    )
  else {
    const warning = negative.length ? `, ${negative.join(', ')} among them` : ''
    decide(
      `Kinds of event in ${name} are not used: every row counts as a positive${warning}; there are ${listed(kinds)}; ${way}.`,
    )
  }
}

/** Ratings below zero, and truth values that say no, are no likings: said when nothing filters them. */
function sayNegatives(
  tables: readonly CheckedRows[],
  settings: PositiveSettings,
  decide: (sentence: string) => void,
): void {
  if (settings.minRating !== undefined || settings.where !== undefined) return
  let [least, most, below, no, rated] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 0, 0, 0]
  let onlyTruth = true
  for (const { ratings } of tables)
    for (let row = 0; ratings && row < ratings.length; row++) {
      const rating = ratings[row]
      if (!Number.isFinite(rating)) continue
      rated++
      if (rating < least) least = rating
      if (rating > most) most = rating
      if (rating < 0) below++
      if (rating === 0) no++
      else if (rating !== 1) onlyTruth = false
    }
  const name = tables.find(({ names }) => names.rating)?.names.rating
  if (below > 0)
    decide(
      `Ratings in ${name} run from ${least} to ${most}, and ${formatCount(below)} of ${formatCount(rated)} are below zero: all count as positives without --min-rating.`,
    )
  else if (no > 0 && onlyTruth)
    decide(
      `Ratings in ${name} are 0 or 1, and ${formatCount(no)} of ${formatCount(rated)} are 0: all count as positives without --min-rating 1.`,
    )
  else if (rated > 0 && settings.weight === undefined && most > least)
    decide(`Ratings in ${name} run from ${least} to ${most}; all count as positives without --min-rating.`)
}
