import { describe, expect, it } from 'vitest'
import type { Affinity, Kernels } from '../../src/kernels/interface/kernels.ts'
import { createKernels } from '../../src/kernels/wasm/wasm.ts'
import { residentPattern } from '../../src/models/rows.ts'
import { tieRanks } from '../../src/models/ties.ts'
import { derive, randomStream } from '../../src/random.ts'
import { onBoth } from '../support/backends.ts'
import { randomDataset, randomFloats } from '../support/toy.ts'

const USERS = 40
const ITEMS = 150
const data = randomDataset(USERS, ITEMS, 0.06)

const graphIn = ({ memory }: Kernels) => ({
  byUser: residentPattern(memory, data.byUser),
  byItem: residentPattern(memory, data.byItem),
})

/** Rows first … first + rows − 1, no longer than `limit`. */
function fill(kernels: Kernels, affinity: Affinity, limit = ITEMS, first = 0, rows = ITEMS - first) {
  const { memory } = kernels
  const sizes = memory.ints(ITEMS)
  const graph = graphIn(kernels)
  kernels.countNeighbors(graph, sizes)
  const offsets = memory.ints(rows + 1)
  for (let row = 0; row < rows; row++) offsets[row + 1] = offsets[row] + Math.min(limit, sizes[first + row])
  const out = { offsets, indices: memory.ints(offsets[rows]), values: memory.floats(offsets[rows]) }
  kernels.fillNeighbors(graph, affinity, out, first, memory.copy(tieRanks(ITEMS, 1)))
  return { sizes, ...out }
}

function walkIn({ memory }: Kernels): Affinity {
  const random = randomStream(derive(1, 'walk'))
  const weights = (length: number) => memory.doubles(length).map(() => 0.5 + random.uniform())
  const [leave, step, hold] = [memory.doubles(ITEMS), memory.doubles(USERS), memory.doubles(ITEMS)]
  for (const values of [leave, step, hold]) values.set(weights(values.length))
  return { kind: 'walk', leave, step, hold, shrinkage: 0.75 }
}

describe('neighbour kernels', () => {
  it.each(['shared', 'jaccard', 'cosine', 'walk'] as const)(
    '%s, all neighbours, the nearest 7, and some rows: the items of the reference, values within 1e-7',
    kind => {
      const affinityIn = (kernels: Kernels): Affinity =>
        kind === 'walk' ? walkIn(kernels) : kind === 'cosine' ? { kind, shrinkage: 1.5 } : { kind }
      onBoth(kernels => fill(kernels, affinityIn(kernels)), 1e-7)
      onBoth(kernels => fill(kernels, affinityIn(kernels), 7), 1e-7)
      onBoth(kernels => fill(kernels, affinityIn(kernels), 1), 1e-7)
      onBoth(kernels => fill(kernels, affinityIn(kernels), 5, 60, 37), 1e-7)
    },
  )

  it('rows with more room than neighbours say how many they have: the items of the reference', () => {
    for (const room of [7, 80, ITEMS])
      onBoth(kernels => {
        const { memory } = kernels
        const offsets = memory.ints(ITEMS + 1).map((_, row) => row * room)
        const out = {
          offsets: memory.copy(offsets),
          indices: memory.ints(ITEMS * room),
          values: memory.floats(ITEMS * room),
        }
        const sizes = memory.ints(ITEMS)
        const ranks = memory.copy(tieRanks(ITEMS, 1))
        kernels.fillNeighbors(graphIn(kernels), { kind: 'cosine', shrinkage: 0 }, out, 0, ranks, sizes)
        expect(Math.max(...sizes)).toBe(Math.min(room, Math.max(...fill(kernels, { kind: 'shared' }).sizes)))
        return { ...out, sizes }
      }, 1e-7)
  })

  it('a count of neighbours is that of a row, and no item is its own', () => {
    const { sizes, offsets, indices } = fill(createKernels(), { kind: 'shared' })
    expect(Math.max(...sizes)).toBeGreaterThan(7)
    for (let item = 0; item < ITEMS; item++) {
      expect(offsets[item + 1] - offsets[item]).toBe(sizes[item])
      expect(indices.subarray(offsets[item], offsets[item + 1])).not.toContain(item)
    }
  })

  it('normalizeSymmetrically: within 1e-7 of the reference, and by hand', () => {
    onBoth(kernels => {
      const { offsets, indices, values } = fill(kernels, { kind: 'jaccard' })
      kernels.normalizeSymmetrically({ offsets, indices, values })
      return { values }
    }, 1e-7)
    const { memory, normalizeSymmetrically } = createKernels()
    // row sums 3, 1, 2
    const values = memory.copy(Float32Array.of(1, 2, 1, 2))
    const offsets = memory.copy(Int32Array.of(0, 2, 3, 4))
    normalizeSymmetrically({ offsets, indices: memory.copy(Int32Array.of(1, 2, 0, 0)), values })
    const expected = [1 / Math.sqrt(3), 2 / Math.sqrt(6), 1 / Math.sqrt(3), 2 / Math.sqrt(6)]
    expect([...values]).toEqual(expected.map(Math.fround))
  })

  it('sumSparseRows, with values of either matrix and without: within 1e-6 of the reference', () => {
    onBoth(kernels => {
      const { byUser, byItem } = graphIn(kernels)
      const table = (rows: number) => kernels.memory.floats(rows * ITEMS).fill(7)
      const [weighted, twice, counted] = [table(USERS), table(USERS), table(ITEMS)]
      const { offsets, indices } = fill(kernels, { kind: 'shared' })
      const values = randomFloats(kernels, indices.length, 2)
      kernels.sumSparseRows(byUser, { offsets, indices, values }, ITEMS, weighted)
      const chosen = { ...byUser, values: randomFloats(kernels, byUser.indices.length, 3) }
      kernels.sumSparseRows(chosen, { offsets, indices, values }, ITEMS, twice)
      kernels.sumSparseRows(byItem, byUser, ITEMS, counted)
      return { weighted, twice, counted }
    }, 1e-6)
  })
})
