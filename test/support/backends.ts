/** The same calls on every backend. */
import { expect } from 'vitest'
import type { Floats, Kernels } from '../../src/kernels/interface/kernels.ts'
import { createReferenceKernels } from '../../src/kernels/reference/reference.ts'
import { createKernels } from '../../src/kernels/wasm/wasm.ts'

/** Threads take pieces as small as there can be, so that even these small calls are shared out. One pool for all files. */
const threaded = createKernels({ threads: 3, pieceCost: 1 })

/**
 * Runs the same calls on the reference (f64) and the fast backend and compares what they leave behind; on several threads
 * they must leave the very same bits.
 */
export function onBoth(run: (kernels: Kernels) => Record<string, Floats | Int32Array>, tolerance: number) {
  const expected = run(createReferenceKernels('f64'))
  const actual = run(createKernels())
  expect(threaded.memory.scope(() => copyOf(run(threaded)))).toEqual(copyOf(actual))
  for (const [name, values] of Object.entries(expected)) {
    expect(actual[name].length, name).toBe(values.length)
    let largest = 0
    let scale = 1
    values.forEach((value, i) => {
      if (value === actual[name][i]) return
      largest = Math.max(largest, Math.abs(value - actual[name][i]))
      scale = Math.max(scale, Math.abs(value))
    })
    expect(largest / scale, `${name}: largest difference`).toBeLessThanOrEqual(tolerance)
    expect(
      values.some(value => value !== 0),
      `${name} is all zero, so this test could not fail`,
    ).toBe(true)
  }
}

const copyOf = (arrays: Record<string, Floats | Int32Array>) =>
  Object.fromEntries(Object.entries(arrays).map(([name, values]) => [name, Array.from(values)]))
