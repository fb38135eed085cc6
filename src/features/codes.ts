import { z } from 'zod'
import { residentPattern } from '../models/rows.ts'
import { VIEWS } from '../trees/codes.ts'
import { type Column, defineFeature, forEachCandidate } from './feature.ts'

/**
 * For each tree: the longest prefix that the candidate's code shares with one of the history, and the share of the history
 * that shares half of the depth or more.
 */
export const codes = defineFeature({
  name: 'codes',
  summary: 'Shared prefixes of tree codes with the history.',
  source: 'the evidence of the DTL-NS prompt, arXiv 2602.18249; differs: by depth, not by a threshold',
  options: z.object({}),
  unavailable: ({ codes }) => (codes ? undefined : 'no trees were built'),
  learn: ({ codes, train }) => ({
    ordered: false,
    tensors: Object.fromEntries(
      VIEWS.map(view => {
        const { depth, values } = codes![view]
        return [view, { shape: [train.items, depth], values: Int32Array.from(values) }]
      }),
    ),
  }),
  open({ memory, longestSharedPrefix }, tensor, _ordered, items) {
    const views = VIEWS.map(view => {
      const values = tensor(view)
      return { view, depth: values.length / items, values: memory.copy(Int8Array.from(values)) }
    })
    const columns = views.flatMap(({ view }): Column[] => [
      { name: `${view}-longest`, meaning: `it shares a long ${view} path with an item of the history`, kind: 'value' },
      { name: `${view}-share`, meaning: `it shares half a ${view} path with much of the history`, kind: 'value' },
    ])
    return {
      columns,
      fill(block, { values, stride, first }) {
        const { histories, items } = block
        memory.scope(() => {
          const pattern = residentPattern(memory, histories)
          const users = memory.ints(histories.offsets.length - 1)
          for (let row = 0; row < users.length; row++) users[row] = row
          const [asked, longest] = [memory.copy(items), memory.ints(items.length)]
          views.forEach((view, v) => {
            longestSharedPrefix(view, pattern, users, asked, longest)
            const half = Math.max(1, Math.ceil(view.depth / 2))
            forEachCandidate(block, (item, place, row) => {
              const to = place * stride + first + 2 * v
              values[to] = longest[place]
              const [begin, end] = [histories.offsets[row], histories.offsets[row + 1]]
              let near = 0
              if (longest[place] >= half)
                for (let entry = begin; entry < end; entry++)
                  near += Number(sharesSteps(view, item, histories.indices[entry], half))
              values[to + 1] = near / Math.max(1, end - begin)
            })
          })
        })
      },
    }
  },
})

/** Whether two codes begin with the same `steps` steps. */
function sharesSteps({ depth, values }: { depth: number; values: Int8Array }, a: number, b: number, steps: number) {
  for (let step = 0; step < steps; step++) {
    const own = values[a * depth + step]
    if (own < 0 || own !== values[b * depth + step]) return false
  }
  return true
}
