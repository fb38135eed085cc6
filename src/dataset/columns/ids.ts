/** From ids as files spell them to one vocabulary in internal order. */

import { formatCount, plural } from '../../numbers.ts'
import { joined } from '../csr.ts'
import { type ExternalId, sortIds } from '../dataset.ts'
import { quote } from '../files/text.ts'
import { degrees } from '../filters/core.ts'
import { rewrite } from '../interactions.ts'
import { createDictionary, type IdColumn } from './rows.ts'

/** The ids of several files as one column space. */
export interface UnifiedIds {
  /** in `sortIds` order, so that neither files nor the order of their rows decide a code */
  readonly ids: readonly ExternalId[]
  /** one array for each column given, positions in `ids` */
  readonly codes: readonly Int32Array[]
  /** the first text that kept the ids from being integers */
  readonly notInteger?: string | undefined
  /** a spelling that was taken for another: "1.0" for "1" */
  readonly respelled?: { readonly from: string; readonly to: string } | undefined
  /** a number that has lost digits, by its looks */
  readonly rounded?: string | undefined
}

/**
 * Ids are integers when every text is an integer that a double holds exactly, also as `7.0` or `7e0`; then 7 in a CSV
 * file and 7 in an INTEGER or DOUBLE column are the same. Otherwise all are strings: `007`, or one beyond 2⁵³, would lose by it.
 * @param columns without missing ids; their codes are taken over and rewritten, since a large log is held once only
 */
export function unifyIds(columns: readonly IdColumn[]): UnifiedIds {
  const numbers = columns.map(({ texts }) => plainIntegers(texts))
  if (numbers.every(values => values !== undefined)) return unifyIntegers(columns, numbers)
  const dictionary = createDictionary()
  const spell = spellingOf(columns.flatMap(({ texts }) => texts))
  let respelled: UnifiedIds['respelled']
  const codesOf = columns.map(column =>
    Int32Array.from(column.texts, text => {
      const to = spell(text)
      if (to !== text) respelled ??= { from: text, to }
      return dictionary.encode(to)
    }),
  )
  const notInteger = dictionary.texts.find(text => !isInteger(text))
  const toId = (text: string): ExternalId => (notInteger === undefined ? Number(text) : text)
  const ids = sortIds(dictionary.texts.map(toId))
  const position = new Map(ids.map((id, index) => [id, index]))
  const rank = Int32Array.from(dictionary.texts, text => position.get(toId(text))!)
  const codes = columns.map((column, index) => {
    return rewrite(
      column.codes,
      codesOf[index].map(code => rank[code]),
    )
  })
  const rounded = columns.map(column => column.rounded ?? column.texts.find(isRounded)).find(text => text !== undefined)
  return { ids, codes, rounded, notInteger, respelled }
}

/** What nearly every file has, without a look at each text by patterns: 0, 7, 123; undefined when one is written in another way. */
function plainIntegers(texts: readonly string[]): Float64Array | undefined {
  const values = new Float64Array(texts.length)
  for (let code = 0; code < texts.length; code++) {
    const text = texts[code]
    if (text.length === 0 || text.length > 15 || (text.length > 1 && text.charCodeAt(0) === 48)) return
    let value = 0
    for (let at = 0; at < text.length; at++) {
      const digit = text.charCodeAt(at) - 48
      if (digit < 0 || digit > 9) return
      value = 10 * value + digit
    }
    values[code] = value
  }
  return values
}

function unifyIntegers(columns: readonly IdColumn[], numbers: readonly Float64Array[]): UnifiedIds {
  const { ids, ranksOf } = rankingOf(joined(numbers, Float64Array))
  return { ids, codes: columns.map((column, index) => rewrite(column.codes, ranksOf(numbers[index]))) }
}

/** Different integers ascending, and the place of each among them: by a table where they are dense. */
function rankingOf(numbers: Float64Array) {
  const last = numbers.reduce((a, b) => Math.max(a, b), 0)
  if (last > 8 * numbers.length + 65_536) {
    const ids = [...numbers.sort().filter((id, at) => id !== numbers[at - 1])]
    const places = new Map(ids.map((id, place) => [id, place]))
    return { ids, ranksOf: (values: Float64Array) => Int32Array.from(values, id => places.get(id)!) }
  }
  const places = new Int32Array(last + 1)
  for (let at = 0; at < numbers.length; at++) places[numbers[at]] = 1
  const ids: number[] = []
  for (let id = 0; id <= last; id++) if (places[id] > 0) places[id] = ids.push(id) - 1
  return { ids, ranksOf: (values: Float64Array) => rewrite(new Int32Array(values), places) }
}

/** ="00012", by which spreadsheets keep the zeros; beside ids without. */
const FORMULA = /^="(.*)"$/s
const QUOTED = /^(?:".+"|'.+'|“.+”|‘.+’|«.+»|„.+“|`.+`)$/s

/**
 * One spelling for each id: 1.0, 1. and 1e0 are 1, unless some id is a number between integers, so that points mean something;
 * quotes that stand around every id go.
 */
