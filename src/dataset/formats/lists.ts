/** Lines of a user and its items: what adjacency and sequences share, and how they are told apart. */
import { createDictionary, growing, type Rows } from '../rows.ts'
import { readLines, splitWords } from '../text.ts'
import type { ReadRequest, Sniff } from './format.ts'

/** Whether the sniffed lines are lists of integers, and if so whether the items of each ascend. */
export function sniffLists({ lines }: Sniff): 'ascending' | 'unordered' | undefined {
  const rows = lines.map(splitWords).filter(words => words.length > 0)
  if (rows.length === 0 || !rows.every(words => words.every(word => /^\d+$/.test(word)))) return
  const ascends = (words: string[]) =>
    words.every((word, index) => index < 2 || Number(words[index - 1]) < Number(word))
  return rows.every(ascends) ? 'ascending' : 'unordered'
}

/** @param ordered whether the place of an item in the line is its time */
export async function readLists({ sniff, signal, decide }: ReadRequest, ordered: boolean): Promise<Rows> {
  const { file } = sniff
  const users = createDictionary()
  const items = createDictionary()
  const userCodes = growing(Int32Array)
  const itemCodes = growing(Int32Array)
  const positions = growing(Float64Array)
  /** items so far of each user: one may have several lines */
  const counts: number[] = []
  let withoutItems = 0
  for await (const { lines } of readLines(file, signal)) {
    for (const line of lines) {
      const words = splitWords(line)
      if (words.length === 1) withoutItems++
      if (words.length < 2) continue
      const user = users.encode(words[0])
      for (let index = 1; index < words.length; index++) {
        userCodes.push(user)
        itemCodes.push(items.encode(words[index]))
        const position = counts[user] ?? 0
        if (ordered) positions.push(position)
        counts[user] = position + 1
      }
    }
  }
  if (withoutItems > 0) decide(`${file.label}: ${withoutItems} lines hold a user and no item, and are left out.`)
  return {
    count: userCodes.values().length,
    users: { texts: users.texts, codes: userCodes.values() },
    items: { texts: items.texts, codes: itemCodes.values() },
    ...(ordered && { times: { kind: 'position', values: positions.values() } }),
    names: {},
  }
}
