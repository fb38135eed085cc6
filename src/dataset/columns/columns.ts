/** Which column of a table is the user, the item, the rating, the time and the kind of event: by name and by values. */
import { DataError, UsageError } from '../../errors.ts'
import { didYouMean } from '../../nearest.ts'
import { listOf } from '../../numbers.ts'
import { commonPrefix, isNearlyUsual, normalize, rankOfName } from './names.ts'
import { isMissingWord, parseNumber } from './parse-number.ts'
import { parseTime } from './parse-time.ts'
import type { Role } from './rows.ts'
import { looksLikeTimes } from './time.ts'

/** For `rating`, `time` and `event`: leave such a column alone. */
export const IGNORED = 'none'

/** What the options say; the rest is guessed. */
export type ColumnWishes = Partial<Record<Role, string>>

/** Positions of the columns, from 0. */
export interface ChosenColumns {
  readonly user: number
  readonly item: number
  readonly rating?: number
  readonly time?: number
  readonly event?: number
  readonly weight?: number
  /** what is asked of a value: `[].id` of `items[].id` */
  readonly paths?: Partial<Record<Role, string>>
  /** entries of the list of items end in the kind of event, -0 or -1 */
  readonly labelled?: boolean
}

/** What a message calls a value of a role. */
export const NOUNS: Record<Role, string> = {
  user: 'user id',
  item: 'item id',
  rating: 'rating',
  time: 'time',
  event: 'kind of event',
  weight: 'weight',
}

export const ROLES = Object.keys(NOUNS) as Role[]

/** The first rows of a table, by column. */
export type Samples = readonly (readonly (string | undefined)[])[]

export function valuesAt(samples: Samples, position: number): string[] {
  return samples.flatMap(fields => fields[position] ?? []).filter(text => !isMissingWord(text))
}

/** Whether most values of a column can be what a role asks for; without samples every column can. */
export function canBe(role: Role, values: readonly string[], surely = false): boolean {
  if (values.length === 0 || role === 'user' || role === 'item' || role === 'weight') return true
  if (role === 'event') return isKinds(values) || isNumberedKinds(values)
  if (surely) return looksLikeTimes(values)
  const read = (text: string) => (role === 'time' ? parseTime(text).value : parseNumber(text))
  return 2 * values.filter(text => read(text) === Number.POSITIVE_INFINITY).length <= values.length
}

/** Whether a column has no value in the first rows, such as the account of visitors. */
export function isHollow(samples: Samples, position: number): boolean {
  return samples.length > 0 && valuesAt(samples, position).every(text => text === '[]')
}

/** Whether all of many rows have one value, such as the app that a log is of. */
function isConstant(samples: Samples, position: number): boolean {
  const values = valuesAt(samples, position)
  return values.length >= 20 && new Set(values).size === 1
}

/** Words that come again and again. */
export function isKinds(values: readonly string[]): boolean {
  const kinds = new Set(values)
  return (
    [...kinds].every(text => !Number.isFinite(parseNumber(text))) &&
    kinds.size <= Math.max(2, Math.min(40, values.length / 3))
  )
}

/** 1, 2, 3, 4 under a name of events: of what they stand for, some may say no. */
function isNumberedKinds(values: readonly string[]): boolean {
  const kinds = new Set(values)
  return kinds.size > 1 && kinds.size <= 12 && [...kinds].every(text => /^\d{1,3}$/.test(text))
}

/**
 * Columns of a table with a header.
 * @param place file, and line if it has lines, for messages
 * @param samples the first rows; a guessed time holds times, a guessed rating numbers
 * @param hint what else could help when a column is not found
 * @throws DataError when a wished column is not there, or no name is a usual one
 */
export function chooseByName(
  names: readonly string[],
  wishes: ColumnWishes,
  place: string,
  samples: Samples = [],
  hint = '',
): ChosenColumns {
  const listed = `the columns are ${listOf(names.map(name => JSON.stringify(name)))}`
  const chosen: Partial<Record<Role, number>> = {}
  const paths: Partial<Record<Role, string>> = {}
  for (const role of ROLES) {
    const wish = wishes[role]
    if (wish === undefined || (wish === IGNORED && !isNeeded(role))) continue
    const found = findWished(names, wish)
    if (!found) throw new DataError(`${place}: there is no column "${wish}"; ${listed}${didYouMean(wish, names)}`)
    chosen[role] = found.position
    if (found.path) paths[role] = found.path
  }
  for (const role of ROLES) {
    if (wishes[role] !== undefined) continue
    const guess = guessByName(role, names, samples, Object.values(chosen))
    if (guess !== undefined) chosen[role] = guess
    else if (isNeeded(role)) {
      const hollow = names.find((name, at) => rankOfName(name, role) !== undefined && isHollow(samples, at))
      throw new DataError(
        `${place}: no column looks like ${role === 'item' ? 'an' : 'a'} ${NOUNS[role]}${hollow === undefined ? '' : ` but "${hollow}", which is empty in the first rows`}; ${listed}; name it with --${role}${hint}${partitionHint(place)}${matrixHint(samples) || suggest(role, names, chosen)}`,
      )
    }
  }
  return checked({ ...chosen, ...(Object.keys(paths).length && { paths }) })
}

