import type { PairValues } from '../../src/kernels/interface/kernels.ts'
import { createBatchNodes } from '../../src/kernels/rows.ts'
import { type KernelCase, WORD } from './case.ts'
import { DIMENSIONS, type World } from './world.ts'

const ROW = DIMENSIONS * WORD

export const pairCases: readonly KernelCase[] = [
  {
    kernel: 'scorePairs',
    prepare(world) {
      const { kernels, tables, batch, negatives } = world
      const { positive, negative } = pairValues(world)
      return {
        ...mixedWork(world),
        run: () => kernels.scorePairs(tables, batch, negatives, positive, negative),
      }
    },
  },
  lossCase('bpr'),
  lossCase('crossEntropy'),
  {
    kernel: 'userGradients',
    prepare(world) {
      const { kernels, tables, batch, negatives, floats } = world
      const [derivatives, out] = [pairValues(world), floats(batch.size * DIMENSIONS)]
      return {
        ...mixedWork(world),
        run: () => kernels.userGradients(tables, batch, negatives, derivatives, out),
      }
    },
  },
  {
    kernel: 'groupByNode',
    prepare({ kernels, nodes, tables, batch, negatives }) {
      const entries = batch.size * (2 + negatives.pickedHops)
      const grouped = createBatchNodes(kernels.memory, nodes, entries)
      // an entry is read, counted and written
      const run = () => kernels.groupByNode(tables, batch, negatives, grouped)
      return { macs: 0, bytes: entries * 3 * WORD, run }
    },
  },
  {
    kernel: 'scatterGradients',
    prepare(world) {
      const { kernels, nodes, tables, batch, negatives, touched, floats } = world
      const { pickedHops } = negatives
      const derivatives = pairValues(world)
      const [users, out] = [floats(batch.size * DIMENSIONS), floats(nodes * DIMENSIONS)]
      const added = pickedHops * batch.size * 3
      return {
        macs: added * DIMENSIONS,
        bytes: (added + pickedHops * touched.count) * ROW,
        run() {
          for (let h = 0; h < pickedHops; h++)
            kernels.scatterGradients(tables, batch, negatives, derivatives, users, touched, h, out)
        },
      }
    },
  },
  {
    kernel: 'addRegularization',
    prepare(world) {
      const { kernels, nodes, tables, batch, negatives, touched, floats } = world
      const [out, loss] = [floats(nodes * DIMENSIONS), floats(batch.size)]
      const vectors = batch.size * (2 + 2 * negatives.pickedHops)
      return {
        macs: 2 * vectors * DIMENSIONS,
        bytes: (2 * vectors + touched.count) * ROW,
        run: () => kernels.addRegularization(tables, batch, negatives, 1e-4, touched, out, loss),
      }
    },
  },
  {
    kernel: 'penalizeRows',
    prepare({ kernels, nodes, tables, floats }) {
      const [out, squares] = [floats(nodes * DIMENSIONS), floats(nodes)]
      const table = tables.hop.subarray(0, out.length)
      return {
        macs: 2 * nodes * DIMENSIONS,
        bytes: 3 * nodes * ROW,
        run: () => kernels.penalizeRows(table, DIMENSIONS, 1e-8, out, squares),
      }
    },
  },
  {
    kernel: 'updateRows',
    variant: 'MF, one negative',
    prepare(world) {
      const { kernels, nodes, tables, batch, floats, ints } = world
      const [hop, first, second] = [floats(nodes * DIMENSIONS), floats(nodes * DIMENSIONS), floats(nodes * DIMENSIONS)]
      const one = { ...tables, hops: 1, hop, pooled: hop }
      const negatives = { perPositive: 1, pickedHops: 1, items: ints(batch.size, tables.items) }
      const gradients = { derivatives: pairValues(world), userGradients: floats(batch.size * DIMENSIONS) }
      const grouped = createBatchNodes(kernels.memory, nodes, 3 * batch.size)
      kernels.groupByNode(one, batch, negatives, grouped)
      const settings = { learningRate: 1e-3, beta1: 0.9, beta2: 0.999, epsilon: 1e-8 }
      const adam = { moments: { first, second }, settings, step: 1 }
      return {
        macs: (3 * batch.size + 9 * grouped.count) * DIMENSIONS,
        bytes: (3 * batch.size + 6 * grouped.count) * ROW,
        run: () => kernels.updateRows(one, batch, negatives, gradients, 1e-4, grouped, adam),
      }
    },
  },
]

function lossCase(kernel: 'bpr' | 'crossEntropy'): KernelCase {
  return {
    kernel,
    prepare(world) {
      const { kernels, batch, negatives, floats } = world
      const [scores, derivatives, loss] = [pairValues(world), pairValues(world), floats(batch.size)]
      return {
        macs: 0,
        bytes: batch.size * 6 * WORD,
        run: () => kernels[kernel](batch, negatives, scores, derivatives, loss),
      }
    },
  }
}

/** What is read to score or differentiate by users: the user, the positive, and of each hop the negative and the positive. */
function mixedWork({ batch, negatives }: World) {
  const vectors = batch.size * (2 + 2 * negatives.pickedHops)
  return { macs: vectors * DIMENSIONS, bytes: vectors * ROW }
}

function pairValues({ batch, floats }: World): PairValues {
  return { positive: floats(batch.size), negative: floats(batch.size) }
}
