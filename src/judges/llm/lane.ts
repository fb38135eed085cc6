/**
 * One endpoint as the dispatcher sees it: how much it may be asked at once (additive increase, multiplicative decrease),
 * how long it wants to be left alone, and whether it is down (circuit breaker). Times are seconds of one steady clock.
 */

/** Failures in a row that open the breaker. */
const FAILURES_TO_OPEN = 5
const SHORTEST_BREAK = 1
const LONGEST_BREAK = 30
const FIRST_LIMIT = 4

export interface Lane {
  readonly url: string
  readonly inFlight: number
  /** requests that may be in flight at once */
  readonly limit: number
  /** why nothing will ever come of it, after `condemn` */
  readonly condemned: string | undefined
  /** Whether requests should go elsewhere when they can. */
  isDown(now: number): boolean
  /** Whether a request may be sent now. */
  hasRoom(now: number): boolean
  /** When a lane that has no room because of a pause or break will have some; undefined when that hangs on replies. */
  opensAt(now: number): number | undefined
  /** Call before a request is sent; what it returns goes with the result. */
  begin(): number
  succeed(ticket: number): void
  /** Too much at once, or the server asks to be left alone for `pause` seconds. */
  overload(ticket: number, now: number, pause: number): void
  fail(ticket: number, now: number): void
  /** Leaves the endpoint alone for some seconds, though it did well. */
  pause(now: number, seconds: number): void
  /** The request failed in a way that any other will. */
  condemn(reason: string): void
}

/** @param jitter 0.5 to 1, anew at each call: lanes of several processes should not all come back at once */
export function createLane(url: string, most: number, jitter: () => number): Lane {
  let limit = Math.min(FIRST_LIMIT, most)
  let inFlight = 0
  let tickets = 0
  /** requests before this one were sent under a limit that has been cut since */
  let cutBefore = 0
  /** until the first overload the limit grows by one a success, afterwards by one a round */
  let probing = true
  let pausedUntil = 0
  let failures = 0
  let breaks = 0
  let downUntil: number | undefined
  /** requests before this one were sent before the breaker opened last */
  let brokenBefore = 0
  let condemned: string | undefined

  const cut = (ticket: number) => {
    probing = false
    if (ticket < cutBefore) return
    cutBefore = tickets
    limit = Math.max(1, limit / 2)
  }
  return {
    url,
    get inFlight() {
      return inFlight
    },
    get limit() {
      return Math.floor(limit)
    },
    get condemned() {
      return condemned
    },
    isDown: now => condemned !== undefined || (downUntil !== undefined && (now < downUntil || inFlight > 0)),
    hasRoom(now) {
      if (condemned !== undefined || now < pausedUntil) return false
      // after a break, one request tries whether it is over
      if (downUntil !== undefined) return now >= downUntil && inFlight === 0
      return inFlight < Math.floor(limit)
    },
    opensAt(now) {
      const until = Math.max(pausedUntil, downUntil ?? 0)
      return condemned === undefined && until > now ? until : undefined
    },
    begin() {
      inFlight++
      return tickets++
    },
    succeed() {
      inFlight--
      failures = breaks = 0
      downUntil = undefined
      limit = Math.min(most, limit + (probing ? 1 : 1 / limit))
    },
    overload(ticket, now, pause) {
      inFlight--
      // it speaks: it is not down
      failures = 0
      downUntil = undefined
      cut(ticket)
      pausedUntil = Math.max(pausedUntil, now + pause)
    },
    fail(ticket, now) {
      inFlight--
      cut(ticket)
      if (ticket < brokenBefore || (++failures < FAILURES_TO_OPEN && downUntil === undefined)) return
      brokenBefore = tickets
      downUntil = now + Math.min(LONGEST_BREAK, SHORTEST_BREAK * 2 ** breaks++) * jitter()
    },
    pause(now, seconds) {
      pausedUntil = Math.max(pausedUntil, now + seconds)
    },
    condemn(reason) {
      inFlight--
      condemned = reason
    },
  }
}