/** What Hive and Spark write into the names of folders is in no column. */
function partitionHint(place: string): string {
  const folder = /(?:^|\/)([^/=]+)=[^/]+\//.exec(place)?.[1]
  return folder === undefined ? '' : `; the names of folders are not read as columns: write ${folder} into the files`
}

/** What to do with a table that has a column per item, which no choice of columns makes interactions of. */
export function matrixHint(samples: Samples): string {
  const width = samples[0]?.length ?? 0
  const isOfNumbers = (position: number) =>
    valuesAt(samples, position).every(text => Number.isFinite(parseNumber(text)))
  const numbers = Array.from({ length: width }, (_, position) => position).filter(isOfNumbers)
  return width < 20 || numbers.length < 0.9 * width ? '' : '; a table with a column per item needs a row per user and item instead (melt in pandas)' // biome-ignore format: one line
}

/** By name, by position where no column is called so, or without regard to case; `items[].id` is a path into "items". */
export function findWished(names: readonly string[], wish: string): { position: number; path?: string } | undefined {
  const exact = names.indexOf(wish)
  if (exact >= 0) return { position: exact }
  if (/^\d+$/.test(wish) && Number(wish) < names.length) return { position: Number(wish) }
  const alike = names.flatMap((name, position) => (normalize(name) === normalize(wish) ? [position] : []))
  if (alike.length === 1 && !/[.[]/.test(wish)) return { position: alike[0] }
  const start = /^[^.[]+/.exec(wish)?.[0]
  return start !== undefined && names.includes(start) && start !== wish
    ? { position: names.indexOf(start), path: wish.slice(start.length) }
    : undefined
}

function guessByName(
  role: Role,
  names: readonly string[],
  samples: Samples,
  taken: readonly number[],
): number | undefined {
  const prefix = commonPrefix(names).length
  const ranked = names
    .map((name, position) => ({ position, rank: rankOfName(name.slice(prefix), role) }))
    .filter(({ position, rank }) => rank !== undefined && !taken.includes(position))
    .filter(({ position }) => !isNeeded(role) || !isHollow(samples, position))
    .filter(({ position, rank }) => canBe(role, valuesAt(samples, position), role === 'time' && rank! >= 2))
    .sort((a, b) => a.rank! - b.rank! || a.position - b.position)
  if (role === 'item' && ranked.length > 1 && ranked[0].rank! >= 2)
    return (ranked.find(({ position }) => !isConstant(samples, position)) ?? ranked[0]).position
  if (role !== 'time' || ranked.length < 2) return ranked[0]?.position
  // of days and moments, moments
  const distinct = ({ position }: { position: number }) => new Set(valuesAt(samples, position)).size
  return (ranked.find(other => distinct(other) > 4 * distinct(ranked[0])) ?? ranked[0]).position
}

/** The column not taken yet whose name is nearest to a usual one. */
function suggest(role: Role, names: readonly string[], taken: Partial<Record<Role, number>>): string {
  const free = names.filter((_, position) => !Object.values(taken).includes(position))
  // of names that are near by their letters, "name" to "game", one that ends as ids do is meant
  const near = free.find(name => /id$/i.test(name) && !/^_?id$|order|invoice|transaction|event|review/i.test(name) && rankOfName(name, role === 'item' ? 'user' : 'item') === undefined) ?? free.find(name => isNearlyUsual(name, role) && !ROLES.some(other => rankOfName(name, other) !== undefined)) // biome-ignore format: one line
  return near === undefined ? '' : `; did you mean "${near}"?`
}

function isNeeded(role: Role): boolean {
  return role === 'user' || role === 'item'
}

function checked(chosen: Partial<ChosenColumns>): ChosenColumns {
  const roleAt = new Map<number, Role>()
  for (const role of ROLES) {
    const position = chosen[role]
    if (position === undefined) continue
    const other = roleAt.get(position)
    const apart = chosen.paths?.[role] !== undefined && chosen.paths[role] !== chosen.paths[other!]
    if (other && !apart && !(other === 'rating' && role === 'weight'))
      throw new UsageError(`--${other} and --${role} name the same column; give each its own`)
    roleAt.set(position, role)
  }
  return chosen as ChosenColumns
}

/** The chosen columns with something else in place of their position. */
export function mapColumns<T>(chosen: ChosenColumns, map: (position: number) => T): Partial<Record<Role, T>> {
  return Object.fromEntries(
    ROLES.flatMap(role => {
      const position = chosen[role]
      return position === undefined ? [] : [[role, map(position)]]
    }),
  )
}
