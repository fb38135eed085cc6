/** The same list for everyone: the floor that a model must clear. */
import { z } from 'zod'
import { defineBaseline, recommendByScores } from './baseline.ts'

/** The score of an item is the number of its users in train. */
export const popularity = defineBaseline({
  name: 'popularity',
  summary: 'Ranks items by how many users met them.',
  source:
    'the non-personalised baseline of Cremonesi, Koren, Turrin: "Performance of recommender algorithms on top-N recommendation tasks", RecSys 2010 (TopPop)',
  options: z.object({}),
  fit({ train, kernels }) {
    const { items, byItem } = train
    const counts = Float32Array.from({ length: items }, (_, item) => byItem.offsets[item + 1] - byItem.offsets[item])
    return recommendByScores(kernels, train, (_histories, scores) => {
      for (let first = 0; first < scores.length; first += items) scores.set(counts, first)
    })
  },
})
