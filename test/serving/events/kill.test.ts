import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { expect, it } from 'vitest'
import { temporaryDirectory } from '../../support/directory.ts'

/** `DUALTREE_KILLS=1000 npx vitest run test/serving/events/kill.test.ts` is the whole measurement. */
const KILLS = Number(process.env.DUALTREE_KILLS ?? 8)

/** Starts a writer and kills it `delay` ms after its first event. @returns the ids it printed, whole lines only */
function writeUntilKilled(path: string, first: number, delay: number): Promise<string[]> {
  return new Promise((settle, reject) => {
    const child = spawn(process.execPath, [join(import.meta.dirname, 'writer.ts'), path, String(first)])
    let printed = ''
    let errors = ''
    child.stdout.on('data', chunk => {
      if (printed === '') setTimeout(() => child.kill('SIGKILL'), delay)
      printed += chunk
    })
    child.stderr.on('data', chunk => {
      errors += chunk
    })
    child.on('close', (_code, signal) =>
      signal === 'SIGKILL' ? settle(printed.split('\n').slice(0, -1)) : reject(new Error(errors)),
    )
  })
}

it(`${KILLS} × kill -9 in the middle of writes: no accepted event is lost or doubled`, async () => {
  const path = join(await temporaryDirectory(), 'events.db')
  const accepted = new Set<string>()
  for (let kill = 0; kill < KILLS; kill++) {
    const last = Math.max(-1, ...Array.from(accepted, id => Number(id.slice(6))))
    for (const id of await writeUntilKilled(path, last, (kill * 7) % 23)) accepted.add(id)
  }
  const database = new DatabaseSync(path)
  const rows = database.prepare('SELECT event_id FROM events').all() as { event_id: string }[]
  const stored = rows.map(({ event_id }) => event_id)
  expect(accepted.size).toBeGreaterThan(KILLS)
  const distinct = new Set(stored)
  expect(distinct.size).toBe(stored.length)
  expect([...accepted].filter(id => !distinct.has(id))).toEqual([])
  // what was written but not yet reported may be there: of each kill, at most one transaction
  expect(stored.length - accepted.size).toBeLessThanOrEqual(2 * KILLS)
  expect(database.prepare('PRAGMA integrity_check').get()).toEqual({ integrity_check: 'ok' })
  database.close()
})
