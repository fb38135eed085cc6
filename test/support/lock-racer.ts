/** One of several processes that want a lock at the same moment; keeps it until it is told to let go. */
import { mkdirSync, writeFileSync } from 'node:fs'
import { hostname } from 'node:os'
import { join } from 'node:path'
import { acquireLock } from '../../src/run/lock.ts'

/** No process has this number. */
const DEAD = 2 ** 22 - 7

let release = () => {}

process.on('message', async (message: 'release' | { directory: string; at: number }) => {
  if (message === 'release') {
    release()
    release = () => {}
    return
  }
  mkdirSync(message.directory, { recursive: true })
  const stale = JSON.stringify({ pid: DEAD, host: hostname(), started: '1' })
  try {
    writeFileSync(join(message.directory, 'lock.json'), stale, { flag: 'wx' })
  } catch {
    // another racer has left it
  }
  while (Date.now() < message.at);
  try {
    release = (await acquireLock(message.directory)).release
    process.send!('won')
  } catch {
    process.send!('lost')
  }
})
