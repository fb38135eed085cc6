import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { plantedData } from '../../src/dataset/planted.ts'
import { runGiven as run } from '../../src/run/run.ts'
import { hashArtifacts } from '../support/artifacts.ts'
import { budget } from '../support/budget.ts'
import { sharedDirectory } from '../support/directory.ts'

const directory = sharedDirectory()

const THREADS = budget([3], [2, 3, 8])

it(`a whole run leaves the same bytes with 1 and ${THREADS.join(', ')} threads`, async () => {
  // large enough that the calls of every kernel are shared out
  const { train } = plantedData({ users: 1500, items: 800, levels: 3, likesPerUser: 20 })
  const source = join(directory, 'log.txt')
  writeFileSync(source, train.users.map((user, row) => `u${user} i${train.items[row]}\n`).join(''))
  const hashes = async (threads: number) => {
    const out = join(directory, `threads-${threads}`)
    const options = { threads, dimensions: 32, layers: 2, epochs: 1, compare: ['dns'], split: 'random' }
    await run({ source, directory: out, options })
    return hashArtifacts(out)
  }
  const expected = await hashes(1)
  expect(Object.keys(expected).length).toBeGreaterThan(20)
  for (const threads of THREADS) expect(await hashes(threads)).toEqual(expected)
})
