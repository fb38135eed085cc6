import { type KernelCase, WORD } from './case.ts'
import type { World } from './world.ts'

/** Rows of the matrix, and pivots of the group; small worlds have fewer. */
const [ROWS, PIVOTS] = [1024, 256]

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
]
