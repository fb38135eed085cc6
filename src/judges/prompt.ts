/**
 * The question to a language model: all candidates of one user in one prompt. Our own wording of the task in DTL-NS,
 * arXiv 2602.18249; differs: many candidates a prompt, by number, and a line an item. Pure: no clock, no state.
 */
import { sha256 } from '../files.ts'
import type { ViewCodes } from '../trees/codes.ts'
import { codeOf, formatCode } from '../trees/codes.ts'

/** Counts up whenever a word of the prompt changes. */
export const PROMPT_VERSION = 1

export interface Prompt {
  readonly system: string
  readonly user: string
}

const SYSTEM = `You judge recommendations. For one user you get the items of their history and a numbered list of candidate items that they have not met. Decide for every candidate whether the user would probably like it.

Nothing is known of an item but its place in two trees, written as a path from the root, such as 2-0-3-1:
- co: a tree of items by who interacts with them. Items near each other have users in common.
- emb: a tree of items by what a recommender has learned of them. Items near each other suit similar tastes.
The longer the beginning that two paths share, the closer the two items are in that tree. "-" is the root itself: a path that says nothing.

Rule: a candidate is "positive" when its path and that of at least one item in the history clearly begin alike, in at least one of the two trees; otherwise it is "negative".
- Compare co with co, and emb with emb, never one with the other.
- The numbers in a path are labels of branches. They have no order, size or meaning, and the same number in another place is another branch.
- The number of a candidate only names it; it says nothing about the item.

Answer with a JSON array and nothing else: one object for each candidate, in the given order, such as
[{"candidate": 1, "label": "positive"}, {"candidate": 2, "label": "negative"}]`

/**
 * @param history internal ids of the user's items, in the order in which they shall stand
 * @param candidates internal ids; the first is candidate 1
 */
export function buildPrompt(request: {
  history: ArrayLike<number>
  candidates: ArrayLike<number>
  codes: ViewCodes
}): Prompt {
  const { history, candidates, codes } = request
  const known = Array.from(history, item => describeItem(codes, item))
  const asked = Array.from(candidates, (item, position) => `${position + 1}. ${describeItem(codes, item)}`)
  const lines = [`History (${known.length} items):`, ...known, '', `Candidates (${asked.length}):`, ...asked]
  return { system: SYSTEM, user: lines.join('\n') }
}

/** `co 2-0-3-1 | emb 0-1`: never the item's id. */
function describeItem({ structural, semantic }: ViewCodes, item: number): string {
  const [co, emb] = [structural, semantic].map(codes => formatCode(codeOf(codes, item)) || '-')
  return `co ${co} | emb ${emb}`
}

/** SHA-256 (hex) of every word of the prompt: of the system text and of the user text for one made-up user. */
export const promptHash: string = hashPrompt()

function hashPrompt(): string {
  const codes = { depth: 1, values: Int8Array.of(0, 1, -1) }
  const { system, user } = buildPrompt({
    history: [0, 2],
    candidates: [1],
    codes: { structural: codes, semantic: codes },
  })
  return sha256(JSON.stringify([system, user]))
}
