import { describe, expect, it } from 'vitest'
import { createReferenceKernels } from '../../src/kernels/reference/reference.ts'
import { createKernels } from '../../src/kernels/wasm/wasm.ts'
import { keysOf } from '../../src/statistics/bootstrap.ts'
import { randomFloats } from '../support/toy.ts'

const reference = createReferenceKernels()
const backends = [reference, createKernels(), createKernels({ threads: 3, pieceCost: 1 })]
const keys = (count: number) => keysOf(3, 'test', 0, count)
const doubles = (count: number) => Float64Array.from(randomFloats(reference, count, count), value => value - 0.1)

describe('statistics on every backend and number of threads', () => {
  it.each([1, 5, 8, 33])('resampleSums of %i users: the bits of the reference', users => {
    const [first, ...others] = backends.map(({ memory, resampleSums }) => {
      const table = memory.doubles(users * 8)
      table.set(doubles(users * 8))
      const out = memory.doubles(10 * 8)
      resampleSums(memory.copy(keys(10)), table, 8, out)
      return [...out]
    })
    for (const other of others) expect(other).toEqual(first)
  })

  it.each([1, 31, 32, 33, 129, 200])(
    'countFlips of %i values: as many as the reference, for any number of keys',
    count => {
      for (const permutations of [1, 2, 3, 61]) {
        const [first, ...others] = backends.map(({ memory, countFlips }) => {
          const values = memory.doubles(count)
          values.set(doubles(count))
          return countFlips(memory.copy(keys(permutations)), values, 0.3 * Math.sqrt(count))
        })
        expect(others).toEqual([first, first])
      }
    },
  )

  it('resampleSums draws each user with the same chance, and countFlips has half the signs each way', () => {
    const { memory, resampleSums, countFlips } = backends[1]
    const table = memory.doubles(4 * 4)
    for (let user = 0; user < 4; user++) table[user * 5] = 1
    const out = memory.doubles(1000 * 4)
    resampleSums(memory.copy(keys(1000)), table, 4, out)
    for (let user = 0; user < 4; user++)
      expect(out.reduce((sum, drawn, at) => sum + (at % 4 === user ? drawn : 0), 0) / 4000).toBeCloseTo(0.25, 1)
    const pair = memory.doubles(2).fill(1)
    expect(countFlips(memory.copy(keys(1000)), pair, 2) / 1000).toBeCloseTo(0.5, 1)
  })
})
