import type { ListwiseKernels } from '../interface/kernels.ts'
import { dot, rowOf } from './rows.ts'

export const listwiseKernels: ListwiseKernels = {
  listSoftmax({ offsets, features, positive }, theta, slopes, losses, gradients) {
    const width = theta.length
    for (let list = 0; list + 1 < offsets.length; list++) {
      const rows = Array.from({ length: offsets[list + 1] - offsets[list] }, (_, at) => offsets[list] + at)
      const scores = rows.map(row => dot(theta, rowOf(features, row, width)))
      const largest = Math.max(...scores)
      const total = scores.reduce((sum, score) => sum + Math.exp(score - largest), 0)
      const held = rows.reduce((sum, row) => sum + positive[row], 0)
      const gradient = rowOf(gradients, list, width).fill(0)
      losses[list] = Math.log(total)
      rows.forEach((row, at) => {
        const above = scores[at] - largest
        losses[list] -= (positive[row] * above) / held
        slopes[row] = Math.exp(above) / total - positive[row] / held
        for (let f = 0; f < width; f++) gradient[f] += slopes[row] * features[row * width + f]
      })
    }
  },
}
