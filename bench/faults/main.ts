/**
 * Faults in every kind of file of finished and half-finished runs, and to processes at work, each of which must end well:
 * `npm run test:faults [faults] [seed] [minutes]`. A single one again: `npm run test:faults -- --only INDEX [seed]`. Behind them come those
 * of judges (see judge.ts), which `npm run test:faults -- judge …` tries alone, as `-- runs …` does the others.
 */
import { rmSync } from 'node:fs'
import { checkFileFault, fileFaultOf } from './file-faults.ts'
import { repeatLedgerFault, runJudgeFaults } from './judge.ts'
import { checkProcessFault, processFaultOf, usualSeconds } from './process-faults.ts'
import { createWorld, type Outcome } from './world.ts'

/** Faults from one of a process to the next: they start processes, which takes seconds. */
const EVERY = 25

/** Faults around judges for each of a run: most are in virtual time. */
const OF_JUDGES = 5

const words = process.argv.slice(2)
const numbers = words.filter(word => !['--only', 'judge', 'runs'].includes(word)).map(Number)
const only = words.includes('--only')
const runsAlone = only || words.includes('runs')
const [first = 300, seed = 1, minutes = Number.POSITIVE_INFINITY] = numbers
/** @returns how many failed */
async function runFaults(): Promise<number> {
  const world = await createWorld()
  const usual = await usualSeconds(world)
  const counts = { same: 0, error: 0, failure: 0, skipped: 0 }
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
  const { same, error, failure, skipped } = counts
  console.log(
    `${same + error + failure} faults, seed ${seed}: ${same} the same bytes, ${error} one line of error, ${failure} failures; ${skipped} more cannot be made here`,
  )
  return failure
}

if (only && words.includes('judge')) await repeatLedgerFault(first, seed)
else {
  const failures = words.includes('judge')
    ? await runJudgeFaults(first, seed, minutes)
    : (await runFaults()) + (runsAlone ? 0 : await runJudgeFaults(OF_JUDGES * first, seed, minutes))
  process.exitCode = failures > 0 ? 1 : 0
}
