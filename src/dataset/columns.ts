/** Which column of a table is the user, the item, the rating, the time and the kind of event: by name and by values. */
import { DataError, UsageError } from '../errors.ts'
import { didYouMean } from '../nearest.ts'
import { listOf } from '../numbers.ts'
import { isNearlyUsual, normalize, rankOfName, soundsLikeWeight } from './column-names.ts'
import type { Role } from './rows.ts'
import { isMissingWord, looksLikeTimes, parseNumber, parseTime } from './time.ts'

export { isUsualName } from './column-names.ts'

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
}

/** What a message calls a value of a role. */
export const MEANINGS: Record<Role, string> = {
  user: 'a user id',
  item: 'an item id',
  rating: 'a rating',
  time: 'a time',
  event: 'a kind of event',
  weight: 'a weight',
}

const ROLES = Object.keys(MEANINGS) as Role[]

/** The first rows of a table, by column. */
type Samples = readonly (readonly (string | undefined)[])[]

function valuesAt(samples: Samples, position: number): string[] {
  return samples.flatMap(fields => fields[position] ?? []).filter(text => !isMissingWord(text))
}

/** Whether most values of a column can be what a role asks for; without samples every column can. */
function canBe(role: Role, values: readonly string[], surely = false): boolean {
  if (values.length === 0 || role === 'user' || role === 'item' || role === 'weight') return true
  if (role === 'event') return isKinds(values)
  if (surely) return looksLikeTimes(values)
  const read = (text: string) => (role === 'time' ? parseTime(text).value : parseNumber(text))
  return 2 * values.filter(text => read(text) === Number.POSITIVE_INFINITY).length <= values.length
}

/** Words that come again and again. */
function isKinds(values: readonly string[]): boolean {
  const kinds = new Set(values)
  return (
    [...kinds].every(text => !Number.isFinite(parseNumber(text))) &&
    kinds.size <= Math.max(2, Math.min(40, values.length / 3))
  )
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
    else if (isNeeded(role))
      throw new DataError(
        `${place}: no column looks like ${MEANINGS[role]}; ${listed}; name it with --${role}${hint}${suggest(role, names, chosen)}`,
      )
  }
  return { ...checked(chosen), ...(Object.keys(paths).length && { paths }) }
}

/** By name, by position where no column is called so, or without regard to case; `items[].id` is a path into "items". */
function findWished(names: readonly string[], wish: string): { position: number; path?: string } | undefined {
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
  const ranked = names
    .map((name, position) => ({ position, rank: rankOfName(name, role) }))
    .filter(({ position, rank }) => rank !== undefined && !taken.includes(position))
    .filter(({ position, rank }) => canBe(role, valuesAt(samples, position), role === 'time' && rank! >= 2))
    .sort((a, b) => a.rank! - b.rank! || a.position - b.position)
  return ranked[0]?.position
}

/**
 * Columns of a table without a header, where they are called "0", "1", …. User and item come first, after a running
 * index if there is one; times and ratings are known by their values.
 * @param files the first rows of this file, then those of the files beside it
 */
export function chooseByPosition(
  count: number,
  files: readonly Samples[],
  wishes: ColumnWishes,
  place: string,
): ChosenColumns {
  const samples = files.flat()
  if (count < 2) throw new DataError(`${place}: expected at least a user and an item in each row, found one column`)
  const names = Array.from({ length: count }, (_, position) => String(position))
  const wished = Object.values(wishes).flatMap(wish => findWished(names, wish)?.position ?? [])
  if (count > 5 && (wishes.user === undefined || wishes.item === undefined))
    throw new DataError(
      `${place}: ${count} columns and no header; name the columns of users and items by position, such as --user 0 --item 1`,
    )
  const values = names.map((_, position) => valuesAt(samples, position))
  const free = names.map((_, position) => position).filter(position => !wished.includes(position))
  if (count > 2 && wishes.user === undefined && isIndex(files, values)) free.shift()
  const usual: Partial<Record<Role, number>> = {}
  for (const role of ['user', 'item'] as const) {
    if (wishes[role] !== undefined) continue
    // dates are no ids, as long as something else can be
    const next = free.find(position => !isDates(values[position])) ?? free[0]
    if (next === undefined) continue
    usual[role] = next
    free.splice(free.indexOf(next), 1)
  }
  const take = (role: Role, test: (column: readonly string[]) => boolean) => {
    const position = free.find(column => values[column].length > 0 && test(values[column]))
    if (position === undefined || wishes[role] !== undefined) return
    usual[role] = position
    free.splice(free.indexOf(position), 1)
  }
  take('time', looksLikeTimes)
  // of two numbers behind user and item, the first is the rating, as in the data of MovieLens
  take('rating', column => canBe('rating', column) && column.every(text => !isLarge(parseNumber(text))))
  if (usual.time === undefined && usual.rating !== undefined && count === 4)
    take('time', column => canBe('time', column))
  take(
    'event',
    column => isKinds(column) && new Set(column).size > 1 && column.every(text => /^[\w-]{1,24}$/.test(text)),
  )
  const guessed = Object.entries(usual).map(([role, position]) => [role, String(position)])
  return chooseByName(
    names,
    { rating: IGNORED, time: IGNORED, event: IGNORED, ...Object.fromEntries(guessed), ...wishes },
    place,
  )
}

