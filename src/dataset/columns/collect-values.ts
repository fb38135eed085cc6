/** Values that already have types, of JSON or Parquet, gathered into columns. */

import { textOf, valuesOf } from '../formats/json/paths.ts'
import { createRows } from './collect.ts'
import type { ChosenColumns } from './columns.ts'
import { DATED } from './dates.ts'
import { parseTime } from './parse-time.ts'
import { type Account, type Role, type Rows, tally } from './rows.ts'

/** @param what and `unit` as in `createRows` */
export function createValueCollector(
  chosen: ChosenColumns,
  names: readonly string[],
  { what, unit, account }: { what: string; unit: string; account: Account },
) {
  const { rating, weight, time, event, paths = {} } = chosen
  const collected = createRows(chosen, names, what, unit)
  const { users, items, events, ratings, weights } = collected
  const addNumber = (column: typeof ratings, value: unknown, role: Role) => {
    if (typeof value === 'number') column.push(finite(value))
    const read = typeof value === 'number' ? value : column.pushText(textOf(value))
    if (!Number.isFinite(read)) collected.fault(role, textOf(value))
  }
  return {
    /** @returns how many rows it makes: a list makes one for each entry */
    add(valueAt: (role: Role) => unknown, place: number): number {
      const owners = paths.user === undefined ? [valueAt('user')] : valuesOf(valueAt('user'), paths.user)
      const entries = paths.item === undefined ? [valueAt('item')] : valuesOf(valueAt('item'), paths.item)
      if (owners.length * entries.length === 0) tally(account.skipped, 'row with an empty list', `${unit} ${place}`)
      // what stands in the list of the items, or of the users, is of the entry
      const single = (role: Role, owner: number, entry: number) => {
        const path = paths[role]
        if (path === undefined) return valueAt(role)
        const values = valuesOf(valueAt(role), path)
        const at = (['item', 'user'] as const).find(
          own => chosen[own] === chosen[role] && listIn(paths[own]) === listIn(path) && listIn(path) !== undefined,
        )
        return values[at === 'item' ? entry : at === 'user' ? owner : 0]
      }
      // a user and an item in one entry of a list are a row
      const isOneList = chosen.user === chosen.item && listIn(paths.user) === listIn(paths.item)
      for (const [owner, user] of owners.entries())
        for (const [entry, item] of entries.entries()) {
          if (isOneList && owner !== entry) continue
          users.addValue(user)
          items.addValue(item)
          if (rating !== undefined) addNumber(ratings, single('rating', owner, entry), 'rating')
          if (weight !== undefined) addNumber(weights, single('weight', owner, entry), 'weight')
          if (event !== undefined) events.addValue(single('event', owner, entry))
          if (time !== undefined) {
            const value = single('time', owner, entry)
            const read = timeOf(value)
            if (!Number.isFinite(read.value)) collected.fault('time', textOf(value))
            collected.addTime(read)
          }
          collected.end(place)
        }
      return isOneList ? Math.min(owners.length, entries.length) : owners.length * entries.length
    },
    rows: (): Rows => collected.rows(account),
  }
}

/** `.events[]` of `.events[].ts` */
const listIn = (path: string | undefined) => /^.*\[\]/.exec(path ?? '')?.[0]

function timeOf(value: unknown): { value: number; dated: number } {
  if (value instanceof Date) return { value: value.getTime(), dated: DATED.date }
  return typeof value === 'number' ? { value: finite(value), dated: DATED.number } : parseTime(textOf(value))
}

function finite(value: number): number {
  return Math.abs(value) === Number.POSITIVE_INFINITY ? Number.POSITIVE_INFINITY : value
}
