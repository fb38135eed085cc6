/** Long loops that stay polite. */

/** Lets timers, signals and the screen have their turn, but no more than about 20 times a second. */
export function createBreather(): () => Promise<void> | void {
  let last = performance.now()
  return () => {
    if (performance.now() - last < 50) return
    return new Promise(resolve =>
      setImmediate(() => {
        last = performance.now()
        resolve()
      }),
    )
  }
}
