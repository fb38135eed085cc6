/** The fast backend's kernels for scores over lists. */
import type { ListwiseKernels } from '../interface/kernels.ts'
import type { FastLayer } from './layer.ts'

export function listwiseKernels({ share, at }: FastLayer): ListwiseKernels {
  return {
    listSoftmax({ offsets, features, positive }, theta, slopes, losses, gradients) {
      const lists = offsets.length - 1
      const cost = (2 * features.length) / Math.max(1, lists)
      share('listSoftmax', lists, cost, [
        ...([at(offsets), at(features), theta.length, at(positive)] as const),
        ...([at(theta), at(slopes), at(losses), at(gradients)] as const),
      ])
    },
  }
}
