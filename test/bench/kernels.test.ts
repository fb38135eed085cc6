import { describe, expect, it } from 'vitest'
import { kernelCases, nameOf } from '../../bench/kernels/run.ts'
import { createWorld } from '../../bench/kernels/world.ts'
import type { Kernels } from '../../src/kernels/interface/kernels.ts'
import { createReferenceKernels } from '../../src/kernels/reference/reference.ts'
import { createKernels } from '../../src/kernels/wasm/wasm.ts'
import { randomDataset } from '../support/toy.ts'

it('every kernel has a benchmark (a case in bench/kernels), and none has two of one name', () => {
  const kernels = createReferenceKernels()
  const functions = Object.keys(kernels).filter(name => typeof kernels[name as keyof Kernels] === 'function')
  // these work on no array
  const others = ['close', 'log', 'sweepPanels']
  const measured = new Set<string>(kernelCases.map(({ kernel }) => kernel))
  expect([...measured, ...others].sort()).toEqual(functions.sort())
  expect(new Set(kernelCases.map(nameOf)).size).toBe(kernelCases.length)
})

describe('a benchmark case calls its kernel with arrays that hold what it needs', () => {
  const data = randomDataset(20, 30, 0.2)
  for (const kernels of [createReferenceKernels(), createKernels()]) {
    const world = createWorld(kernels, data, 16)
    it.each(kernelCases.map(own => [nameOf(own), own] as const))(`${kernels.name}: %s`, (_, own) => {
      const { run, macs, bytes } = own.prepare(world)
      run()
      run()
      expect(macs).toBeGreaterThanOrEqual(0)
      expect(bytes).toBeGreaterThan(0)
    })
  }
})
