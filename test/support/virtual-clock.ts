/** A clock that jumps: hours of waiting pass in no time, and a program that nobody will ever wake is found out. */
import { setImmediate, setTimeout } from 'node:timers/promises'
import type { Clock } from '../../src/llm/dispatch.ts'

export interface VirtualClock extends Clock {
  /** timers that are set */
  pending(): number
  /**
   * Lets time pass until `promise` is settled.
   * @throws when nothing can happen any more, or too much has
   */
  run<T>(promise: Promise<T>): Promise<T>
}

/** @param drift seconds that pass each time that somebody looks at it, as they do on a busy machine */
export function createVirtualClock({ drift = 0, mostEvents = 100_000 } = {}): VirtualClock {
  let time = 0
  let soon: (() => void)[] = []
  const timers = new Map<object, { at: number; callback: () => void }>()
  return {
    now() {
      time += drift
      return time
    },
    after(seconds, callback) {
      const key = {}
      timers.set(key, { at: time + Math.max(0, seconds), callback })
      return () => timers.delete(key)
    },
    soon: callback => void soon.push(callback),
    pending: () => timers.size,
    async run(promise) {
      let settled = false
      const done = () => {
        settled = true
      }
      promise.then(done, done)
      for (let events = 0; ; events++) {
        for (let turn = 0; turn < 6; turn++) await undefined
        if (settled) return promise
        if (events > mostEvents) throw new Error(`still not done after ${events} events, ${time} s`)
        if (soon.length > 0) {
          const now = soon
          soon = []
          for (const callback of now) callback()
          continue
        }
        // what waits for nothing but other promises, or for a file
        for (let turn = 0; timers.size === 0 && soon.length === 0 && !settled && turn < 2000; turn++)
          await (turn < 50 ? setImmediate() : setTimeout(1))
        if (settled || soon.length > 0) continue
        const [next] = [...timers].sort(([, a], [, b]) => a.at - b.at)
        if (!next) throw new Error(`nothing is under way and no timer is set at ${time} s: the process would end`)
        timers.delete(next[0])
        time = Math.max(time, next[1].at)
        next[1].callback()
      }
    },
  }
}
