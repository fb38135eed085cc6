/** The sizes of the scale test: two large ones, and families of four in which one of E, U and I grows. */
import type { ScaleCase } from './case.ts'

const LARGE = { dimensions: 64, threads: 2, evaluatedUsers: 20_000, seed: 1 }

export const largeCases: readonly ScaleCase[] = [
  {
    ...LARGE,
    ...{ name: 'large mf', model: 'mf', batchSize: 8192 },
    ...{ users: 1_000_000, items: 200_000, interactions: 30_000_000 },
  },
  {
    ...LARGE,
    ...{ name: 'large lightgcn', model: 'lightgcn', batchSize: 65_536 },
    ...{ users: 200_000, items: 50_000, interactions: 5_000_000 },
  },
  {
    ...LARGE,
    ...{ name: 'large mf, ten million users', model: 'mf', batchSize: 8192 },
    ...{ sampler: 'uniform', optimizer: 'adagrad', learningRate: 0.01 },
    ...{ users: 10_000_000, items: 200_000, interactions: 50_000_000 },
  },
]

/** What grows, by what it is written as. */
export const GROWING = { E: 'interactions', U: 'users', I: 'items' } as const

/** One thread, whose processor time other processes do not touch. */
const FAMILY = {
  model: 'lightgcn',
  dimensions: 64,
  threads: 1,
  batchSize: 32_768,
  evaluatedUsers: 2000,
  seed: 1,
} as const
const MIDDLE = { users: 24_000, items: 6_000, interactions: 400_000 }
const FACTORS = [0.25, 0.5, 1, 2]

export const growthCases: readonly ScaleCase[] = Object.entries(GROWING).flatMap(([letter, size]) =>
  FACTORS.map(factor => ({
    ...FAMILY,
    ...MIDDLE,
    name: `growth ${letter} × ${factor}`,
    [size]: MIDDLE[size] * factor,
  })),
)
