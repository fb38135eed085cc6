/** The checks that every format's rows go through: what is left out is counted with its reason, and stops the run when it is much. */
import { DataError } from '../../errors.ts'
import { formatCount, plural } from '../../numbers.ts'
import { gather } from '../csr.ts'
import type { DataFile } from '../files/disk.ts'
import { quote } from '../files/text.ts'
import { describeAccount, type FileAccount, reasonsOf } from '../report.ts'
import { NOUNS, ROLES } from './columns.ts'
import { isMissingWord } from './parse-number.ts'
import { createAccount, type IdColumn, type Role, type Rows, tally } from './rows.ts'
import { describeSpan, type TimeUnit, toMilliseconds } from './time.ts'

/** Rows without faults; times, if there are any, in ms or positions. */
export interface CheckedRows extends Pick<Rows, 'count' | 'users' | 'items' | 'names'> {
  readonly ratings: Rows['ratings'] | undefined
  readonly events: Rows['events'] | undefined
  readonly weights: Rows['weights'] | undefined
  readonly passes: Rows['passes'] | undefined
  readonly times: { readonly kind: 'clock' | 'position'; readonly values: Float64Array } | undefined
  readonly account: FileAccount
}

export interface CheckSettings {
  /** words for a missing id, lower case; absent: the usual ones */
  readonly missing?: ReadonlySet<string> | undefined
  readonly timeUnit?: TimeUnit | undefined
  /** how the files that belong together write dates: kinds of `DATED` */
  readonly orders?: ReadonlySet<number>
  /** whether ratings are needed, so that a row without one is no good */
  readonly needsRatings?: boolean | undefined
  /** share of the rows of a file that may be refused */
  readonly maxRefused: number
  decide(sentence: string): void
}

const REMEDIES: Record<Role, string> = {
  user: 'fill it in, or name the column of users with --user',
  item: 'fill it in, or name the column of items with --item',
  rating: 'give a number, or ignore the column with --rating none',
  time: 'give a date, or seconds, milliseconds or another unit since 1970, or ignore the column with --time none',
  event: 'fill it in, or ignore the column with --event-column none',
  weight: 'give a number',
}

/** Rows without a user or item are common, and no sign that a file is read wrongly, as long as most have them. */
const MOST_MISSING = 0.5
const INTEGER = /^\d+(\.0*)?$/
const MISSING_ID = /^no (user|item) id/

/** @throws DataError when more rows are refused than may be, naming the first; or when none is there */
export function checkRows(file: DataFile, rows: Rows, settings: CheckSettings): CheckedRows {
  const { decide, needsRatings, maxRefused } = settings
  const users = withoutMissing(rows.users, settings.missing)
  const items = withoutMissing(rows.items, settings.missing)
  const reading =
    rows.times?.kind === 'clock' ? toMilliseconds(rows.times, settings.timeUnit, settings.orders) : undefined
  const { count, ratings, weights, names } = rows
  const account = rows.account ?? createAccount()
  const structural = totalOf(account.refused)
  const missing = createAccount().refused
  const kept = new Uint8Array(count)
  let left = 0

  const refuse = (row: number, role: Role, what: string, into = account.refused) => {
    const column = role === 'user' || role === 'item' ? (role === 'user' ? rows.users : rows.items) : undefined
    const number =
      role === 'time' && Number.isFinite(rows.times?.values[row]) ? String(rows.times?.values[row]) : undefined
    const text = column ? column.texts[column.codes[row]] : (rows.found?.(row, role) ?? number)
    tally(into, what, rows.place?.(row) ?? `row ${row + 1}`, () => (text === undefined ? 'nothing' : quote(text)))
  }
  const isMissing = (row: number, role: 'user' | 'item', codes: Int32Array) => {
    if (codes[row] >= 0) return false
    refuse(row, role, `no ${NOUNS[role]} in ${names[role] ?? 'its place'}`, missing)
    return true
  }
  const isFaulty = (row: number, role: Role, values: Float64Array | undefined, needed: boolean) => {
    const value = values?.[row]
    if (value === undefined || Number.isFinite(value) || (Number.isNaN(value) && !needed)) return false
    refuse(row, role, `${Number.isNaN(value) ? 'no' : 'unreadable'} ${NOUNS[role]} in ${names[role]}`)
    return true
  }
  // ids that are all there need no look at each row
  const isWhole = !ratings && !weights && !reading && ![users, items].some(({ codes }) => codes.includes(-1))
  if (isWhole) left = count
  for (let row = 0; row < count && !isWhole; row++) {
    if (isMissing(row, 'user', users.codes) || isMissing(row, 'item', items.codes)) continue
    if (isFaulty(row, 'rating', ratings, needsRatings ?? false) || isFaulty(row, 'weight', weights, true)) continue
    if (reading && isFaulty(row, 'time', reading.values, true)) continue
    const strange = reading?.strange.get(row)
    if (strange !== undefined) {
      refuse(row, 'time', `time in ${strange} instead of ${reading!.kind} in ${names.time}`)
      continue
    }
    kept[row] = 1
    left++
  }

  const fileAccount: FileAccount = {
    file: file.label,
    rows: count + structural,
    read: left,
    refused: [...reasonsOf(missing), ...reasonsOf(account.refused)],
    skipped: reasonsOf(account.skipped),
    notes: reasonsOf(account.notes),
  }
  if (fileAccount.rows > 0) stopAtMany(fileAccount, totalOf(account.refused), maxRefused, names)
  decide(describeAccount(fileAccount))
  if (reading && left > 0) {
    const guess = reading.guess ? ` (a guess: ${reading.guess})` : ''
    decide(`${file.label}: times in ${names.time} are ${reading.unit}, ${describeSpan(reading.values, kept)}${guess}.`)
  }
  const times = reading ? { kind: 'clock' as const, values: reading.values } : rows.times
  const { events, passes } = rows
  const own = { users, items, ratings, events, weights, passes, times, names, account: fileAccount }
  return left === count ? { ...own, count } : keepRows(own, kept, left)
}

