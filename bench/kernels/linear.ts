import type { CsrPattern } from '../../src/kernels/interface/kernels.ts'
import { type KernelCase, WORD } from './case.ts'
import { DIMENSIONS, type World } from './world.ts'

const ROW = DIMENSIONS * WORD
/** Multiply-adds of an element of Adam, a root and a division counted as one each. */
const ADAM_MACS = 8
/** Parameter, gradient and both moments are read; all but the gradient are written. */
const ADAM_BYTES = 7 * WORD
/** Rows of the matrix that is inverted. */
const INVERTED = 1024

export const linearCases: readonly KernelCase[] = [
  {
    kernel: 'spmm',
    prepare({ kernels, graph, nodes, tables, floats }) {
      const y = floats(nodes * DIMENSIONS)
      return {
        ...productWork(graph.indices.length, nodes),
        run: () => kernels.spmm(graph, tables.pooled, y, DIMENSIONS),
      }
    },
  },
  {
    kernel: 'spmmLive',
    variant: 'a batch’s gradient',
    prepare({ kernels, graph, nodes, touched, floats }) {
      const { marks } = touched
      const [x, y] = [floats(nodes * DIMENSIONS), floats(nodes * DIMENSIONS)]
      marks.forEach((live, node) => {
        if (!live) x.fill(0, node * DIMENSIONS, (node + 1) * DIMENSIONS)
      })
      const edges = graph.indices.reduce((sum, node) => sum + marks[node], 0)
      const { macs, bytes } = productWork(edges, nodes)
      // every edge is looked at: its index and a byte
      return {
        macs,
        bytes: bytes + graph.indices.length * (WORD + 1),
        run: () => kernels.spmmLive(graph, x, y, DIMENSIONS, { live: marks, liveAdd: marks }, x),
      }
    },
  },
  {
    kernel: 'lastHop',
    variant: 'a batch’s users, all items',
    prepare(world) {
      const { kernels, graph, nodes, tables, data, batch } = world
      const wanted = kernels.memory.bytes(nodes).fill(1, data.users)
      for (const user of batch.users) wanted[user] = 1
      const rows = wanted.reduce((sum, mark) => sum + mark, 0)
      const { macs, bytes } = productWork(edgesOf(graph, wanted), rows)
      return {
        macs: macs + rows * tables.hops * DIMENSIONS,
        bytes: bytes + rows * tables.hops * ROW,
        run: () => kernels.lastHop(graph, tables, wanted),
      }
    },
  },
  {
    kernel: 'poolHops',
    prepare: ({ kernels, nodes, tables }) => ({
      macs: nodes * tables.hops * DIMENSIONS,
      bytes: nodes * (tables.hops + 1) * ROW,
      run: () => kernels.poolHops(tables),
    }),
  },
  {
    kernel: 'copyRows',
    prepare({ kernels, nodes, tables, touched, floats }) {
      const rows = touched.rows.subarray(0, touched.count)
      const to = floats(nodes * DIMENSIONS)
      return {
        macs: 0,
        bytes: rows.length * (2 * ROW + WORD),
        run: () => kernels.copyRows(tables.pooled, to, DIMENSIONS, rows),
      }
    },
  },
  {
    kernel: 'adam',
    variant: 'all rows',
    prepare: world => adamWork(world, world.nodes),
  },
  {
    kernel: 'adam',
    variant: 'a batch’s rows',
    prepare: world => adamWork(world, world.touched.count, world.touched.rows.subarray(0, world.touched.count)),
  },
  {
    kernel: 'adagrad',
    variant: 'a batch’s rows',
    prepare({ kernels, nodes, touched, floats }) {
      const length = nodes * DIMENSIONS
      const [parameter, gradient, sums] = [floats(length), floats(length), floats(nodes)]
      const rows = touched.rows.subarray(0, touched.count)
      const settings = { learningRate: 0.01, epsilon: 1e-10 }
      return {
        macs: 2 * rows.length * DIMENSIONS,
        bytes: 3 * rows.length * ROW,
        run: () => kernels.adagrad(parameter, gradient, sums, settings, rows),
      }
    },
  },
  {
    kernel: 'improveRows',
    variant: 'all users, three steps',
    prepare({ kernels, data, floats, seen }) {
      const { users, items } = data
      const [x, y] = [floats(users * DIMENSIONS), floats(items * DIMENSIONS)]
      const gram = kernels.memory.floats(DIMENSIONS * DIMENSIONS)
      for (let d = 0; d < DIMENSIONS; d++) gram[d * (DIMENSIONS + 1)] = 1
      const applied = 4 * (users * DIMENSIONS * DIMENSIONS + 2 * seen.indices.length * DIMENSIONS)
      const ridges = floats(users).fill(1)
      return {
        macs: applied,
        bytes: (2 * users + 5 * seen.indices.length) * ROW,
        run: () => kernels.improveRows(x, y, seen, gram, ridges, { dimensions: DIMENSIONS, steps: 3 }),
      }
    },
  },
  {
    kernel: 'invertPositiveDefinite',
    variant: `${INVERTED} rows`,
    prepare({ kernels, nodes, floats }) {
      // small worlds invert small matrices
      const n = Math.min(INVERTED, nodes)
      const matrix = floats(n * n)
      const fill = () => {
        matrix.fill(1 / n)
        for (let i = 0; i < n; i++) matrix[i * n + i] = 1.5
      }
      return {
        macs: n ** 3 / 2,
        bytes: 2 * n * n * WORD,
        run() {
          fill()
          kernels.invertPositiveDefinite(matrix, n)
        },
      }
    },
  },
]

/** A sparse product over so many edges into so many rows. */
function productWork(edges: number, rows: number) {
  return { macs: edges * DIMENSIONS, bytes: edges * (2 * WORD + ROW) + rows * ROW }
}

function edgesOf({ offsets }: CsrPattern, wanted: Int8Array): number {
  return wanted.reduce((sum, mark, row) => sum + mark * (offsets[row + 1] - offsets[row]), 0)
}

function adamWork({ kernels, nodes, floats }: World, count: number, rows?: Int32Array) {
  const length = nodes * DIMENSIONS
  const [parameter, gradient] = [floats(length), floats(length)]
  const moments = { first: kernels.memory.floats(length), second: kernels.memory.floats(length) }
  const settings = { learningRate: 0.001, beta1: 0.9, beta2: 0.999, epsilon: 1e-8 }
  const some = rows && { rows, columns: DIMENSIONS }
  return {
    macs: count * DIMENSIONS * ADAM_MACS,
    bytes: count * DIMENSIONS * ADAM_BYTES,
    run: () => kernels.adam(parameter, gradient, moments, settings, 100, some),
  }
}
