/** Two processes on one ledger before a server with faults, killed at random (SIGKILL) while the server goes away and comes back. */
import { deepStrictEqual } from 'node:assert'
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { setTimeout as sleep } from 'node:timers/promises'
import { sha256 } from '../../src/files.ts'
import { openLedger } from '../../src/judges/llm/ledger.ts'
import { promptHash } from '../../src/judges/prompt.ts'
import { derive, randomStream } from '../../src/random.ts'
import { type Misdeed, openChatServer } from '../../test/support/chat-server.ts'
import { checkAll, inInterview } from './judge-script.ts'

const MISDEEDS: readonly Misdeed[] = [
  { status: 429, headers: { 'retry-after': '0' } },
  { status: 429 },
  { status: 503 },
  { status: 500 },
  ...(['reset', 'half-json', 'silence', 'drip', 'length', 'refusal', 'empty', 'shifted'] as const),
]

/**
 * @returns how many processes were killed
 * @throws AssertionError when an answer is asked for again after it was recorded, or `checkAll` finds something
 */
export async function killedRound(seed: number, round: number): Promise<number> {
  const random = randomStream(derive(seed, 'kills', round))
  const folder = mkdtempSync(join(tmpdir(), 'dualtree-judge-kills-'))
  await openLedger(folder).then(ledger => ledger.close())
  const ledger = new DatabaseSync(join(folder, 'ledger.sqlite'), { timeout: 30_000 })
  const recorded = ledger.prepare('SELECT count(*) AS count FROM answers WHERE custom_id = ?')
  const template = promptHash('user')
  let twice = 0
  const server = await openChatServer({
    delay: 15,
    misdeed({ text }) {
      twice += Number(recorded.get(sha256(template + text).slice(0, 40))!.count)
      return random.uniform() < 0.3 ? MISDEEDS[random.below(MISDEEDS.length)] : undefined
    },
  })
  const start = () => {
    const args = ['--no-warnings', join(import.meta.dirname, 'judge-worker.ts'), folder, server.url]
    return spawn(process.execPath, args, { stdio: ['ignore', 'ignore', 'inherit'] })
  }
  const ended = (child: ChildProcess) =>
    child.exitCode === null && child.signalCode === null ? once(child, 'exit') : []
  let killed = 0
  try {
    for (let kills = 2 + random.below(3); kills > 0; kills--) {
      const before = server.requests.length
      const pair = [start(), start()]
      while (server.requests.length === before && pair.some(({ exitCode }) => exitCode === null)) await sleep(10)
      await sleep(random.uniform() * 300)
      if (random.below(3) === 0) {
        await server.stop()
        await sleep(random.uniform() * 300)
        await server.start()
      }
      for (const child of pair) killed += Number(child.kill('SIGKILL'))
      await Promise.all(pair.map(ended))
    }
    const pair = [start(), start()]
    await Promise.all(pair.map(ended))
    deepStrictEqual(pair.map(({ exitCode }) => exitCode), [0, 0]) // biome-ignore format: one line
    deepStrictEqual(twice, 0, 'asked again after the answer was recorded')
    deepStrictEqual({ ...ledger.prepare('PRAGMA integrity_check').get() }, { integrity_check: 'ok' })
    await inInterview(folder, checkAll)
    return killed
  } finally {
    ledger.close()
    await server.stop()
    rmSync(folder, { recursive: true, force: true })
  }
}
