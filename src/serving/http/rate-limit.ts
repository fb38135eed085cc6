/** A token bucket for each client. */

export interface RateLimiter {
  /** Takes one token. @returns 0, or the seconds until there is one */
  take(client: string): number
}

/** Clients that are remembered; the one that came first is forgotten first. */
const REMEMBERED = 10_000

/**
 * @param rate requests per second that a client may make for long, and at once after a pause; 0 for no limit
 * @param now in ms
 */
export function createRateLimiter(rate: number, now: () => number): RateLimiter {
  const buckets = new Map<string, { tokens: number; at: number }>()
  const bucketOf = (client: string, time: number) => {
    const known = buckets.get(client)
    if (known) return known
    const made = { tokens: rate, at: time }
    if (buckets.size >= REMEMBERED) buckets.delete(buckets.keys().next().value!)
    buckets.set(client, made)
    return made
  }
  return {
    take(client) {
      if (rate === 0) return 0
      const time = now()
      const bucket = bucketOf(client, time)
      bucket.tokens = Math.min(rate, bucket.tokens + ((time - bucket.at) / 1000) * rate)
      bucket.at = time
      if (bucket.tokens < 1) return (1 - bucket.tokens) / rate
      bucket.tokens--
      return 0
    },
  }
}
