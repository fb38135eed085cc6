/** Items that go with others: by the weights between items, or else by the angle of their vectors. */
import type { Kernels } from '../../kernels/interface/kernels.ts'
import { recommendByScores } from '../../models/baselines/baseline.ts'
import type { Recommender } from '../../models/recommender.ts'
import { cosineScores, firstWith, normsOf } from './item-similarity.ts'
import { type Ranked, rankOne } from './rank-one.ts'

export type Similar = (items: readonly number[], hidden: Int32Array, k: number, tieRank: Int32Array) => Ranked

/** A model with neither weights nor vectors knows no similar items: it gives none. */
export function createSimilar(kernels: Kernels, recommender: Recommender): Similar {
  const ranker = firstWith(recommender, 'weights') ?? byVectors(kernels, recommender)
  return (items, hidden, k, tieRank) => {
    if (!ranker) return { items: [], scores: [] }
    const indices = Int32Array.from(items)
    return rankOne(ranker, {
      ...{ history: { offsets: Int32Array.of(0, indices.length), indices }, user: -1 },
      ...{ hidden, k, tieRank },
    })
  }
}

function byVectors(kernels: Kernels, recommender: Recommender): Recommender | undefined {
  const vectors = firstWith(recommender, 'itemVectors')?.itemVectors
  if (!vectors) return
  let norms: Float32Array | undefined
  return recommendByScores(kernels, recommender, ({ indices }, scores) => {
    norms ??= normsOf(vectors, recommender.items)
    cosineScores(kernels, vectors, norms, Array.from(indices), scores as Float32Array)
  })
}
