import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { areKernelsBuilt, compileKernels } from '../../scripts/tasks/build-kernels.ts'
import { IS_FULL } from '../support/budget.ts'

const HOME = join(import.meta.dirname, '../../src/kernels/wasm')
const types = readFileSync(join(HOME, 'exports.ts'), 'utf8')

it('kernels.wasm and exports.ts were built from src/kernels/assembly as it is: if not, npm run build:kernels', () => {
  expect(areKernelsBuilt()).toBe(true)
  // one of each kind, by hand
  expect(types).toContain('\n  sigmoidAll: [x: number]\n')
  expect(types).toContain('\n  rankingScratchBytes(): number\n')
})

it.runIf(IS_FULL)('compiling them again makes the same bytes (in .ci/run)', async () => {
  const compiled = await compileKernels()
  expect(types).toBe(compiled.types)
  expect(readFileSync(join(HOME, 'kernels.wasm')).equals(compiled.wasm)).toBe(true)
})
