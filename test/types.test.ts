/** What the compiler knows of options: checked by `npm run check`, where an expected error that is none is one. */
import { expect, it } from 'vitest'
import type { Part } from '../src/registry.ts'
import type { RunOptions } from '../src/run/options/typed.ts'
import type { RunRequest } from '../src/run/request.ts'
import { coCount } from './docs/parts/co-count.ts'
import { easiest } from './docs/parts/easiest.ts'
import { hinge } from './docs/parts/hinge.ts'

const options = (...all: RunOptions[]) => all

it('types the options of a run', () => {
  options({
    epochs: 3,
    kCore: 5,
    seed: 1,
    cutoffs: [10],
    sampler: 'dns',
    dimensions: 8,
    easeRegularization: 3,
    rp3betaBeta: 0.5,
    minPrefix: 2,
    llmModel: 'x',
    candidateNegatives: 4,
    leafSize: 3,
    use: 'positives',
  })
  // @ts-expect-error an option that there is not
  options({ epocs: 3 })
  // @ts-expect-error a number, not a text
  options({ epochs: '3' })
  // @ts-expect-error one of a few names
  options({ protocol: ['strickt'] })
  // @ts-expect-error of a baseline, by its own name
  options({ easeRegularisation: 3 })
  // @ts-expect-error of a sampler
  options({ candidateNegatives: 'many' })
  expect(options()).toEqual([])
})

const request = <const P extends readonly Part[]>(given: RunRequest<P>) => given

it('types the options of own parts, which are named or given as values', () => {
  const directory = 'runs/x'
  request({
    directory,
    parts: [hinge, coCount],
    options: { objective: 'hinge', margin: 2, sampler: easiest, compare: ['dns', easiest] },
  })
  // @ts-expect-error margin is a number
  request({ directory, parts: [hinge], options: { margin: 'wide' } })
  // @ts-expect-error margin is of no part of this run
  request({ directory, parts: [coCount], options: { margin: 2 } })
  // @ts-expect-error an objective is no sampler
  request({ directory, options: { sampler: hinge } })
})