function spellingOf(texts: readonly string[]): (text: string) => string {
  const isQuoted = texts.length > 0 && texts.every(text => QUOTED.test(text))
  const bare = (text: string) =>
    isQuoted ? text.slice(1, -1).trim() : text.startsWith('=') ? text.replace(FORMULA, '$1') : text
  // 27e6 and 1e001 may be codes: floats are printed with one digit before the point, and stand among numbers only
  const isPrinted = (text: string) => /^[+-]?[1-9](\.\d+)?e[+-]?(0?\d|[1-9]\d+)$/i.test(text) || /^[+-]?0(\.0*)?e[+-]?0*$/i.test(text) // biome-ignore format: one line
  const isPlain = (text: string) => /^[+-]?(\d+\.?\d*|\.\d+)$/.test(text)
  const exponents = texts.every(text => isPlain(bare(text)) || isPrinted(bare(text)))
  const written = (text: string) => /^[+-]?\d+\.0*$/.test(text) || (exponents && isPrinted(text))
  const isFraction = (text: string) => /^[+-]?\d*\.\d+(e[+-]?\d+)?$/i.test(text) && !Number.isInteger(Number(text))
  const spelled = texts.some(text => written(bare(text))) && !texts.some(text => isFraction(bare(text)))
  if (!spelled) return bare
  return text => {
    const id = bare(text)
    if (!written(id)) return id
    const value = Number(id)
    return /e/i.test(id)
      ? Number.isSafeInteger(value)
        ? String(value)
        : id
      : id.replace(/\.0*$/, '').replace(/^\+/, '')
  }
}

/** 4.71E+12 of a spreadsheet, or a float beyond 2^53. */
function isRounded(text: string): boolean {
  const [, decimals, exponent] = /^"?[+-]?\d(?:\.(\d+))?e\+?(\d+)"?$/i.exec(text) ?? []
  if (exponent === undefined || Number(exponent) > 400) return false
  return (decimals !== undefined && Number(exponent) > decimals.length) || Number(exponent) > 15
}

function isInteger(text: string): boolean {
  return /^(0|-?[1-9]\d{0,15})$/.test(text) && Number.isSafeInteger(Number(text))
}

/** "integers, 1 to 22363" or "strings, such as …": what the report says of a vocabulary. */
export function describeIds({ ids, notInteger }: UnifiedIds): string {
  if (notInteger === undefined) return `integers, ${ids[0]} to ${ids[ids.length - 1]}`
  const example = String(ids[0])
  // without the reason, a slip in one of a thousand ids goes unnoticed
  const reason = /^-?[1-9]\d{15,}$/.test(notInteger) ? 'beyond 2^53' : isInteger(example) && 'not an integer'
  return `strings, such as ${quote(example)}${reason ? `, since ${quote(notInteger)} is ${reason}` : ''}`
}

/** More are not compared: it takes a second for each million. */
const MOST_COMPARED = 3_000_000

/** A sentence on texts that people read as one id: they differ by case, by blanks within, by how an accent is encoded, or by the braces of a GUID. */
export function describeAlike(what: string, ids: readonly ExternalId[]): string | undefined {
  if (typeof ids[0] === 'number' || ids.length > MOST_COMPARED) return
  const seen = new Map<string, ExternalId>()
  let example: readonly [ExternalId, ExternalId] | undefined
  let count = 0
  for (const id of ids) {
    const plain = String(id)
      .normalize('NFKC')
      .toLowerCase()
      .replace(/[\u200b-\u200f\u2060\ufeff]/g, '')
      .replace(/^\{([\da-f-]{36})\}$|\s+/g, '$1 ')
      .trim()
    const other = seen.get(plain)
    if (other === undefined) seen.set(plain, id)
    else {
      count++
      example ??= [other, id]
    }
  }
  if (!example) return
  const [one, two] = example.map(id => quote(String(id)))
  return `${what} ids ${one} and ${two} differ by case, blanks or the encoding of a letter alone (${plural(count, 'such id')}): they are kept apart.`
}

/** A sentence on ids such as 1-Jan among others, of which a spreadsheet has made dates. */
export function describeDates(what: string, ids: readonly ExternalId[]): string | undefined {
  if (typeof ids[0] === 'number') return
  const dates = ids.filter(id => /^(\d{1,2}-(jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)|(jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)-\d\d)$/i.test(String(id))) // biome-ignore format: one line
  if (dates.length === 0 || 2 * dates.length > ids.length) return
  return `${what} ids such as ${quote(String(dates[0]))} look like dates that a spreadsheet has made of ids (${formatCount(dates.length)} of ${formatCount(ids.length)}): mark the column as text there.`
}

/** The sentence for items numbered on from the users, or undefined. */
export function describeOffset(users: UnifiedIds, items: UnifiedIds): string | undefined {
  const lastUser = users.ids[users.ids.length - 1]
  const firstItem = items.ids[0]
  if (typeof lastUser !== 'number' || typeof firstItem !== 'number' || firstItem !== lastUser + 1) return
  return `Item ids start at ${firstItem}, just after the user ids: taken as one shared id space; original ids are kept.`
}

/** The sentence for a user who has a large part of all rows, or undefined. */
export function describeLargest({ ids, codes }: UnifiedIds): string | undefined {
  const counts = new Int32Array(ids.length)
  for (const column of codes) degrees(column, ids.length, counts)
  const rows = codes.reduce((sum, { length }) => sum + length, 0)
  const largest = counts.reduce((best, count, code) => (count > counts[best] ? code : best), 0)
  if (ids.length < 10 || counts[largest] < 0.2 * rows) return
  return `User ${quote(String(ids[largest]))} has ${formatCount(counts[largest])} of ${plural(rows, 'row')}: if guests share this id, --where leaves them out.`
}

/** The sentence for users that are items too, or undefined. Numbers may be those of both without being the same. */
export function describeShared(users: UnifiedIds, items: UnifiedIds): string | undefined {
  if (typeof users.ids[0] === 'number' || typeof items.ids[0] === 'number') return
  const known = new Set(items.ids)
  const shared = users.ids.filter(id => known.has(id))
  if (2 * shared.length < users.ids.length) return
  return `${formatCount(shared.length)} of ${plural(users.ids.length, 'user id')} are item ids too, such as ${quote(String(shared[0]))}: right for users of users, wrong for a row that lists items; --user and --item name the columns.`
}
