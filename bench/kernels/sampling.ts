import { derive } from '../../src/random.ts'
import { type KernelCase, WORD } from './case.ts'
import { CANDIDATES, DIMENSIONS, type World } from './world.ts'

const ROW = DIMENSIONS * WORD
const AT = { key: derive(1, 'negatives'), epoch: 1, batch: 1 }

export const samplingCases: readonly KernelCase[] = [
  {
    kernel: 'shuffle',
    prepare({ kernels, data, ints }) {
      const order = ints(data.interactions, data.interactions)
      return { macs: 0, bytes: 4 * order.length * WORD, run: () => kernels.shuffle(order, AT.key) }
    },
  },
  {
    kernel: 'drawUniforms',
    prepare({ kernels, batch, floats }) {
      const out = floats(batch.size * 16)
      return { macs: 0, bytes: out.length * WORD, run: () => kernels.drawUniforms(AT, batch.size, 16, out) }
    },
  },
  {
    kernel: 'addNoise',
    prepare({ kernels, nodes, floats }) {
      const x = floats(nodes * DIMENSIONS)
      // a noise this small leaves the values what they are, however often it is added
      const run = () => kernels.addNoise(AT, x, DIMENSIONS, 1e-6)
      return { macs: 2 * x.length, bytes: 2 * x.length * WORD, run }
    },
  },
  {
    kernel: 'drawItems',
    prepare({ kernels, data, batch, seen, ints }) {
      const out = ints(batch.size * CANDIDATES, data.items)
      // a draw is written once; where it falls among the seen is searched in their rows
      const run = () => kernels.drawItems(AT, batch.users, seen, data.items, CANDIDATES, out)
      return { macs: 0, bytes: out.length * WORD, run }
    },
  },
  {
    kernel: 'scoreCandidates',
    prepare(world) {
      const { kernels, tables, batch } = world
      const { candidates, scores, products } = candidateArrays(world)
      return {
        macs: products * DIMENSIONS,
        bytes: products * (ROW + WORD) + candidates.length * WORD,
        run: () => kernels.scoreCandidates(tables, batch, candidates, CANDIDATES, tables.hops, scores),
      }
    },
  },
  {
    kernel: 'mixScores',
    prepare(world) {
      const { kernels, tables, batch, negatives } = world
      const { scores, products } = candidateArrays(world)
      const positives = batch.size * tables.hops
      return {
        macs: positives * DIMENSIONS + products,
        bytes: positives * 2 * ROW + products * 2 * WORD,
        run: () => kernels.mixScores(tables, batch, negatives.mix, CANDIDATES, scores),
      }
    },
  },
  {
    kernel: 'addCodeSimilarity',
    variant: 'two views',
    prepare(world) {
      const { kernels, tables, batch, codes } = world
      const { candidates, scores, products } = candidateArrays(world)
      const views = [0.1, 0.3].map(weight => ({ codes: codes(), weight }))
      const perView = candidates.length * views[0].codes.depth + products * 2 * WORD
      return {
        macs: views.length * products,
        bytes: views.length * perView + products * 2 * WORD,
        run: () => kernels.addCodeSimilarity(views, batch, candidates, CANDIDATES, tables.hops, scores),
      }
    },
  },
  {
    kernel: 'pickLargest',
    prepare(world) {
      const { kernels, tables, batch, ints } = world
      const { candidates, scores, products } = candidateArrays(world)
      const picked = ints(batch.size * tables.hops, 1)
      return {
        macs: 0,
        bytes: (products + candidates.length + picked.length) * WORD,
        run: () => kernels.pickLargest(candidates, scores, batch.size, tables.hops, CANDIDATES, picked),
      }
    },
  },
]

function candidateArrays({ data, tables, batch, ints, floats }: World) {
  const products = batch.size * tables.hops * CANDIDATES
  return { candidates: ints(batch.size * CANDIDATES, data.items), scores: floats(products), products }
}
