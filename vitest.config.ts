import { existsSync, readFileSync, statfsSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { resolve } from 'node:path'
import { defineConfig } from 'vitest/config'
import { IS_FULL } from './test/support/budget.ts'

/** A directory in memory, where there is one that has room and may hold programs: a disk takes a fifth of the processor time, and half of the wait. */
function inMemory(): string | undefined {
  const directory = '/dev/shm'
  if (!existsSync('/proc/mounts') || !existsSync(directory)) return undefined
  const usable = /^\S+ \/dev\/shm tmpfs rw(?!\S*noexec)/m.test(readFileSync('/proc/mounts', 'utf8'))
  const { bavail, bsize } = statfsSync(directory)
  return usable && Math.min(bavail * bsize, process.availableMemory()) > 6e9 ? directory : undefined
}

/** What only a test that hangs reaches: a machine that others share may take ten times as long as a quiet one, and a hook waits for its disk. */
const limit = IS_FULL ? 1_500_000 : 300_000

const temporary = process.env.TMPDIR ?? inMemory()

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    setupFiles: ['test/support/draws.ts'],
    pool: 'forks',
    // one more than cores: some tests wait for a server, a clock or another process
    maxWorkers: availableParallelism() + 1,
    testTimeout: limit,
    hookTimeout: limit,
    // no module has state, so that files may share those that are loaded: two fifths less processor time
    isolate: false,
    // a command line that is started from source compiles its modules once, not in every process: half of what a start takes
    env: {
      NODE_COMPILE_CACHE: resolve(import.meta.dirname, 'node_modules/.cache/compiled'),
      ...(temporary && { TMPDIR: temporary }),
    },
  },
})
