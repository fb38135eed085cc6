/** Growth exponents: the slope of log time over log size. */
import { secondsOfSample } from '../measure.ts'
import type { ScaleCase, ScaleOutcome } from './case.ts'
import { GROWING } from './cases.ts'

/** A case and what came of it. */
export type ScaleResult = ScaleCase & ScaleOutcome

/** The least-squares slope of log y over log x: y grows as x to this power. */
export function exponentOf(x: readonly number[], y: readonly number[]): number {
  const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length
  const [logX, logY] = [x.map(Math.log), y.map(Math.log)]
  const [meanX, meanY] = [mean(logX), mean(logY)]
  const products = logX.reduce((sum, value, i) => sum + (value - meanX) * (logY[i] - meanY), 0)
  return products / logX.reduce((sum, value) => sum + (value - meanX) ** 2, 0)
}

export interface Growth {
  readonly stage: string
  /** seconds at each size of the family, by what grows */
  readonly seconds: Readonly<Record<string, readonly number[]>>
  readonly exponents: Readonly<Record<string, number>>
}

/** Of every stage that the growth cases have; a family with fewer than two sizes is left out. */
export function growthOf(results: readonly ScaleResult[]): Growth[] {
  const families = Object.entries(GROWING).map(([letter, size]) => ({
    letter,
    members: results.filter(({ name }) => name.startsWith(`growth ${letter} `)).sort((a, b) => a[size] - b[size]),
    size,
  }))
  const complete = families.filter(({ members }) => members.length > 1)
  const stages = Object.keys(complete[0]?.members[0].stages ?? {})
  return stages.map(stage => {
    const times = complete.map(({ letter, members, size }) => {
      const seconds = members.map(({ stages: own, threads }) => secondsOfSample(threads, own[stage]))
      return {
        letter,
        seconds,
        exponent: exponentOf(
          members.map(member => member[size]),
          seconds,
        ),
      }
    })
    return {
      stage,
      seconds: Object.fromEntries(times.map(({ letter, seconds }) => [letter, seconds])),
      exponents: Object.fromEntries(times.map(({ letter, exponent }) => [letter, exponent])),
    }
  })
}
