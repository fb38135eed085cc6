/** Which endpoint a user's requests go to. */
import { derive } from '../random.ts'

/**
 * Rendezvous hashing (highest random weight): the endpoints in the order in which a key prefers them. A key keeps its
 * first one whatever the others are; when one is taken away, only its own keys move, and they spread.
 * @source Thaler, Ravishankar: "A name-based mapping scheme for rendezvous", 1996
 */
export function preferenceOf(key: string | number, urls: readonly string[]): string[] {
  if (urls.length === 1) return [...urls]
  const weights = new Map(urls.map(url => [url, derive(0, url, key)]))
  return [...urls].sort((a, b) => compare(weights.get(b)!, weights.get(a)!))
}

function compare([a0, a1]: readonly [number, number], [b0, b1]: readonly [number, number]): number {
  return a0 - b0 || a1 - b1
}
