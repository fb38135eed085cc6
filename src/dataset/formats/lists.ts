/** Lines of a user and its items: what adjacency and sequences share, and how they are told apart. */
import { DataError, UsageError } from '../../errors.ts'
import { idSink } from '../columns/collect.ts'
import { createAccount, growing, type Rows } from '../columns/rows.ts'
import { quote } from '../files/text.ts'
import type { ReadRequest, Sniff } from './format.ts'
import { readWordLines, type WordVisit } from './word-lines.ts'
import { marksOfLists, readingOfWords, wordRows } from './words.ts'

/**
 * Whether a file holds lists, and if so whether the items of each ascend. The first file of those that belong together which
 * has lists of two items decides for all: that a few lists of a test file ascend says nothing.
 */
export function sniffLists(
  sniff: Sniff,
  beside: readonly Sniff[] = [sniff],
): { order: 'ascending' | 'unordered'; reason: string } | undefined {
  const reading = readingOfWords(sniff, beside)
  if (reading?.family !== 'lists') return
  for (const other of beside) {
    const lists = wordRows(other).filter(words => words.length > 2)
    if (lists.length === 0 || (other !== sniff && readingOfWords(other, beside)?.family !== 'lists')) continue
    const ascend = lists.every(words => words.every((word, at) => at < 2 || follows(word, words[at - 1])))
    return { order: ascend ? 'ascending' : 'unordered', reason: reading.reason }
  }
  return { order: 'ascending', reason: reading.reason }
}

/** Integers by their value, other ids by their text. */
function follows(word: string, before: string): boolean {
  const [low, high] = [Number(before), Number(word)]
  return Number.isNaN(low) || Number.isNaN(high) ? before < word : low < high
}

/** Lines such as "3 17 4 9", as CiteULike is written: the first word says how many follow, and comes again as no user does. */
function beginWithCounts(rows: readonly string[][]): boolean {
  const isCount = ([first, ...items]: string[]) => Number(first) === items.length
  return rows.length > 2 && rows.every(isCount) && new Set(rows.map(([first]) => first)).size < rows.length
}

/** The first entry of lists such as "i7:3 i9:1", whose numbers stand with the same ids in other sizes. */
function weightedEntry(sniff: Sniff): string | undefined {
  const entries = wordRows(sniff).flatMap(words => words.slice(1))
  const ids = entries.map(entry => /^(.+):\d+(?:\.\d+)?$/.exec(entry)?.[1])
  const isWeighted = ids.length > 0 && !ids.includes(undefined) && new Set(ids).size < new Set(entries).size
  return isWeighted ? entries[0] : undefined
}

/** @param ordered whether the place of an item in the line is its time */
export async function readLists({ sniff, where, signal, decide }: ReadRequest, ordered: boolean): Promise<Rows> {
  const { file } = sniff
  if (where !== undefined) throw new UsageError(`--where: ${file.label} holds lists, which have no columns to ask for`)
  const weighted = weightedEntry(sniff)
  if (weighted !== undefined)
    throw new DataError(`${file.label}: lists of items with weights, such as ${quote(weighted)}; write a row of user, item and weight for each, and name it with --weight`) // biome-ignore format: one line
  const [users, items] = [idSink(), idSink()]
  const counted = beginWithCounts(wordRows(sniff))
  if (counted)
    decide(`${file.label}: each line begins with the number of its items, which is no user: the lines are the users, from 0.`) // biome-ignore format: one line
  const lines = growing(Int32Array)
  const positions = growing(Float64Array)
  const account = createAccount()
  const visit: WordVisit = (fields, line) => {
    if (fields.count < 2) return [account.skipped, 'line with a user and no item']
    if (counted) users.addText(String(line - 1))
    else users.add(fields, 0)
    for (let word = 1; word < fields.count; word++) {
      if (word > 1) users.again()
      items.add(fields, word)
      lines.push(line)
      if (ordered) positions.push(word - 1)
    }
    return
  }
  await readWordLines(file, marksOfLists(sniff), account, visit, signal)
  const column = users.column()
  return {
    count: column.codes.length,
    users: column,
    items: items.column(),
    ...(ordered && { times: { kind: 'position', values: continued(column.codes, positions.values()) } }),
    names: { user: 'the first word', item: 'the words after it' },
    place: row => `line ${lines.values()[row]}`,
    account,
  }
}

/** Positions within lines made positions within users, who may have several lines. */
function continued(users: Int32Array, positions: Float64Array): Float64Array {
  const counts: number[] = []
  for (let row = 0; row < positions.length; row++) {
    positions[row] = counts[users[row]] ?? 0
    counts[users[row]] = positions[row] + 1
  }
  return positions
}
