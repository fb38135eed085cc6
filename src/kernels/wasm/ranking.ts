/** The fast backend's rankings, nearest centroids and shared prefixes. */
import type {
  RankingKernels,
  RankingRequest,
  TopK,
  TreeKernels,
  VectorRanking,
  WeightedLists,
} from '../interface/kernels.ts'
import type { FastLayer } from './layer.ts'

/** Columns / 4 that a thread sums up at a time: a cache line of points. */
const STRIPS = 4

export function rankingKernels({ memory, wasm, share, shareWithBlock, at }: FastLayer): RankingKernels & TreeKernels {
  const rankingArguments = (request: RankingRequest, { k, items, scores }: TopK) =>
    [at(request.seen.offsets), at(request.seen.indices), at(request.tieRank), k, at(items), at(scores)] as const
  const packItems: RankingKernels['packItems'] = (itemVectors, dimensions, { packed }) => {
    const args = [at(itemVectors), itemVectors.length / dimensions, dimensions, at(packed)] as const
    share('packItems', packed.length / (8 * dimensions), 8 * dimensions, args)
  }
  const packed = (itemVectors: VectorRanking['itemVectors'], items: number, dimensions: number) => {
    if ('packed' in itemVectors) return itemVectors.packed
    const panels = { packed: memory.floats(Math.ceil(items / 8) * 8 * dimensions) }
    packItems(itemVectors, dimensions, panels)
    return panels.packed
  }
  return {
    packItems,
    topKByVectors(request, out) {
      const { users, items, userVectors, itemVectors, dimensions } = request
      memory.scope(() => {
        const block = { bytes: wasm.rankingScratchBytes() }
        const vectors = [at(userVectors), at(packed(itemVectors, items, dimensions)), items, dimensions] as const
        const [offsets, indices, tieRank, ...target] = rankingArguments(request, out)
        const [k, outItems, outScores] = target
        const args = [at(users), ...vectors, offsets, indices, tieRank, k, block, outItems, outScores] as const
        shareWithBlock('topKByVectors', users.length, items * dimensions, args)
      })
    },
    scoreByVectors(userVectors, { packed }, dimensions, scores) {
      const rows = userVectors.length / dimensions
      const items = scores.length / rows
      const block = { bytes: wasm.rankingScratchBytes() }
      const args = [at(userVectors), at(packed), items, dimensions, block, at(scores)] as const
      shareWithBlock('scoreByVectors', rows, items * dimensions, args, { align: 1 })
    },
    topKByScores(request, out) {
      const { users, items, scores } = request
      const args = [at(users), at(scores), items, ...rankingArguments(request, out)] as const
      share('topKByScores', users.length, 2 * items, args, { align: 4 })
    },

    topKBySums({ chosen, matrix, ...request }, out) {
      const { users, items, seen, tieRank } = request
      const args = [
        ...[at(chosen.offsets), at(chosen.indices), at(chosen.values)],
        ...[at(matrix.offsets), at(matrix.indices), at(matrix.values), items, at(users)],
        ...[at(seen.offsets), at(seen.indices), at(tieRank), out.k, at(out.items), at(out.scores)],
        { bytes: wasm.sumScratchBytes(items) },
      ] as const
      const perRow = (chosen.indices.length / chosen.offsets.length) * (matrix.indices.length / matrix.offsets.length)
      shareWithBlock('topKBySums', users.length, items / 32 + 3 * perRow, args, { align: 4 })
    },
    fuseLists(first, second, depth, tieRank, out) {
      const { k } = first
      const lists = ({ items, scores, weight }: WeightedLists) => [at(items), at(scores), weight] as const
      const block = { bytes: wasm.fuseScratchBytes(tieRank.length, k) }
      const args = [
        ...[tieRank.length, k, depth, ...lists(first), ...lists(second)],
        ...[at(tieRank), out.k, at(out.items), at(out.scores), block],
      ] as const
      shareWithBlock('fuseLists', out.items.length / out.k, 20 * k, args, { align: 4 })
    },
    assignToCentroids(points, centroids, dimensions, nearest, distances) {
      const sizes = [centroids.length / dimensions, dimensions] as const
      const args = [at(points), at(centroids), ...sizes, at(nearest), at(distances)] as const
      share('assignToCentroids', nearest.length, centroids.length, args)
    },
    moveCentroids(points, labels, dimensions, centroids) {
      memory.scope(() => {
        const k = centroids.length / dimensions
        const sums = at(memory.doubles(centroids.length))
        const block = { bytes: wasm.centroidScratchBytes(k) }
        const args = [at(points), at(labels), labels.length, dimensions, k, sums, block, at(centroids)] as const
        shareWithBlock('moveCentroids', dimensions / 4, 8 * labels.length, args, { align: STRIPS })
      })
    },
    longestSharedPrefix({ values, depth }, history, users, candidates, out) {
      if (users.length === 0) return
      const perUser = candidates.length / users.length
      const pattern = [at(history.offsets), at(history.indices)] as const
      const args = [at(values), depth, ...pattern, at(users), at(candidates), perUser, at(out)] as const
      const perHistory = (history.indices.length / history.offsets.length) * perUser
      share('longestSharedPrefix', users.length, 4 * perHistory + 1, args)
    },
  }
}
