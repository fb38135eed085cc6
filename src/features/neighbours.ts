/** What the items of a history are to each candidate, by any matrix of weights between items. */
import { z } from 'zod'
import { fillingBytes } from '../dataset/cooccurrence.ts'
import type { CsrMatrix, Floats } from '../kernels/interface/kernels.ts'
import type { BaselineDefinition } from '../models/model.ts'
import { wholePower } from '../powers.ts'
import {
  type CandidateBlock,
  type Column,
  defineFeature,
  type Feature,
  type FeatureDefinition,
  type FeatureTable,
} from './feature.ts'

/** γ of Σ γ^age w_ij; where there is no order, the first alone. */
const DECAYS = [1, 0.8, 0.4] as const

/** A feature over the weights of a baseline that sums rows of weights. */
export const defineNeighbourFeature = (definition: {
  name: string
  summary: string
  source: string
  /** what a large weight means */
  meaning: string
  baseline: BaselineDefinition
  options: Readonly<Record<string, unknown>>
}): FeatureDefinition => {
  const { name, summary, source, meaning, baseline, options } = definition
  return defineFeature({
    ...{ name, summary, source, options: z.object({}) },
    footprint: sizes => ({ kept: baseline.footprint?.(sizes, options) ?? 0, learning: fillingBytes(sizes) }),
    unavailable: ({ train }) => baseline.unsupportedReason?.(train, options),
    learn(context) {
      const { offsets, indices, values } = baseline.fit(context, options).weights as CsrMatrix
      return {
        ordered: context.train.timestamps !== undefined,
        tensors: {
          offsets: { shape: [offsets.length], values: offsets },
          indices: { shape: [indices.length], values: indices },
          values: { shape: [values.length], values },
        },
      }
    },
    open: (_kernels, tensor, ordered) =>
      neighbourFeature(
        {
          offsets: tensor('offsets') as Int32Array,
          indices: tensor('indices') as Int32Array,
          values: tensor('values') as Floats,
        },
        ordered,
        meaning,
      ),
  })
}

/**
 * Columns from w_ij over the items i of the history, for each candidate j: the sum, where there is order with γ^age too,
 * the newest item's, the largest and the second largest.
 * @param weights [I × I], not negative
 * @param meaning of a large w_ij, such as "users who had one also had the other"
 */
function neighbourFeature(weights: CsrMatrix, ordered: boolean, meaning: string): Feature {
  const decays = ordered ? DECAYS : DECAYS.slice(0, 1)
  const amount = (name: string, of: string): Column => ({ name, meaning: `${meaning}: ${of}`, kind: 'amount' })
  const columns = [
    ...decays.map(decay =>
      decay === 1 ? amount('sum', 'whole history') : amount(`sum-${decay}`, `newer items count more, γ = ${decay}`),
    ),
    ...(ordered ? [amount('newest', 'newest item')] : []),
    amount('largest', 'closest item'),
    amount('second', 'second closest item'),
  ]
  return {
    columns,
    fill: (block, out) => fillNeighbours(weights, decays, ordered, block, out),
  }
}

function fillNeighbours(
  { offsets, indices, values }: CsrMatrix,
  decays: readonly number[],
  ordered: boolean,
  { histories, items, k }: CandidateBlock,
  { values: out, stride, first }: FeatureTable,
): void {
  const place = new Int32Array(offsets.length - 1).fill(-1)
  const powers = new Float64Array(decays.length)
  const [newest, largest] = [first + decays.length, first + decays.length + Number(ordered)]
  for (let row = 0; row + 1 < histories.offsets.length; row++) {
    for (let at = row * k; at < (row + 1) * k; at++) if (items[at] >= 0) place[items[at]] = at
    for (let entry = histories.offsets[row]; entry < histories.offsets[row + 1]; entry++) {
      const item = histories.indices[entry]
      const age = histories.ages?.[entry] ?? 0
      const counts = histories.values?.[entry] ?? 1
      decays.forEach((decay, d) => {
        powers[d] = counts * wholePower(decay, age)
      })
      for (let e = offsets[item]; e < offsets[item + 1]; e++) {
        const at = place[indices[e]]
        if (at < 0) continue
        const weight = values[e]
        const to = at * stride
        for (let d = 0; d < powers.length; d++) out[to + first + d] += powers[d] * weight
        if (ordered && age === 0) out[to + newest] += weight
        if (weight > out[to + largest]) {
          out[to + largest + 1] = out[to + largest]
          out[to + largest] = weight
        } else if (weight > out[to + largest + 1]) out[to + largest + 1] = weight
      }
    }
    for (let at = row * k; at < (row + 1) * k; at++) if (items[at] >= 0) place[items[at]] = -1
  }
}
