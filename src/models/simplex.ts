/** SimpleX: a user is a vector of their own beside the mean of the items of their history. */
import { z } from 'zod'
import { degreesOf } from '../dataset/csr.ts'
import type { Floats } from '../kernels/interface/kernels.ts'
import { number } from '../options.ts'
import { initializeEmbeddings, parameterOver } from './embeddings.ts'
import { createLinear } from './linear.ts'
import { defineEmbeddingModel, type EmbeddingModel } from './model.ts'
import { dimensionsOption } from './options.ts'
import { residentPattern } from './rows.ts'

/**
 * u = g p_u + (1 − g) (mean of e_i over the history) V; an item is e_i. Cost of a step: two sparse products with the interactions, and two of the
 * users' table with V.
 */
export const simplex = defineEmbeddingModel({
  name: 'simplex',
  summary: "User vector plus the mean of the history's items; use the objective ccl and --rank-by cosine.",
  source:
    'Mao et al., "SimpleX: a simple and strong baseline for collaborative filtering", CIKM 2021, arXiv 2109.12613, average pooling; ' +
    'differs: whole histories, no dropout; a positive stays in the history that it is predicted from, as released',
  options: z.object({
    dimensions: dimensionsOption,
    ownShare: number(0, 1).default(0.5).describe('g, share of the user vector beside the history; 1 is mf'),
  }),
  footprint: ({ users, items, interactions }, { dimensions }) => ({
    hops: 1,
    bytes: 4 * (3 * (users + items) + 3 * users) * dimensions + 24 * interactions,
  }),
  create({ train, kernels, seed }, { dimensions, ownShare }): EmbeddingModel {
    const { users, items, byUser, byItem } = train
    const { memory } = kernels
    const [length, first] = [(users + items) * dimensions, users * dimensions]
    const degrees = degreesOf(byUser)
    const weigh = (pattern: typeof byUser, userOf: (row: number, entry: number) => number) => {
      const values = memory.floats(pattern.indices.length)
      for (let row = 0; row + 1 < pattern.offsets.length; row++)
        for (let entry = pattern.offsets[row]; entry < pattern.offsets[row + 1]; entry++)
          values[entry] = 1 / degrees[userOf(row, entry)]
      return { ...residentPattern(memory, pattern), values }
    }
    const means = weigh(byUser, user => user)
    const back = weigh(byItem, (_, entry) => byItem.indices[entry])
    const embeddings = parameterOver(memory.floats(length), kernels)
    initializeEmbeddings(embeddings.values, users, items, dimensions, seed)
    const linear = createLinear(kernels, seed, 'history', { inner: dimensions, columns: dimensions })
    const table = () => memory.floats(first)
    const [history, turned, toHistory] = [table(), table(), table()]
    const toItems = memory.floats(length - first)
    const pooled = memory.floats(length)
    const ofItems = (values: Floats) => values.subarray(first)
    return {
      parameters: { embeddings, ...linear.parameters },
      tables: { users, items, dimensions, hops: 1, hop: pooled, pooled },
      forward() {
        kernels.spmm(means, ofItems(embeddings.values), history, dimensions)
        linear.forward(history, turned)
        for (let at = 0; at < first; at++) pooled[at] = ownShare * embeddings.values[at] + (1 - ownShare) * turned[at]
        pooled.set(ofItems(embeddings.values), first)
      },
      backward(gradients, _pickedHops, touched) {
        const { gradient } = embeddings
        if (!touched) gradient.set(gradients)
        else {
          gradient.fill(0)
          kernels.copyRows(gradients, gradient, dimensions, touched.rows.subarray(0, touched.count))
        }
        for (let at = 0; at < first; at++) {
          turned[at] = (1 - ownShare) * gradient[at]
          gradient[at] *= ownShare
        }
        linear.clear()
        linear.backward(history, turned, toHistory.fill(0))
        kernels.spmm(back, toHistory, toItems, dimensions)
        const own = ofItems(gradient)
        for (let at = 0; at < own.length; at++) own[at] += toItems[at]
      },
    }
  },
})
