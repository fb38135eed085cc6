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
  return [...urls].sort((a, b) => {
    const [own, other] = [weights.get(a)!, weights.get(b)!]
    return other[0] - own[0] || other[1] - own[1]
  })
}
