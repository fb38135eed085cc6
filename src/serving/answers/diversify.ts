/** A list that is less of the same. */
import type { Ranked } from './rank-one.ts'

/**
 * Maximal marginal relevance: the next item is the one with the largest (1 − diversity) · s̃ − diversity · (its largest similarity
 * to an item chosen before), s̃ being the scores over 0 … 1. Of equals the one with the higher score.
 * @param similarity of two positions in `items`
 * @returns k positions in `items`
 * @source Carbonell & Goldstein, SIGIR 1998
 */
export function diversify(
  { items, scores }: Ranked,
  similarity: (a: number, b: number) => number,
  diversity: number,
  k: number,
): number[] {
  const [highest, lowest] = [scores[0], scores[scores.length - 1]]
  const relevance = scores.map(score => (highest > lowest ? (score - lowest) / (highest - lowest) : 1))
  const nearest = items.map(() => 0)
  const left = new Set(items.keys())
  const chosen: number[] = []
  while (chosen.length < k && left.size > 0) {
    let best = -1
    let bestValue = Number.NEGATIVE_INFINITY
    for (const at of left) {
      const value = (1 - diversity) * relevance[at] - diversity * nearest[at]
      if (value > bestValue) [best, bestValue] = [at, value]
    }
    left.delete(best)
    chosen.push(best)
    for (const at of left) nearest[at] = Math.max(nearest[at], similarity(best, at))
  }
  return chosen
}
