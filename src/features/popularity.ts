import { z } from 'zod'
import { degreesOf } from '../dataset/csr.ts'
import { historiesOf } from '../dataset/histories.ts'
import { wholePower } from '../powers.ts'
import { type Column, defineFeature, forEachCandidate } from './feature.ts'

/** γ of the weight of an item at an age */
const RECENCY = 0.5

const value = (name: string, meaning: string): Column => ({ name, meaning, kind: 'value' })

/** ln(1 + users of the item); where there is order, also how near the end of their histories the item stands on average. */
export const popularity = defineFeature({
  name: 'popularity',
  summary: "Number of the candidate's users, and its place in their histories.",
  source: 'a control for everything else; recency by position: own',
  options: z.object({}),
  learn({ train, kernels }) {
    const users = degreesOf(train.byItem)
    const late = lateness(train, users)
    const column = (values: Float32Array) => ({ shape: [values.length], values })
    return {
      ordered: late !== undefined,
      tensors: {
        logs: column(Float32Array.from(users, count => kernels.log(1 + count))),
        ...(late && { late: column(late) }),
      },
    }
  },
  open(_kernels, tensor, ordered) {
    const logs = tensor('logs')
    const late = ordered ? tensor('late') : undefined
    return {
      columns: [
        value('users', 'it is popular'),
        ...(late ? [value('recent', 'it stands late in the histories of its users')] : []),
      ],
      fill(block, { values, stride, first }) {
        forEachCandidate(block, (item, place) => {
          values[place * stride + first] = logs[item]
          if (late) values[place * stride + first + 1] = late[item]
        })
      },
    }
  },
})

/** [I] mean over the users of an item of RECENCY^age; undefined where there is no order. */
function lateness(train: Parameters<typeof historiesOf>[0], users: Int32Array): Float32Array | undefined {
  const { indices, ages } = historiesOf(train)
  if (!ages) return
  const sums = new Float64Array(users.length)
  ages.forEach((age, entry) => {
    sums[indices[entry]] += wholePower(RECENCY, age)
  })
  return Float32Array.from(sums, (sum, item) => sum / Math.max(1, users[item]))
}
