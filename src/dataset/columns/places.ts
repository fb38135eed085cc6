/** Which column is what in a table without a header: by its place and its values. */
import { DataError } from '../../errors.ts'
import {
  type ChosenColumns,
  type ColumnWishes,
  canBe,
  chooseByName,
  findWished,
  IGNORED,
  isKinds,
  matrixHint,
  type Samples,
  valuesAt,
} from './columns.ts'
import { parseNumber } from './parse-number.ts'
import { parseTime } from './parse-time.ts'
import type { Role } from './rows.ts'
import { looksLikeTimes } from './time.ts'

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
      `${place}: ${count} columns and no header; name the columns of users and items by position, such as --user 0 --item 1${matrixHint(samples)}`,
    )
  const values = names.map((_, position) => valuesAt(samples, position))
  const free = names.map((_, position) => position).filter(position => !wished.includes(position))
  if (count > 2 && wishes.user === undefined && isIndex(files, values)) free.shift()
  const usual: Partial<Record<Role, number>> = {}
  for (const role of ['user', 'item'] as const) {
    if (wishes[role] !== undefined) continue
    // dates are no ids, as long as something else can be; nor is what never comes twice a user
    const other = role === 'user' ? 'item' : 'user'
    const ids = free.filter(
      position =>
        !isDates(values[position]) &&
        !isFractions(values[position]) &&
        !areEvents(values[position]) &&
        !soundsLike(other, files[0], position),
    )
    const users = ids.filter(position => !isUnique(values[position]))
    const own = ids.find(position => soundsLike(role, files[0], position))
    // what never comes twice ahead of the users, such as a time or the id of a row, is no item where one stands behind
    const isAhead = role === 'item' && usual.user !== undefined && ids[0] < usual.user && isUnique(values[ids[0]])
    const behind = ids.find(position => position > usual.user! && !isScale(values[position]) && !looksLikeTimes(values[position])) // biome-ignore format: one line
    const next = own ?? (role === 'user' && count > 2 ? users[0] : isAhead ? behind : undefined) ?? ids[0] ?? free[0]
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
  take(
    'rating',
    column =>
      canBe('rating', column) &&
      !(column.length > 2 && column.every(text => text === '0')) &&
      column.every(text => !isLarge(parseNumber(text)) && !/\.\d{4,}$/.test(text)),
  )
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
  return values[1].length > 0 && values.slice(2).some(column => !looksLikeTimes(column) && !isScale(column))
}

/** Words for what people do are no ids. */
function areEvents(values: readonly string[]): boolean {
  return values.length > 0 && values.every(text => /^(page_?|item_?|product_?|add_?to_?|remove_?from_?)?(view|click|cart|buy|purchase|order|transaction|like|dislike|play|share|fav|pv|impression|visit|skip|download)[a-z_]*$/i.test(text)) // biome-ignore format: one line
}

/** Coordinates and prices are no ids. */
function isFractions(values: readonly string[]): boolean {
  const fractions = values.filter(text => /^-?\d+[.]\d*[1-9]\d*$/.test(text))
  return 2 * fractions.length > values.length
}

/** Whether a long enough sample has no value twice. */
function isUnique(values: readonly string[]): boolean {
  return values.length >= 50 && new Set(values).size === values.length
}

/** Ids that say what they are of: B000123456 of Amazon, user_7, i12. */
const SPEAKING = { user: /^((user|usr|u|customer|cust|visitor)[_-]?\d+|A[\dA-Z]{9,27})$/i, item: /^(B0[\dA-Z]{8}|\d{9}X|(item|i|product|prod|movie)[_-]?\d+)$/i } // biome-ignore format: one line

function soundsLike(role: 'user' | 'item', samples: Samples, position: number): boolean {
  const values = valuesAt(samples, position)
  return values.length > 0 && values.every(text => SPEAKING[role].test(text))
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
