import { z } from 'zod'
import { offsetsOf } from '../dataset/csr.ts'
import { filledPlaces } from '../places.ts'
import { defineFeature, forEachCandidate } from './feature.ts'

/**
 * What a judge says: its confidence, and whether it was asked at all. It was asked of users and candidates of its own; for
 * others, and where its answer could not be read, both are 0.
 */
export const verdicts = defineFeature({
  name: 'verdicts',
  summary: "A judge's confidence, and whether it was asked.",
  source: 'own: a judge of false negatives knows which unobserved items a user would like',
  options: z.object({}),
  unavailable: ({ verdicts }) => (verdicts ? undefined : 'no judge was asked'),
  learn({ verdicts, train }) {
    const { k, items, confidence } = verdicts!
    const places = filledPlaces(items)
    const users = places.map(place => Math.floor(place / k))
    const column = <T extends Int32Array | Float32Array>(values: T) => ({ shape: [values.length], values })
    return {
      ordered: false,
      tensors: {
        offsets: column(offsetsOf(users, train.users)),
        items: column(Int32Array.from(places, place => items[place])),
        confidence: column(Float32Array.from(places, place => confidence[place])),
      },
    }
  },
  open(_kernels, tensor) {
    const [offsets, items, confidence] = [tensor('offsets'), tensor('items'), tensor('confidence')]
    return {
      columns: [
        { name: 'confidence', meaning: 'the judge holds that the user would like it', kind: 'value' },
        { name: 'asked', meaning: 'it was a candidate that the judge was asked about', kind: 'value' },
      ],
      fill(block, { values, stride, first }) {
        forEachCandidate(block, (item, place, row) => {
          const user = block.users?.[row] ?? -1
          if (user < 0) return
          const at = items.subarray(offsets[user], offsets[user + 1]).indexOf(item)
          if (at < 0) return
          values[place * stride + first] = confidence[offsets[user] + at]
          values[place * stride + first + 1] = 1
        })
      },
    }
  },
})
