import { describe, expect, it } from 'vitest'
import type { Block, Kernels } from '../../src/kernels/interface/kernels.ts'
import { derive, randomStream } from '../../src/random.ts'
import { onBoth } from '../support/backends.ts'
import { randomFloats } from '../support/toy.ts'

const ROWS = 301
const WIDTH = 20

function randomBlock({ memory }: Kernels, seed: number): Block {
  const random = randomStream(derive(seed, 'block'))
  const values = memory.doubles(ROWS * WIDTH)
  for (let i = 0; i < values.length; i++) values[i] = 2 * random.uniform() - 1
  return { rows: ROWS, width: WIDTH, values }
}

describe('block kernels', () => {
  it('gram, rotateColumns, columnResiduals: equal to the reference', () => {
    onBoth(kernels => {
      const { memory } = kernels
      const block = randomBlock(kernels, 1)
      const table = randomFloats(kernels, ROWS * WIDTH, 2)
      const gram = memory.doubles(WIDTH ** 2)
      kernels.gram(table, block, gram)
      const rotated = { ...block, values: memory.doubles(ROWS * WIDTH) }
      kernels.rotateColumns(block, gram, rotated)
      const residuals = memory.doubles(WIDTH - 1)
      kernels.columnResiduals(block, table, gram.subarray(0, WIDTH), residuals)
      return { gram, rotated: rotated.values, residuals }
    }, 0)
  })

  it.each([1, 2, 4, 7, 8, 15, 19])('columnDots and addColumns, column %i: equal to the reference', column => {
    onBoth(kernels => {
      const block = randomBlock(kernels, 3)
      const dots = kernels.memory.doubles(column)
      kernels.columnDots(block, column, dots)
      kernels.addColumns(block, column, dots)
      return { dots, values: block.values }
    }, 0)
  })

  it('narrow and widen round to f32 and back', () => {
    onBoth(kernels => {
      const { values } = randomBlock(kernels, 4)
      const narrow = kernels.memory.floats(values.length)
      const wide = kernels.memory.doubles(values.length)
      kernels.narrow(values, narrow)
      kernels.widen(narrow, wide)
      expect(Array.from(wide)).toEqual(Array.from(narrow))
      return { narrow }
    }, 1e-7)
  })

  it('chebyshevStep, the first and the next: within 1e-6 of the reference', () => {
    onBoth(kernels => {
      const [product, current, next] = [1, 2, 3].map(seed => randomFloats(kernels, ROWS * WIDTH, seed))
      const first = kernels.memory.floats(ROWS * WIDTH)
      const interval = { centre: -0.3, half: 0.6 }
      kernels.chebyshevStep(product, current, first, interval, true)
      kernels.chebyshevStep(product, current, next, interval, false)
      return { first, next }
    }, 1e-6)
  })
})
