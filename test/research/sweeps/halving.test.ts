import { describe, expect, it } from 'vitest'
import { bestOf, type Halving, nextJob, type Outcome, rungBudgets } from '../../../src/research/sweeps/halving.ts'

/** Runs a search in which trial t is worth values[t], whatever the rung. */
function search(values: readonly number[], own: Partial<Halving> = {}) {
  const halving = { trials: values.length, rungs: 3, reduction: 3, ...own }
  const outcomes: Outcome[] = []
  for (let job = nextJob(outcomes, halving); job; job = nextJob(outcomes, halving))
    outcomes.push({ ...job, value: values[job.trial] })
  return outcomes
}

const countAt = (outcomes: readonly Outcome[], rung: number) => outcomes.filter(own => own.rung === rung).length

describe('successive halving', () => {
  it('promotes a trial as soon as it is among the best third of its rung', () => {
    const jobs = search([0.1, 0.3, 0.2, 0.9, 0.8, 0.7]).map(({ trial, rung }) => `${trial}@${rung}`)
    // of three the second is best, of four the fourth; of six the best two are 3 and 4; of three that went on, 3
    expect(jobs).toEqual(['0@0', '1@0', '2@0', '1@1', '3@0', '3@1', '4@0', '5@0', '4@1', '3@2'])
  })

  it('trains every trial a little, a third of them longer, a ninth of them whole', () => {
    // ascending values are promoted most: each is the best so far
    const outcomes = search(Array.from({ length: 27 }, (_, trial) => ((trial * 7) % 27) / 27))
    expect(countAt(outcomes, 0)).toBe(27)
    expect(countAt(outcomes, 1)).toBeGreaterThanOrEqual(9)
    expect(countAt(outcomes, 1)).toBeLessThan(15)
    expect(countAt(outcomes, 2)).toBeGreaterThanOrEqual(3)
    expect(bestOf(outcomes)).toMatchObject({ rung: 2, value: 26 / 27 })
  })

  it('no trial is trained twice for the same budget', () => {
    const jobs = search(Array.from({ length: 20 }, (_, trial) => Math.sin(trial))).map(
      own => `${own.trial}@${own.rung}`,
    )
    expect(new Set(jobs).size).toBe(jobs.length)
  })

  it('a search of one or two trials ends with the whole budget too', () => {
    expect(search([0.4]).map(({ rung }) => rung)).toEqual([0, 1, 2])
    expect(search([0.4, 0.5]).map(({ trial, rung }) => [trial, rung])).toEqual([[0, 0], [1, 0], [1, 1], [1, 2]]) // biome-ignore format: one line
  })

  it('one rung is random search', () => {
    expect(search([0.1, 0.2, 0.3], { rungs: 1 }).map(({ trial }) => trial)).toEqual([0, 1, 2])
  })

  it('nothing done, nothing best', () => {
    expect(bestOf([])).toBeUndefined()
  })

  it('of equals the earlier trial goes on', () => {
    expect(search([0.5, 0.5, 0.5]).filter(({ rung }) => rung === 2)).toEqual([{ trial: 0, rung: 2, value: 0.5 }])
  })
})

describe('budgets of rungs', () => {
  it('are fractions of the whole', () => {
    expect(rungBudgets(300, 3, 3)).toEqual([34, 100, 300])
    expect(rungBudgets(8, 2, 4)).toEqual([2, 8])
    expect(rungBudgets(20, 1, 3)).toEqual([20])
  })

  it('that come out the same are one rung', () => {
    expect(rungBudgets(2, 4, 3)).toEqual([1, 2])
  })
})
