import { rmSync } from 'node:fs'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { checkFileFault, fileFaultOf } from '../../bench/faults/file-faults.ts'
import { checkProcessFault, processFaultOf } from '../../bench/faults/process-faults.ts'
import { createWorld, type World } from '../../bench/faults/world.ts'
import { budget } from '../support/budget.ts'

let world: World

beforeAll(async () => {
  world = await createWorld()
})
afterAll(() => rmSync(world.directory, { recursive: true, force: true }))

const FAULTS = budget(8, 30)

it(`${FAULTS} faults end with the same bytes or in one line; npm run test:faults has thousands`, async () => {
  const ends = { same: 0, error: 0, failure: 0, skipped: 0 }
  for (let index = 0; index < FAULTS; index++) {
    const { kind, what } = await checkFileFault(world, 7, index)
    expect(kind, `npm run test:faults -- --only ${index} 7: ${what}`).not.toBe('failure')
    ends[kind]++
  }
  expect(ends.same).toBeGreaterThan(FAULTS / 3)
})

it('damage is a function of seed and number', () => {
  expect(fileFaultOf(world, 7, 3).words).toBe(fileFaultOf(world, 7, 3).words)
  expect(new Set(Array.from({ length: 40 }, (_, index) => fileFaultOf(world, 7, index).words)).size).toBeGreaterThan(30)
})

it('results that differ are a failure', async () => {
  const [file] = [...world.results.keys()].filter(name => name.startsWith('data/'))
  const kept = new Map(world.results)
  const changed = { ...world, results: kept.set(file, Buffer.from('other')) }
  const index = Array.from({ length: 40 }, (_, at) => at).find(at => fileFaultOf(world, 7, at).command === 'run')!
  const outcome = await checkFileFault(changed, 7, index)
  expect(outcome).toMatchObject({ kind: 'failure', what: expect.stringContaining(`${file} differs`) })
})

it('a killed process leaves what the same command makes whole', async () => {
  const index = Array.from({ length: 99 }, (_, at) => at).find(at => processFaultOf(7, at, 1).kind === 'SIGKILL')!
  const { kind, what } = await checkProcessFault(world, 7, index, 2)
  expect(kind, what).toBe('same')
})
