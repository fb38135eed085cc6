/** The time of day, which only the server needs: for events, logs and metrics. No result depends on it. */

/** ms since 1970 */
export const now = (): number => Math.round(performance.timeOrigin + performance.now())

/** days since 1970, UTC */
export const dayOf = (time: number): number => Math.floor(time / 86_400_000)