function totalOf(tallies: ReadonlyMap<string, { count: number }>): number {
  let total = 0
  for (const { count } of tallies.values()) total += count
  return total
}

/** @throws DataError when more rows are refused than may be, naming the first of the most frequent reason */
function stopAtMany(account: FileAccount, refused: number, maxRefused: number, names: Rows['names']): void {
  const missing = account.rows - account.read - refused
  const [limit, many] = refused > maxRefused * account.rows ? [maxRefused, refused] : [MOST_MISSING, missing]
  if (many <= limit * account.rows) return
  const reasons = account.refused.toSorted((a, b) => b.count - a.count)
  const worst = reasons.find(({ reason }) => MISSING_ID.test(reason) === (many === missing))!
  const role = ROLES.find(name => names[name] && new RegExp(`\\b${NOUNS[name]} in `).test(worst.reason))
  const share = Math.ceil((100 * many) / account.rows) / 100
  const way = many === refused ? `, or leave such rows out with --max-refused ${share}` : ''
  throw new DataError(
    `${account.file} ${worst.place}: ${worst.reason}: ${worst.example}; ${formatCount(many)} of ${plural(account.rows, 'row')} cannot be read: ` +
      `${role ? REMEDIES[role] : 'mend them'}${way}`,
  )
}

/** Codes of words that mean nothing become −1. Among integers, a dash or a question mark means nothing either. */
function withoutMissing(column: IdColumn, words?: ReadonlySet<string>): IdColumn {
  const { texts, codes } = column
  // what begins with a digit is no such word
  const isDigit = (byte: number) => byte >= 48 && byte <= 57
  const doubtful: number[] = []
  for (let code = 0; code < texts.length; code++) if (!isDigit(texts[code].charCodeAt(0))) doubtful.push(code)
  if (doubtful.length === 0 && !words) return column
  const isWord = (text: string) => text === '' || (words ? words.has(text.toLowerCase()) : isMissingWord(text))
  const isWeak = (text: string) => /^(-+|\?+|\.|unknown|missing|n\.a\.|empty|void)$/i.test(text)
  const others = doubtful.filter(code => !isWord(texts[code]) && !isWeak(texts[code]))
  const integers =
    others.length === 0 &&
    texts.length > doubtful.length &&
    texts.every((text, code) => doubtful.includes(code) || INTEGER.test(text))
  const gone = texts.map(text => isWord(text) || (integers && !words && isWeak(text)))
  if (!gone.includes(true)) return column
  return { ...column, codes: codes.map(code => (code >= 0 && gone[code] ? -1 : code)) }
}

/** The rows that are marked. */
function keepRows(rows: Omit<CheckedRows, 'count'>, kept: Uint8Array, left: number): CheckedRows {
  const { users, items, ratings, events, weights, passes, times } = rows
  const order = new Int32Array(left)
  for (let row = 0, next = 0; row < kept.length; row++) if (kept[row]) order[next++] = row
  const ids = (column: IdColumn) => withoutUnused({ ...column, codes: gather(column.codes, order, Int32Array) })
  const numbers = (values: Float64Array) => gather(values, order, Float64Array)
  return {
    ...rows,
    count: left,
    users: ids(users),
    items: ids(items),
    ratings: ratings && numbers(ratings),
    events: events && ids(events),
    weights: weights && numbers(weights),
    passes: passes && Uint8Array.from(order, row => passes[row]),
    times: times && { kind: times.kind, values: numbers(times.values) },
  }
}

/** Texts that no row has any more would still decide whether ids are integers. */
function withoutUnused({ texts, codes, ...column }: IdColumn): IdColumn {
  const used = new Uint8Array(texts.length)
  for (const code of codes) if (code >= 0) used[code] = 1
  let next = 0
  const codeOf = Int32Array.from(used, seen => (seen ? next++ : -1))
  const kept = codes.map(code => (code >= 0 ? codeOf[code] : -1))
  return { ...column, texts: texts.filter((_, code) => used[code]), codes: kept }
}
