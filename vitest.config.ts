import { availableParallelism } from 'node:os'
import { resolve } from 'node:path'
import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    pool: 'forks',
    // one more than cores: some tests wait for a server, a clock or another process
    maxWorkers: availableParallelism() + 1,
    testTimeout: 30_000,
    // a hook that removes a directory waits for the disk of a busy machine
    hookTimeout: 60_000,
    // no module has state, so that files may share those that are loaded: two fifths less processor time
    isolate: false,
    // a command line that is started from source compiles its modules once, not in every process: half of what a start takes
    env: { NODE_COMPILE_CACHE: resolve(import.meta.dirname, 'node_modules/.cache/compiled') },
  },
})
