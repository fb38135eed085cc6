import { fork } from 'node:child_process'
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { acquireLock } from '../../src/run/lock.ts'
import { budget } from '../support/budget.ts'
import { temporaryDirectory } from '../support/directory.ts'

/** Rounds of the race; `DUALTREE_LOCK_ROUNDS=2000` for a thorough look. */
const ROUNDS = Number(process.env.DUALTREE_LOCK_ROUNDS ?? budget(12, 60))
const PROCESSES = 4

describe('the lock of a directory', () => {
  it("is one process's at a time, and free once it is released", async () => {
    const directory = await temporaryDirectory()
    const { release, isHeld } = await acquireLock(directory)
    expect(isHeld()).toBe(true)
    await expect(acquireLock(directory)).rejects.toThrow(`${directory} is in use by this process`)
    release()
    expect(isHeld()).toBe(false)
    const again = await acquireLock(directory)
    again.release()
    expect(readdirSync(directory)).toEqual([])
  })

  it(
    `has at most one winner in each of ${ROUNDS} rounds of ${PROCESSES} processes, over a lock that was left by a dead one`,
    async () => {
      const directory = await temporaryDirectory()
      const racers = Array.from({ length: PROCESSES }, () =>
        fork(join(import.meta.dirname, '../support/lock-racer.ts')),
      )
      const answer = (racer: (typeof racers)[number]) =>
        new Promise<string>(resolve => racer.once('message', text => resolve(String(text))))
      let won = 0
      for (let round = 0; round < ROUNDS; round++) {
        const answers = racers.map(answer)
        for (const racer of racers) racer.send({ directory: join(directory, String(round)), at: Date.now() + 8 })
        const results = await Promise.all(answers)
        const winners = results.filter(result => result === 'won').length
        expect(winners, `round ${round}: ${results}`).toBeLessThanOrEqual(1)
        won += winners
        for (const racer of racers) racer.send('release')
      }
      for (const racer of racers) racer.kill()
      // two that come at the same moment may both give way, but somebody gets it nearly always
      expect(won).toBeGreaterThan(0.8 * ROUNDS)
    },
    30_000 + 500 * ROUNDS,
  )
})
