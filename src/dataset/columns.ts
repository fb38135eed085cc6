/** Which column of a table is the user, the item, the rating and the time. */
import { DataError, UsageError } from '../errors.ts'
import { didYouMean, nearest } from '../nearest.ts'
import type { Role } from './rows.ts'
import { looksLikeTimes } from './time.ts'

/** For `rating` and `time`: leave such a column alone. */
export const IGNORED = 'none'

/** What the options say; the rest is guessed. */
export type ColumnWishes = Partial<Record<Role, string>>

/** Positions of the columns, from 0. */
export interface ChosenColumns {
  readonly user: number
  readonly item: number
  readonly rating?: number
  readonly time?: number
}

/** Lower case, without separators; earlier names win. */
const USUAL: Record<Role, readonly string[]> = {
  user: 'userid user uid customerid customer reviewerid visitorid memberid accountid clientid buyerid profileid account member visitor reviewer userprofile'.split(
    ' ',
  ),
  item: 'itemid item iid productid product movieid movie asin parentasin articleid article bookid book isbn songid song trackid track artistid artist businessid business venueid venue poiid poi videoid video gameid game postid post recipeid recipe animeid anime sku goodsid contentid'.split(
    ' ',
  ),
  rating: 'rating ratings stars score overall'.split(' '),
  time: 'timestamp time ts datetime date eventtime createdat unixreviewtime unixtime createtime eventtimestamp visittime'.split(
    ' ',
  ),
}

/** What a message calls a value of a role. */
export const MEANINGS: Record<Role, string> = {
  user: 'a user id',
  item: 'an item id',
  rating: 'a rating',
  time: 'a time',
}

const ROLES = Object.keys(USUAL) as Role[]

/** `user_id`, `userId`, `USER ID` and RecBole's `user_id:token` are one name. */
function normalize(name: string): string {
  return name
    .toLowerCase()
    .replace(/:.*$/, '')
    .replace(/[^a-z0-9]/g, '')
}

export function isUsualName(name: string, role: Role): boolean {
  return USUAL[role].includes(normalize(name))
}

/**
 * Columns of a table with a header.
 * @param place file, and line if it has lines, for messages
 * @param hint what else could help when a column is not found
 * @throws DataError when a wished column is not there, or no name is a usual one
 */
export function chooseByName(names: readonly string[], wishes: ColumnWishes, place: string, hint = ''): ChosenColumns {
  const listed = `the columns are ${names.map(name => JSON.stringify(name)).join(', ')}`
  const chosen: Partial<Record<Role, number>> = {}
  for (const role of ROLES) {
    const wish = wishes[role]
    if (wish === IGNORED && !isNeeded(role)) continue
    if (wish !== undefined) {
      const position = names.indexOf(wish)
      if (position < 0)
        throw new DataError(`${place}: there is no column "${wish}"; ${listed}${didYouMean(wish, names)}`)
      chosen[role] = position
      continue
    }
    const normalized = names.map(normalize)
    const usual = USUAL[role].map(name => normalized.indexOf(name)).find(position => position >= 0)
    if (usual !== undefined) chosen[role] = usual
    else if (isNeeded(role))
      throw new DataError(
        `${place}: no column looks like ${MEANINGS[role]}; ${listed}; name it with --${role}${hint}${suggest(role, names, chosen)}`,
      )
  }
  return checked(chosen)
}

/**
 * Columns of a table without a header, where they are called "0", "1", ….
 * @param samples the first rows, which tell a third column of ratings from one of times
 */
export function chooseByPosition(
  count: number,
  samples: readonly (readonly string[])[],
  wishes: ColumnWishes,
  place: string,
): ChosenColumns {
  const third = looksLikeTimes(samples.map(fields => fields[2] ?? '')) ? 'time' : 'rating'
  const usual: Partial<Record<Role, number>> = { user: 0, item: 1 }
  if (count === 3) usual[third] = 2
  if (count === 4) Object.assign(usual, { rating: 2, time: 3 })
  if (count < 2) throw new DataError(`${place}: expected at least a user and an item in each row, found one column`)
  if (count > 4 && (wishes.user === undefined || wishes.item === undefined))
    throw new DataError(
      `${place}: ${count} columns and no header; name the columns of users and items by position, such as user "0" and item "1"`,
    )
  const names = Array.from({ length: count }, (_, position) => String(position))
  const all = Object.fromEntries(
    ROLES.flatMap(role => (usual[role] === undefined ? [] : [[role, String(usual[role])]])),
  )
  return chooseByName(names, { rating: IGNORED, time: IGNORED, ...all, ...wishes }, place)
}

/** The column not taken yet whose name is nearest to a usual one. */
function suggest(role: Role, names: readonly string[], taken: Partial<Record<Role, number>>): string {
  const free = names.filter((_, position) => !Object.values(taken).includes(position))
  const near = free.find(name => nearest(normalize(name), USUAL[role]) !== undefined)
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
    if (other) throw new UsageError(`options ${other} and ${role} name the same column; give each its own`)
    roleAt.set(position, role)
  }
  return chosen as ChosenColumns
}

/** `"user_id" (user), "item_id" (item)` */
export function describeColumns(chosen: ChosenColumns, names: readonly string[]): string {
  return ROLES.flatMap(role => {
    const position = chosen[role]
    return position === undefined ? [] : [`"${names[position]}" (${role})`]
  }).join(', ')
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
