import { type KernelCase, WORD } from './case.ts'
import { DIMENSIONS, type World } from './world.ts'

const ROW = DIMENSIONS * WORD
/** M, negatives that a batch shares */
const SHARED = 256

export const vectorCases: readonly KernelCase[] = [
  {
    kernel: 'gatherRows',
    prepare({ kernels, tables, batch, floats }) {
      const out = floats(batch.size * DIMENSIONS)
      return {
        macs: 0,
        bytes: batch.size * 2 * ROW,
        run: () => kernels.gatherRows(tables.pooled, DIMENSIONS, batch.users, out),
      }
    },
  },
  {
    kernel: 'gatherNegatives',
    prepare({ kernels, tables, batch, negatives, floats }) {
      const out = floats(batch.size * DIMENSIONS)
      const vectors = batch.size * 2 * negatives.pickedHops
      return {
        macs: vectors * DIMENSIONS,
        bytes: (vectors + batch.size) * ROW,
        run: () => kernels.gatherNegatives(tables, batch, negatives, out),
      }
    },
  },
  {
    kernel: 'scatterRows',
    prepare({ kernels, nodes, batch, floats }) {
      const [values, out] = [floats(batch.size * DIMENSIONS), floats(nodes * DIMENSIONS)]
      return {
        macs: values.length,
        bytes: batch.size * 3 * ROW,
        run: () => kernels.scatterRows(values, DIMENSIONS, batch.users, out, 1e-3),
      }
    },
  },
  {
    kernel: 'multiply',
    variant: `B × D by D × ${SHARED}`,
    prepare({ kernels, batch, floats }) {
      const [a, b, c] = [DIMENSIONS * batch.size, DIMENSIONS * SHARED, batch.size * SHARED].map(floats)
      const shape = { rows: batch.size, inner: DIMENSIONS, columns: SHARED }
      return {
        macs: batch.size * DIMENSIONS * SHARED,
        bytes: (a.length + b.length + c.length) * WORD,
        run: () => kernels.multiply(a, b, c, shape),
      }
    },
  },
  {
    kernel: 'dotRows',
    prepare(world) {
      const { a, b, values } = rows(world)
      return {
        macs: a.length,
        bytes: 2 * a.length * WORD,
        run: () => world.kernels.dotRows(a, b, 1, DIMENSIONS, values),
      }
    },
  },
  {
    kernel: 'dotRowsBack',
    prepare(world) {
      const { a, b, values } = rows(world)
      const [toA, toB] = [world.floats(a.length), world.floats(a.length)]
      return {
        macs: 2 * a.length,
        bytes: 5 * a.length * WORD,
        run: () => world.kernels.dotRowsBack(a, b, values, 1, DIMENSIONS, toA, toB),
      }
    },
  },
  {
    kernel: 'transpose',
    prepare(world) {
      const { a, b } = rows(world)
      return {
        macs: 0,
        bytes: 2 * a.length * WORD,
        run: () => world.kernels.transpose(a, world.batch.size, DIMENSIONS, b),
      }
    },
  },
  {
    kernel: 'normalizeRows',
    prepare(world) {
      const { a, b, values } = rows(world)
      return {
        macs: 2 * a.length,
        bytes: 2 * a.length * WORD,
        run: () => world.kernels.normalizeRows(a, DIMENSIONS, b, values),
      }
    },
  },
  {
    kernel: 'normalizeRowsBack',
    prepare(world) {
      const { a, b, values } = rows(world)
      // norms of 1: what is divided again and again stays what it is
      values.fill(1)
      return {
        macs: 2 * a.length,
        bytes: 3 * a.length * WORD,
        run: () => world.kernels.normalizeRowsBack(a, values, DIMENSIONS, b),
      }
    },
  },
  {
    kernel: 'gaussianRows',
    variant: 'B × B',
    prepare({ kernels, batch, floats }) {
      const { size } = batch
      const [x, sums] = [floats(size * size), floats(size)]
      // a scale this small leaves values between 0 and 1 there, however often it is done
      return { macs: 0, bytes: 2 * x.length * WORD, run: () => kernels.gaussianRows(x, size, 0.5, sums) }
    },
  },
  {
    kernel: 'sigmoid',
    prepare(world) {
      const { a } = rows(world)
      return { macs: 0, bytes: 2 * a.length * WORD, run: () => world.kernels.sigmoid(a) }
    },
  },
  {
    kernel: 'sharedSoftmax',
    variant: `${SHARED} shared`,
    prepare(world) {
      const { kernels, data, batch, negatives, seen, floats, ints } = world
      const { memory } = kernels
      const pool = {
        ...{ scores: floats(batch.size * SHARED), items: ints(SHARED, data.items) },
        ...{ counts: memory.floats(SHARED).fill(1), heads: memory.ints(data.items).fill(-1) },
        ...{ next: memory.ints(SHARED).fill(-1), forbidden: seen },
      }
      pool.items.forEach((item, place) => {
        pool.next[place] = pool.heads[item]
        pool.heads[item] = place
      })
      const values = () => ({ positive: floats(batch.size), negative: floats(batch.size) })
      const [scores, derivatives, loss] = [values(), values(), floats(batch.size)]
      return {
        macs: 0,
        bytes: 2 * pool.scores.length * WORD,
        run: () => kernels.sharedSoftmax(pool, batch, negatives, 10, scores, derivatives, loss),
      }
    },
  },
]

/** As many rows as a batch has, twice, and a value for each. */
function rows({ batch, floats }: World) {
  const length = batch.size * DIMENSIONS
  return { a: floats(length), b: floats(length), values: floats(batch.size) }
}