/** A first column that counts the rows, from 0 or 1 in one file, when user and item can stand behind it. */
function isIndex(files: readonly Samples[], values: readonly (readonly string[])[]): boolean {
  const columns = files.map(rows => rows.map(fields => Number(fields[0])))
  const counts = columns.every(column => column.every((value, row) => value === column[0] + row))
  if (!counts || columns.flat().length < 3 || !columns.some(([start]) => start === 0 || start === 1)) return false
  return values[1].length > 0 && !looksLikeTimes(values[2]) && !isScale(values[2])
}

/** No rating. */
function isLarge(value: number): boolean {
  return Number.isFinite(value) && Math.abs(value) > 100
}

function isDates(values: readonly string[]): boolean {
  return values.length > 0 && values.every(text => parseTime(text).dated > 0)
}

/** A small scale of ratings. */
function isScale(values: readonly string[]): boolean {
  const numbers = values.map(parseNumber)
  return numbers.every(value => value >= -5 && value <= 10) && new Set(numbers).size <= 21
}

/** The column not taken yet whose name is nearest to a usual one. */
function suggest(role: Role, names: readonly string[], taken: Partial<Record<Role, number>>): string {
  const free = names.filter((_, position) => !Object.values(taken).includes(position))
  const near = free.find(name => isNearlyUsual(name, role))
  return near === undefined ? '' : `; did you mean "${near}"?`
}

function isNeeded(role: Role): boolean {
  return role === 'user' || role === 'item'
}

function checked(chosen: Partial<Record<Role, number>>): ChosenColumns {
  const roleAt = new Map<number, Role>()
  for (const role of ROLES) {
    const position = chosen[role]
    if (position === undefined) continue
    const other = roleAt.get(position)
    if (other && !(other === 'rating' && role === 'weight'))
      throw new UsageError(`--${other} and --${role} name the same column; give each its own`)
    roleAt.set(position, role)
  }
  return chosen as ChosenColumns
}

/** `"user_id" (user), "item_id" (item)` */
export function describeColumns(chosen: ChosenColumns, names: readonly string[]): string {
  return ROLES.flatMap(role => {
    const position = chosen[role]
    return position === undefined ? [] : [`"${names[position]}${chosen.paths?.[role] ?? ''}" (${role})`]
  }).join(', ')
}

/**
 * A sentence on the columns that nothing is made of, or nothing when each is used. Times that were not taken for such
 * are offered, since without times a split is drawn at random.
 */
export function describeUnused(
  chosen: ChosenColumns,
  names: readonly string[],
  samples: Samples,
  wishes: ColumnWishes,
): string | undefined {
  const used = ROLES.map(role => chosen[role])
  const unused = names.flatMap((name, position) => (used.includes(position) || name === '' ? [] : [{ name, position }]))
  if (unused.length === 0) return
  const remarks = unused.map(({ name, position }) => {
    const values = valuesAt(samples, position)
    if (chosen.time === undefined && wishes.time === undefined && looksLikeTimes(values))
      return `"${name}" (times such as ${values[0]}? --time ${name})`
    const isWeight =
      chosen.weight === undefined && soundsLikeWeight(name) && values.length > 0 && canBe('rating', values)
    return isWeight
      ? `"${name}" (--weight ${name} makes weights of it; without, each pair counts the same)`
      : `"${name}"`
  })
  return `not used: ${listOf(remarks, 12)}`
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
