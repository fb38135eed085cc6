import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { derive, randomStream } from '../../src/random.ts'
import { hashArtifacts } from '../support/artifacts.ts'
import { budget } from '../support/budget.ts'
import { runCli, writeSmallData } from '../support/cli.ts'
import { sharedDirectory } from '../support/directory.ts'

const directory = sharedDirectory()

/** Long enough to be killed in training, with a checkpoint every other epoch. */
const FLAGS = [
  '--dimensions',
  '16',
  '--layers',
  '2',
  '--epochs',
  '30',
  '--patience',
  '100',
  '--validate-every',
  '3',
  '--checkpoint-every',
  '2',
  '--batch-size',
  '16',
  '--leaf-size',
  '8',
  '--threads',
  '1',
  // all rows in .ci/run
  ...budget(['--refit', 'none', '--baselines', 'popularity'], []),
]

describe('a run killed with SIGKILL at random moments', () => {
  it('goes on each time, and ends with the bytes of one that was left alone', async () => {
    const input = writeSmallData(directory)
    const command = (out: string) => ['run', input, '--out', join(directory, out), ...FLAGS]
    expect((await runCli(command('whole'))).code).toBe(0)

    const random = randomStream(derive(11, 'kill'))
    /** Kills while the second or a later stage runs: how long a stage takes differs between machines, its order does not. */
    const killed = () => {
      const { promise, resolve } = Promise.withResolvers<readonly NodeJS.Signals[]>()
      const stage = 2 + Math.floor(2 * random.uniform())
      const delay = 100 * random.uniform()
      return runCli(command('killed'), {
        kill: promise,
        onStderr: soFar => {
          if (soFar.split(/ …\n/).length > stage) setTimeout(() => resolve(['SIGKILL']), delay)
        },
      })
    }
    let kills = 0
    let resumed = 0
    let result = await killed()
    while (result.code === null && kills < 40) {
      kills++
      result = kills < budget(4, 20) ? await killed() : await runCli(command('killed'))
      if (/reused/.test(result.stderr)) resumed++
    }
    expect(result.stderr).not.toContain('error')
    expect(result.code).toBe(0)
    expect(kills).toBeGreaterThan(1)
    expect(resumed).toBeGreaterThan(0)
    const hashes = hashArtifacts(join(directory, 'killed'))
    expect(Object.keys(hashes).length).toBeGreaterThan(20)
    expect(hashes).toEqual(hashArtifacts(join(directory, 'whole')))
    const rows = (out: string) =>
      JSON.parse(readFileSync(join(directory, out, 'metrics.json'), 'utf8')).rows.map(
        ({ method, metrics }: { method: string; metrics: object }) => ({ method, metrics }),
      )
    expect(rows('killed')).toEqual(rows('whole'))
  })
})
