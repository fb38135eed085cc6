/** What is said of a table's columns: which were taken for what, and what the others may be good for. */
import {
  type ChosenColumns,
  type ColumnWishes,
  canBe,
  isHollow,
  isKinds,
  ROLES,
  type Samples,
  valuesAt,
} from './columns.ts'
import { rankOfName, saysNo, soundsLikeWeight } from './names.ts'
import { parseNumber } from './parse-number.ts'
import { looksLikeTimes } from './time.ts'

/** Behind columns that are known without names. */
export const BY_PLACE = ' (known by their places and values; --user, --item, --rating and --time name others)'

/**
 * `"user_id" (user), "item_id" (item); not used: "price"`
 * @param remark behind the columns that are used
 */
export function describeColumns(
  chosen: ChosenColumns,
  names: readonly string[],
  samples: Samples = [],
  wishes: ColumnWishes = {},
  remark = '',
): string {
  const used = ROLES.flatMap(role => {
    const position = chosen[role]
    return position === undefined ? [] : [`"${names[position]}${chosen.paths?.[role] ?? ''}" (${role})`]
  })
  return [used.join(', ') + remark, describeUnused(chosen, names, samples, wishes)].filter(Boolean).join('; ')
}

/**
 * A sentence on the columns that nothing is made of, or nothing when each is used. Times that were not taken for such
 * are offered, since without times a split is drawn at random.
 */
function describeUnused(
  chosen: ChosenColumns,
  names: readonly string[],
  samples: Samples,
  wishes: ColumnWishes,
): string | undefined {
  const used = ROLES.map(role => chosen[role])
  const unused = names.flatMap((name, position) =>
    used.includes(position) || name === ''
      ? []
      : [{ name: name.length > 60 ? `${name.slice(0, 60)}…` : name, position }],
  )
  if (unused.length === 0) return
  const remarks = unused.map(({ name, position }) => {
    const values = valuesAt(samples, position)
    const isId = rankOfName(name, 'user') !== undefined || rankOfName(name, 'item') !== undefined
    if (isId && isHollow(samples, position)) return `"${name}" (empty in the first rows)`
    if (chosen.time === undefined && wishes.time === undefined && looksLikeTimes(values))
      return `"${name}" (times such as ${values[0]}? --time ${name})`
    if (values.length > 0 && values.every(text => /^\d{1,2}:\d{2}(:\d{2})?$/.test(text)))
      return `"${name}" (times of day: one column with date and time orders the rows of a day)`
    if (PART_OF_DATE.test(name) && values.every(text => /^\d{1,4}$/.test(text)))
      return `"${name}" (a part of a date: one column with the whole date is read as a time)`
    if (chosen.time === undefined && wishes.time === undefined && rankOfName(name, 'time') !== undefined)
      return `"${name}" (a time by its name, but values such as ${JSON.stringify(values[0] ?? '')} are not surely times: --time ${name} reads them, if they are)`
    if (chosen.rating === undefined && wishes.rating === undefined && rankOfName(name, 'rating') !== undefined)
      return `"${name}" (a rating by its name, but values such as ${JSON.stringify(values[0] ?? '')} are no numbers; every row counts as a positive without --where)`
    const yes = yesAmong(values)
    if (yes !== undefined) {
      const wanted = saysNo(name) ? [...new Set(values)].find(text => text !== yes) : yes
      return `"${name}" (${[...new Set(values)].sort().join(' or ')}: every row counts as a positive; --where "${identifierOf(name)} = '${wanted}'" takes those with ${wanted})`
    }
    const no = isKinds(values) ? values.find(saysNo) : undefined
    if (no !== undefined) return `"${name}" (${no} is among its values; every row counts as a positive without --where or --event-column ${name} --event KIND)` // biome-ignore format: one line
    const numbers = values.map(parseNumber)
    if (
      new Set(numbers).size <= 12 &&
      numbers.some(value => value < 0) &&
      numbers.every(Number.isFinite) &&
      !soundsLikeWeight(name)
    )
      // biome-ignore format: one line
      return `"${name}" (${Math.min(...numbers)} is among its values; every row counts as a positive without --where)`
    const isWeight =
      chosen.weight === undefined && soundsLikeWeight(name) && values.length > 0 && canBe('rating', values)
    if (!isWeight) return `"${name}"`
    const below = values.filter(text => parseNumber(text) < 0).length
    const returns = below
      ? `, also the ${below} of the first ${values.length} rows where it is below zero, as for returns: --where '"${name}" > 0' leaves them out`
      : ''
    return `"${name}" (--weight ${name} makes weights of it; without, each pair counts the same${returns})`
  })
  const more = remarks.length > 12 ? ` and ${remarks.length - 12} more` : ''
  return `not used: ${remarks.slice(0, 12).join(', ')}${more}`
}

const PART_OF_DATE = /(^|[^a-z])(year|month|day|hour|minute|second)$/i

/** A column as a condition between double quotes of a shell names it. */
function identifierOf(name: string): string {
  return /^[a-z_]\w*$/i.test(name) ? name : `\\"${name}\\"`
}

/** What says yes in a column of truth values that holds both. */
function yesAmong(values: readonly string[]): string | undefined {
  const found = [...new Set(values)]
  if (found.length !== 2) return
  const pairs = ['1 0', 'true false', 't f', 'yes no', 'y n'].map(pair => pair.split(' '))
  const [yes] = pairs.find(pair => pair.every(word => found.some(text => text.toLowerCase() === word))) ?? []
  return found.find(text => text.toLowerCase() === yes)
}
