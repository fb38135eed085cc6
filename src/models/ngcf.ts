/** NGCF: graph convolution with weights, and an interaction of neighbours in every step. */
import { z } from 'zod'
import type { Floats } from '../kernels/interface/kernels.ts'
import { number } from '../options.ts'
import { derive } from '../random.ts'
import { initializeEmbeddings, parameterOver } from './embeddings.ts'
import { graphFootprint, normalizedAdjacency } from './graph.ts'
import { createLinear } from './linear.ts'
import { defineEmbeddingModel, type EmbeddingModel } from './model.ts'
import { dimensionsOption, layersOption } from './options.ts'

/** Of LeakyReLU below 0. */
const SLOPE = 0.2

/**
 * E^l = LeakyReLU((Â + I) E^{l−1} W₁ + Â E^{l−1} ⊙ E^{l−1} W₂), for l = 1 … L; a node's vector is E⁰ … E^L side by side, which is
 * one hop of (L + 1) D here. In training each message is dropped with some probability. Cost of a step: 2 L sparse products
 * and O(L (U + I) D²).
 */
export const ngcf = defineEmbeddingModel({
  name: 'ngcf',
  summary: 'Graph convolution with dense layers and neighbour products; all hops concatenated.',
  source:
    'Wang et al., "Neural graph collaborative filtering", SIGIR 2019, arXiv 1905.08108 eq. 7; no node dropout; ' +
    'differs: the L2 term is on the whole vectors of a batch, as released, and not on the weights',
  options: z.object({
    dimensions: dimensionsOption,
    layers: layersOption,
    messageDropout: number(0, 0.9).default(0.1).describe("share of each step's elements dropped in training"),
  }),
  footprint(sizes, { dimensions, layers }) {
    const { hops: _, bytes } = graphFootprint(sizes, dimensions, 0)
    const table = 4 * (sizes.users + sizes.items) * dimensions
    return {
      hops: 1,
      vectorLength: (layers + 1) * dimensions,
      bytes: bytes + table * (3 * layers + 1 + 2 * (layers + 1)),
    }
  },
  create(context, { dimensions, layers, messageDropout }): EmbeddingModel {
    const { train, kernels, seed, edgeWeights } = context
    const { users, items } = train
    const { memory } = kernels
    const nodes = users + items
    const width = (layers + 1) * dimensions
    const length = nodes * dimensions
    const table = () => memory.floats(length)
    const adjacency = normalizedAdjacency(train, kernels, edgeWeights)
    const embeddings = parameterOver(table(), kernels)
    initializeEmbeddings(embeddings.values, users, items, dimensions, context)
    const square = { inner: dimensions, columns: dimensions, bound: Math.sqrt(6 / (2 * dimensions)) }
    const steps = Array.from({ length: layers }, (_, l) => ({
      sum: createLinear(kernels, seed, `sum.${l + 1}`, square),
      product: createLinear(kernels, seed, `product.${l + 1}`, square),
      /** Â E^{l−1}, E^l and ∂E^l/∂(what LeakyReLU is of) */
      ...{ neighbors: table(), out: table(), slopes: table() },
    }))
    const [sums, products, toSums, toProducts, carried] = [table(), table(), table(), table(), table()]
    const [pooled, gradients] = [memory.floats(nodes * width), memory.floats(nodes * width)]
    const inputOf = (l: number) => (l === 0 ? embeddings.values : steps[l - 1].out)

    /** What the two layers of a step are given. */
    const combine = (own: Floats, neighbors: Floats): void => {
      for (let at = 0; at < length; at++) {
        sums[at] = own[at] + neighbors[at]
        products[at] = own[at] * neighbors[at]
      }
    }

    return {
      parameters: {
        embeddings,
        ...Object.assign({}, ...steps.flatMap(({ sum, product }) => [sum.parameters, product.parameters])),
      },
      tables: { users, items, dimensions: width, hops: 1, hop: pooled, pooled },
      forward(_needed, at) {
        copyColumns(inputOf(0), pooled, dimensions, width, 0)
        steps.forEach(({ sum, product, neighbors, out, slopes }, l) => {
          kernels.spmm(adjacency, inputOf(l), neighbors, dimensions)
          combine(inputOf(l), neighbors)
          sum.forward(sums, out)
          product.forward(products, out, true)
          if (at) kernels.drawUniforms({ key: derive(seed, 'dropout', l + 1), ...at }, nodes, dimensions, slopes)
          for (let i = 0; i < length; i++) {
            const kept = at ? (slopes[i] < messageDropout ? 0 : 1 / (1 - messageDropout)) : 1
            slopes[i] = kept * (out[i] > 0 ? 1 : SLOPE)
            out[i] *= slopes[i]
          }
          copyColumns(out, pooled, dimensions, width, (l + 1) * dimensions)
        })
      },
      backward(write, _pickedHops, touched) {
        write(0, gradients)
        const rows = touched?.rows.subarray(0, touched.count)
        carried.fill(0)
        for (let l = layers - 1; l >= 0; l--) {
          const { sum, product, neighbors, slopes } = steps[l]
          addColumns(gradients, carried, dimensions, width, (l + 1) * dimensions, rows)
          for (let at = 0; at < length; at++) carried[at] *= slopes[at]
          combine(inputOf(l), neighbors)
          for (const layer of [sum, product]) layer.clear()
          sum.backward(sums, carried, toSums.fill(0))
          product.backward(products, carried, toProducts.fill(0))
          const own = inputOf(l)
          // the sums are free by now
          for (let at = 0; at < length; at++) {
            sums[at] = toSums[at] + toProducts[at] * own[at]
            toSums[at] += toProducts[at] * neighbors[at]
          }
          kernels.spmm(adjacency, sums, carried, dimensions, toSums)
        }
        embeddings.gradient.set(carried)
        addColumns(gradients, embeddings.gradient, dimensions, width, 0, rows)
      },
    }
  },
})

/** A table of `columns` into the columns from `first` of one of `width`. */
function copyColumns(from: Floats, to: Floats, columns: number, width: number, first: number): void {
  for (let at = 0, target = first; at < from.length; at += columns, target += width)
    to.set(from.subarray(at, at + columns), target)
}

/** Adds the columns from `first` of a table of `width`, for some of its rows. */
function addColumns(from: Floats, to: Floats, columns: number, width: number, first: number, rows?: Int32Array): void {
  const count = rows?.length ?? to.length / columns
  for (let n = 0; n < count; n++) {
    const row = rows ? rows[n] : n
    for (let c = 0; c < columns; c++) to[row * columns + c] += from[row * width + first + c]
  }
}
