/** From ids as files spell them to one vocabulary in internal order. */
import { type ExternalId, sortIds } from './dataset.ts'
import { rewrite } from './interactions.ts'
import { createDictionary, type IdColumn } from './rows.ts'

/** The ids of several files as one column space. */
export interface UnifiedIds {
  /** in `sortIds` order, so that neither files nor the order of their rows decide a code */
  readonly ids: readonly ExternalId[]
  /** one array for each column given, positions in `ids` */
  readonly codes: readonly Int32Array[]
  /** the first text that kept the ids from being integers */
  readonly notInteger?: string
}

/**
 * Ids are integers when every text is the one spelling of an integer that a double holds exactly; then 7 in a CSV file
 * and 7 in an INTEGER column are the same. Otherwise all are strings: `007`, or one beyond 2⁵³, would lose by it.
 * @param columns without missing ids; their codes are taken over and rewritten, since a large log is held once only
 */
export function unifyIds(columns: readonly IdColumn[]): UnifiedIds {
  const dictionary = createDictionary()
  const codesOf = columns.map(column => Int32Array.from(column.texts, dictionary.encode))
  const notInteger = dictionary.texts.find(text => !isInteger(text))
  const toId = (text: string): ExternalId => (notInteger === undefined ? Number(text) : text)
  const ids = sortIds(dictionary.texts.map(toId))
  const position = new Map(ids.map((id, index) => [id, index]))
  const rank = Int32Array.from(dictionary.texts, text => position.get(toId(text))!)
  const codes = columns.map((column, index) => {
    const rankOf = codesOf[index].map(code => rank[code])
    return rewrite(column.codes, code => rankOf[code])
  })
  return { ids, codes, ...(notInteger !== undefined && { notInteger }) }
}

function isInteger(text: string): boolean {
  return /^(0|-?[1-9]\d{0,15})$/.test(text) && Number.isSafeInteger(Number(text))
}

/** "integers, 1 to 22363" or "strings, such as …": what the report says of a vocabulary. */
export function describeIds({ ids, notInteger }: UnifiedIds): string {
  if (notInteger === undefined) return `integers, ${ids[0]} to ${ids[ids.length - 1]}`
  const reason = /^-?\d{16,}$/.test(notInteger) ? `, since "${notInteger}" is beyond 2^53` : ''
  return `strings, such as "${ids[0]}"${reason}`
}

/** The sentence for items numbered on from the users, or undefined. */
export function describeOffset(users: UnifiedIds, items: UnifiedIds): string | undefined {
  const lastUser = users.ids[users.ids.length - 1]
  const firstItem = items.ids[0]
  if (typeof lastUser !== 'number' || typeof firstItem !== 'number' || firstItem !== lastUser + 1) return
  return `Item ids start at ${firstItem}, just after the user ids: taken as one shared id space; original ids are kept.`
}
