import { describe, expect, it } from 'vitest'
import type { Kernels } from '../../src/kernels/interface/kernels.ts'
import { createReferenceKernels } from '../../src/kernels/reference/reference.ts'
import { createKernels } from '../../src/kernels/wasm/wasm.ts'
import { randomFloats } from '../support/toy.ts'

/** Lists of 1, 7 and 40 rows of 12 features; the first of each and every fifth row are held out. */
function run(kernels: Kernels) {
  const { memory } = kernels
  const offsets = memory.copy(Int32Array.of(0, 1, 8, 48))
  const positive = memory.bytes(48)
  for (let row = 0; row < 48; row++) positive[row] = Number(offsets.includes(row) || row % 5 === 0)
  const features = randomFloats(kernels, 48 * 12, 1)
  const theta = randomFloats(kernels, 12, 2)
  const out = { slopes: memory.floats(48), losses: memory.floats(3), gradients: memory.floats(36).fill(9) }
  kernels.listSoftmax({ offsets, features, positive }, theta, out.slopes, out.losses, out.gradients)
  return out
}

describe('listSoftmax', () => {
  it('two rows, by hand: scores 0 and ln 3, the first is held out', () => {
    const kernels = createReferenceKernels('f64')
    const [slopes, losses, gradients] = [new Float64Array(2), new Float64Array(1), new Float64Array(4)]
    const lists = {
      offsets: Int32Array.of(0, 2),
      features: Float64Array.of(0, 5, 0, 0, 1, 0, 2, 0),
      positive: Int8Array.of(1, 0),
    }
    kernels.listSoftmax(lists, Float64Array.of(Math.log(3), 0, 0, 0), slopes, losses, gradients)
    expect(losses[0]).toBeCloseTo(Math.log(4), 12)
    expect(Array.from(slopes)).toEqual([expect.closeTo(-0.75, 12), expect.closeTo(0.75, 12)])
    expect(Array.from(gradients).map(own => Math.round(own * 1e12) / 1e12)).toEqual([0.75, -3.75, 1.5, 0])
  })

  it('within 1e-6 of the reference', () => {
    const [expected, actual] = [run(createReferenceKernels('f64')), run(createKernels())]
    for (const name of ['slopes', 'losses', 'gradients'] as const)
      actual[name].forEach((value, at) => {
        expect(Math.abs(value - expected[name][at])).toBeLessThan(1e-6 * Math.max(1, Math.abs(expected[name][at])))
      })
    expect(expected.losses.some(loss => loss > 0.1)).toBe(true)
  })

  it('the same bits with three threads and small pieces', () => {
    const kernels = createKernels({ threads: 3, pieceCost: 1 })
    try {
      expect(run(kernels)).toEqual(run(createKernels()))
    } finally {
      kernels.close()
    }
  })
})
