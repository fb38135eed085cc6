/**
 * Faults in every kind of file of finished and half-finished runs, each of which must end well:
 * `npm run test:faults [faults] [seed] [minutes]`. A single one again: `npm run test:faults -- --only INDEX [seed]`.
 */
import { rmSync } from 'node:fs'
import { checkFault, createWorld, faultOf } from './check.ts'

const numbers = process.argv
  .slice(2)
  .filter(word => word !== '--only')
  .map(Number)
const only = process.argv.includes('--only')
const [first = 300, seed = 1, minutes = Number.POSITIVE_INFINITY] = numbers
const world = await createWorld()
const counts = { same: 0, error: 0, failure: 0 }
const end = performance.now() + minutes * 60_000
try {
  const indices = only ? [first] : Array.from({ length: first }, (_, index) => index)
  for (const index of indices) {
    if (performance.now() > end) break
    if (only) console.log(faultOf(world, seed, index).words)
    const { kind, what } = await checkFault(world, seed, index)
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
