import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { compileKernels } from '../../scripts/tasks/build-kernels.ts'

const HOME = join(import.meta.dirname, '../../src/kernels/wasm')

it('kernels.wasm and exports.ts are what npm run build:kernels makes of src/kernels/assembly', async () => {
  const { wasm, types } = await compileKernels()
  expect(readFileSync(join(HOME, 'exports.ts'), 'utf8')).toBe(types)
  expect(readFileSync(join(HOME, 'kernels.wasm')).equals(wasm)).toBe(true)
  // one of each kind, by hand
  expect(types).toContain('\n  sigmoidAll: [x: number]\n')
  expect(types).toContain('\n  rankingScratchBytes(): number\n')
}, 60_000)
