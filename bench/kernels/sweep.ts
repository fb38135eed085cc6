import { type KernelCase, WORD } from './case.ts'
import type { World } from './world.ts'

/** Rows of the matrix, and pivots of the group; small worlds have fewer. */
const [ROWS, PIVOTS] = [1024, 256]
/** Rows that were eliminated, and entries of each. */
const [ELIMINATED, MET] = [128, 64]

function groupOf({ nodes }: World) {
  const n = Math.min(ROWS, nodes)
  const count = Math.min(PIVOTS, 8 * Math.floor(n / 16))
  return { n, first: 0, count }
}

export const sweepCases: readonly KernelCase[] = [
  {
    kernel: 'sweepColumns',
    variant: `${PIVOTS} of ${ROWS}`,
    prepare(world) {
      const { kernels, floats } = world
      const { n, count, first } = groupOf(world)
      const columns = floats(n * count)
      const panels = kernels.sweepPanels(n, count)
      return {
        macs: 1.5 * n * count ** 2,
        bytes: 4 * n * count * WORD,
        run() {
          columns.fill(1 / n)
          for (let i = 0; i < count; i++) columns[i * count + i] = 1.5
          kernels.sweepColumns(columns, { n, first, count, stride: count }, panels)
        },
      }
    },
  },
  {
    kernel: 'sweepRows',
    variant: `by ${PIVOTS} of ${ROWS}`,
    prepare(world) {
      const { kernels, floats } = world
      const { n, count, first } = groupOf(world)
      const rows = floats((n - count) * n)
      const panels = kernels.sweepPanels(n, count)
      const changed = ((n - count) * (n - count)) / 2
      return {
        macs: changed * count,
        bytes: 2 * changed * WORD,
        run: () => kernels.sweepRows(rows, { firstRow: count, end: n }, { n, first, count, stride: n }, panels),
      }
    },
  },
  {
    kernel: 'recoverEliminated',
    variant: `${ELIMINATED} of ${ROWS} rows`,
    prepare({ kernels, nodes, floats }) {
      const { memory } = kernels
      const n = Math.min(ROWS, nodes)
      const count = Math.min(ELIMINATED, Math.floor(n / 2))
      // each of them met the first rows of those that are left
      const rows = memory.copy(Int32Array.from({ length: count }, (_, at) => n - 1 - at))
      const left = memory.copy(Int32Array.from({ length: n - count }, (_, row) => row))
      const met = Math.min(MET, left.length)
      const offsets = memory.copy(Int32Array.from({ length: count + 1 }, (_, at) => at * met))
      const indices = memory.copy(Int32Array.from({ length: count * met }, (_, at) => at % met))
      const factors = { offsets, indices, values: floats(count * met) }
      const matrix = floats(n * n)
      const pivots = { rows, factors, inverses: floats(count) }
      return {
        macs: count * met * n,
        bytes: count * (met + 2) * n * WORD,
        run: () => kernels.recoverEliminated(matrix, n, left, pivots),
      }
    },
  },
]
