/**
 * One endpoint as the dispatcher sees it: how much it may be asked at once (additive increase, multiplicative decrease),
 * how long it wants to be left alone, and whether it is down (circuit breaker). Times are seconds of one steady clock.
 */

/** Failures in a row that open the breaker. */
const FAILURES_TO_OPEN = 5
const SHORTEST_BREAK = 1
const LONGEST_BREAK = 30
const FIRST_LIMIT = 4
const FIRST_PAUSE = 0.25
const LONGEST_PAUSE = 2

export class Lane {
  readonly url: string
  inFlight = 0
  /** why nothing will ever come of it */
  refusal: string | undefined
  /** whether it has ever answered */
  answered = false
  readonly #most: number
  readonly #jitter: () => number
  #limit: number
  #tickets = 0
  /** requests before this one were sent under a limit that has been cut since */
  #cutBefore = 0
  /** until the first overload the limit grows by one per success, afterwards by one per round */
  #probing = true
  #pausedUntil = 0
  /** overloads in a row, each counted once for what was sent together */
  #overloads = 0
  #failures = 0
  #breaks = 0
  #downUntil: number | undefined
  /** requests before this one were sent before the breaker opened last */
  #brokenBefore = 0

  /** @param jitter 0.5 to 1, anew at each call: lanes of several processes should not all come back at once */
  constructor(url: string, most: number, jitter: () => number) {
    this.url = url
    this.#most = most
    this.#jitter = jitter
    this.#limit = Math.min(FIRST_LIMIT, most)
  }

  /** requests that may be in flight at once */
  get limit(): number {
    return Math.floor(this.#limit)
  }

  /** Whether requests should go elsewhere when they can. */
  isDown(now: number): boolean {
    return this.refusal !== undefined || (this.#downUntil !== undefined && (now < this.#downUntil || this.inFlight > 0))
  }

  /** Whether a request may be sent now. */
  hasRoom(now: number): boolean {
    if (this.refusal !== undefined || now < this.#pausedUntil) return false
    // after a break, one request tries whether it is over
    if (this.#downUntil !== undefined) return now >= this.#downUntil && this.inFlight === 0
    return this.inFlight < this.limit
  }

  /** When a pause or break ends; undefined when there is none, and room hangs on replies. */
  opensAt(now: number): number | undefined {
    const until = Math.max(this.#pausedUntil, this.#downUntil ?? 0)
    return this.refusal === undefined && until > now ? until : undefined
  }

  /** Call before a request is sent; what it returns goes with the result, of which there is one per request. */
  begin(): number {
    this.inFlight++
    return this.#tickets++
  }

  succeed(): void {
    this.inFlight--
    this.#failures = this.#breaks = this.#overloads = 0
    this.#downUntil = undefined
    this.#limit = Math.min(this.#most, this.#limit + (this.#probing ? 1 : 1 / this.#limit))
  }

  /** Too much at once. @param pause seconds that the server asks to be left alone for; longer and longer without */
  overload(ticket: number, now: number, pause?: number): void {
    this.inFlight--
    // it speaks: it is not down
    this.#failures = 0
    this.#downUntil = undefined
    if (this.#cut(ticket)) this.#overloads++
    const own = Math.min(LONGEST_PAUSE, FIRST_PAUSE * 2 ** Math.max(0, this.#overloads - 1)) * this.#jitter()
    this.pause(now, pause ?? own)
  }

  fail(ticket: number, now: number): void {
    this.inFlight--
    this.#cut(ticket)
    if (ticket < this.#brokenBefore || (++this.#failures < FAILURES_TO_OPEN && this.#downUntil === undefined)) return
    this.#brokenBefore = this.#tickets
    this.#downUntil = now + Math.min(LONGEST_BREAK, SHORTEST_BREAK * 2 ** this.#breaks++) * this.#jitter()
  }

  /** Leaves the endpoint alone for some seconds, though it did well. */
  pause(now: number, seconds: number): void {
    this.#pausedUntil = Math.max(this.#pausedUntil, now + seconds)
  }

  /** The request failed in a way that any other will. */
  refuse(reason: string): void {
    this.inFlight--
    this.refusal = reason
  }

  #cut(ticket: number): boolean {
    this.#probing = false
    if (ticket < this.#cutBefore) return false
    this.#cutBefore = this.#tickets
    this.#limit = Math.max(1, this.#limit / 2)
    return true
  }
}
