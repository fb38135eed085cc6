/** SimpleX: a user is a vector of their own beside the items of their history. */
import { z } from 'zod'
import { degreesOf } from '../dataset/csr.ts'
import type { Floats } from '../kernels/interface/kernels.ts'
import { choice, number } from '../options.ts'
import { initializeEmbeddings, initializeRows, parameterOver } from './embeddings.ts'
import { createLinear } from './linear.ts'
import { defineEmbeddingModel, type EmbeddingModel } from './model.ts'
import { dimensionsOption } from './options.ts'
import { residentPattern } from './rows.ts'

/**
 * u = g p_u + (1 − g) (mean of h_i over the history) V; an item is e_i, and h_i is e_i or a vector of its own. Cost of a step: the histories
 * of the batch's users, forward and back.
 */
export const simplex = defineEmbeddingModel({
  name: 'simplex',
  summary: "User vector plus the history's items; use the objective ccl and --rank-by cosine.",
  source:
    'Mao et al., "SimpleX: a simple and strong baseline for collaborative filtering", CIKM 2021, arXiv 2109.12613, average pooling; ' +
    'differs: whole histories, no dropout; a positive stays in the history that it is predicted from, as released',
  options: z.object({
    dimensions: dimensionsOption,
    ownShare: number(0, 1).default(0.5).describe('g, share of the user vector beside the history; 1 is mf'),
    historyVectors: choice(['shared', 'own']).describe(
      'vectors of a history: those that items are ranked by, or own ones, as in the released configuration for Gowalla, but without an L2 term',
    ),
    pooling: choice(['mean', 'sum']).describe(
      "mean of the history, or its sum over the longest history's length, so that long histories count more, as where a softmax counts padding",
    ),
  }),
  footprint: ({ users, items, interactions }, { dimensions, historyVectors }) => {
    // values, gradients and what Adam remembers
    const own = historyVectors === 'own' ? 4 * items : 0
    return {
      hops: 1,
      bytes: 4 * (3 * (users + items) + 4 * users + own) * dimensions + 24 * interactions + 4 * users,
    }
  },
  create(context, { dimensions, ownShare, historyVectors, pooling }): EmbeddingModel {
    const { train, kernels, seed } = context
    const { users, items, byUser, byItem } = train
    const { memory } = kernels
    const [length, first] = [(users + items) * dimensions, users * dimensions]
    const degrees = degreesOf(byUser)
    const longest = degrees.reduce((most, degree) => Math.max(most, degree), 1)
    const weigh = (pattern: typeof byUser, userOf: (row: number, entry: number) => number) => {
      const values = memory.floats(pattern.indices.length)
      for (let row = 0; row + 1 < pattern.offsets.length; row++)
        for (let entry = pattern.offsets[row]; entry < pattern.offsets[row + 1]; entry++)
          values[entry] = 1 / (pooling === 'sum' ? longest : degrees[userOf(row, entry)])
      return { ...residentPattern(memory, pattern), values }
    }
    const means = weigh(byUser, user => user)
    const shares = weigh(byItem, (_, entry) => byItem.indices[entry])
    const embeddings = parameterOver(memory.floats(length), kernels)
    initializeEmbeddings(embeddings.values, users, items, dimensions, context)
    const own = historyVectors === 'own' ? parameterOver(memory.floats(length - first), kernels) : undefined
    if (own) initializeRows(own.values, items, dimensions, context, 'histories')
    const linear = createLinear(kernels, seed, 'history', { inner: dimensions, columns: dimensions })
    const table = () => memory.floats(first)
    const [history, packed, turned, toHistory] = [table(), table(), table(), table()]
    const toItems = own?.gradient ?? memory.floats(length - first)
    const pooled = memory.floats(length)
    const rows = memory.ints(users)
    const ofItems = (values: Floats) => values.subarray(first)
    const rowOf = (values: Floats, row: number) => values.subarray(row * dimensions, (row + 1) * dimensions)
    /** Their histories, one behind the other, and as much of the tables of what is made of them. */
    const pack = (of: Int32Array) => {
      const beginning = (values: Floats) => values.subarray(0, of.length * dimensions)
      kernels.gatherRows(history, dimensions, of, beginning(packed))
      return { histories: beginning(packed), products: beginning(turned) }
    }
    const usersWhere = (has: (user: number) => boolean) => {
      let count = 0
      for (let user = 0; user < users; user++) if (has(user)) rows[count++] = user
      return rows.subarray(0, count)
    }
    return {
      parameters: { embeddings, ...(own && { histories: own }), ...linear.parameters },
      tables: { users, items, dimensions, hops: 1, hop: pooled, pooled },
      initial: embeddings.values,
      forward(needed) {
        const wanted = needed && { wanted: needed.subarray(0, users) }
        kernels.spmmLive(means, own?.values ?? ofItems(embeddings.values), history, dimensions, wanted ?? {})
        const of = usersWhere(user => needed?.[user] !== 0)
        const { histories, products } = pack(of)
        linear.forward(histories, products)
        for (let at = 0, b = 0; b < of.length; b++)
          for (let to = of[b] * dimensions, end = to + dimensions; to < end; to++, at++)
            pooled[to] = ownShare * embeddings.values[to] + (1 - ownShare) * products[at]
        pooled.set(ofItems(embeddings.values), first)
      },
      backward(write, _pickedHops, touched) {
        const { gradient } = embeddings
        if (touched) gradient.fill(0)
        write(0, gradient)
        const of = usersWhere(user => touched?.marks[user] !== 0)
        const { histories, products } = pack(of)
        for (let at = 0, b = 0; b < of.length; b++)
          for (let from = of[b] * dimensions, end = from + dimensions; from < end; from++, at++) {
            products[at] = (1 - ownShare) * gradient[from]
            gradient[from] *= ownShare
          }
        linear.clear()
        const back = toHistory.subarray(0, products.length).fill(0)
        linear.backward(histories, products, back)
        // as a table of all users from here on, in which those without a gradient are zero
        packed.fill(0)
        for (let b = 0; b < of.length; b++) rowOf(packed, of[b]).set(rowOf(back, b))
        const live = touched && { live: touched.marks.subarray(0, users) }
        const toShared = own ? undefined : ofItems(gradient)
        kernels.spmmLive(shares, packed, toItems, dimensions, live ?? {}, toShared)
        toShared?.set(toItems)
      },
    }
  },
})
