import { keysOf } from '../../src/statistics/bootstrap.ts'
import type { KernelCase } from './case.ts'

const [SAMPLES, COLUMNS, DOUBLE] = [100, 8, 8]

export const statisticsCases: readonly KernelCase[] = [
  {
    kernel: 'resampleSums',
    variant: `${SAMPLES} samples of ${COLUMNS} columns`,
    prepare({ kernels, data }) {
      const { memory } = kernels
      const keys = memory.copy(keysOf(1, 'bench', 0, SAMPLES))
      const table = memory.doubles(data.users * COLUMNS).fill(0.5)
      const out = memory.doubles(SAMPLES * COLUMNS)
      const adds = SAMPLES * table.length
      return { macs: adds, bytes: adds * DOUBLE, run: () => kernels.resampleSums(keys, table, COLUMNS, out) }
    },
  },
  {
    kernel: 'countFlips',
    variant: `${SAMPLES} permutations`,
    prepare({ kernels, data }) {
      const { memory } = kernels
      const keys = memory.copy(keysOf(1, 'bench', 0, SAMPLES))
      const values = memory.doubles(data.users).fill(0.5)
      const adds = SAMPLES * values.length
      return { macs: adds, bytes: adds * DOUBLE, run: () => kernels.countFlips(keys, values, 1) }
    },
  },
]
