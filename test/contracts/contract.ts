/** How a contract suite declares its tests, and how a part says which of them do not apply to it. */
import { describe, expect, it } from 'vitest'

/** A test that does not apply to a part, and why. */
export interface Skip {
  readonly test: string
  readonly reason: string
}

export type Test = (name: string, run: () => void | Promise<void>) => void

/**
 * A `describe` whose tests can be skipped with a reason, which stands in the test's name.
 * A skip of a test that does not exist fails: it would hide nothing, or a test that was renamed.
 */
export function contract(title: string, skip: readonly Skip[], declare: (test: Test) => void): void {
  describe(title, () => {
    const names: string[] = []
    declare((name, run) => {
      names.push(name)
      const reason = skip.find(entry => entry.test === name)?.reason
      if (reason === undefined) it(name, run)
      else it.skip(`${name} (${reason})`, run)
    })
    const unknown = skip.map(({ test }) => test).filter(test => !names.includes(test))
    if (unknown.length > 0) it('skips only tests that there are', () => expect(unknown).toEqual([]))
  })
}
