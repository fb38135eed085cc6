/**
 * Faults in every kind of file of finished and half-finished runs, and to processes at work, each of which must end well:
 * `npm run test:faults [faults] [seed] [minutes]`. A single one again: `npm run test:faults -- --only INDEX [seed]`.
 */
import { rmSync } from 'node:fs'
import { checkFileFault, fileFaultOf } from './file-faults.ts'
import { checkProcessFault, processFaultOf, usualSeconds } from './process-faults.ts'
import { createWorld, type Outcome } from './world.ts'

/** Faults from one of a process to the next: they start processes, which takes seconds. */
const EVERY = 25

const numbers = process.argv
  .slice(2)
  .filter(word => word !== '--only')
  .map(Number)
const only = process.argv.includes('--only')
const [first = 300, seed = 1, minutes = Number.POSITIVE_INFINITY] = numbers
const world = await createWorld()
const usual = await usualSeconds(world)
const counts = { same: 0, error: 0, failure: 0 }
const end = performance.now() + minutes * 60_000

function check(index: number): Promise<Outcome> {
  const ofProcess = index % EVERY === EVERY - 1
  if (only) console.log(ofProcess ? processFaultOf(seed, index, usual).words : fileFaultOf(world, seed, index).words)
  return ofProcess ? checkProcessFault(world, seed, index, usual) : checkFileFault(world, seed, index)
}

try {
  const indices = only ? [first] : Array.from({ length: first }, (_, index) => index)
  for (const index of indices) {
    if (performance.now() > end) break
    const { kind, what } = await check(index)
    counts[kind]++
    if (kind === 'failure' || only)
      console.log(`${kind} ${index}: ${what}\n  again: npm run test:faults -- --only ${index} ${seed}`)
  }
} finally {
  rmSync(world.directory, { recursive: true, force: true })
}
const { same, error, failure } = counts
console.log(
  `${same + error + failure} faults, seed ${seed}: ${same} the same bytes, ${error} one line of error, ${failure} failures`,
)
process.exitCode = failure > 0 ? 1 : 0
