/**
 * Faults around judges that ask language models: of servers (scripted, in virtual time), of processes (SIGKILL), and of the ledger's files.
 * `npm run test:faults -- judge [faults] [seed] [minutes]`; of every thousand of servers, 20 are of files, and three rounds kill processes.
 */
import { messageOf } from '../../src/errors.ts'
import { checkLedgerFault, createLedgerWorld, ledgerFaultOf } from './judge-ledger.ts'
import { killedRound } from './judge-processes.ts'
import { scriptedRound } from './judge-script.ts'

/** Of servers, in one round. */
const IN_ROUND = 150

/** @returns how many failed */
export async function runJudgeFaults(
  faults: number,
  seed: number,
  minutes = Number.POSITIVE_INFINITY,
): Promise<number> {
  const start = performance.now()
  /** as much of the time as each kind may have */
  const within = (share: number) => performance.now() - start < share * minutes * 60_000
  let failures = 0
  const attempt = async (what: string, body: () => Promise<unknown>) => {
    await body().catch(error => {
      failures++
      console.log(`failure ${what}: ${messageOf(error)}`)
    })
  }
  let [scripted, killed, damaged] = [0, 0, 0]
  for (let round = 0; scripted < faults && within(0.5); round++) {
    const count = Math.min(IN_ROUND, faults - scripted)
    await attempt(`of servers, round ${round}, seed ${seed}`, () => scriptedRound(seed, round, count))
    scripted += count
  }
  for (let round = 0; round < Math.ceil(faults / 333) && within(0.75); round++)
    await attempt(`of processes, round ${round}, seed ${seed}`, async () => {
      killed += await killedRound(seed, round)
    })
  const world = await createLedgerWorld()
  try {
    for (; damaged < Math.ceil(faults / 50) && within(1); damaged++) {
      const { kind, what } = await checkLedgerFault(world, seed, damaged)
      if (kind !== 'failure') continue
      failures++
      console.log(`failure ${damaged}: ${what}\n  again: npm run test:faults -- judge --only ${damaged} ${seed}`)
    }
  } finally {
    await world.close()
  }
  console.log(
    `judges, seed ${seed}: ${scripted} faults of servers, ${killed} processes killed, ${damaged} damaged ledgers: ${failures} failures`,
  )
  return failures
}

/** One damaged ledger again. */
export async function repeatLedgerFault(index: number, seed: number): Promise<void> {
  const world = await createLedgerWorld()
  console.log(ledgerFaultOf(world, seed, index).words)
  console.log(await checkLedgerFault(world, seed, index))
  await world.close()
}
