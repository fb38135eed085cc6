/** Reference sweeps, one pivot at a time: w is its column before, v_i = w_i / p. */
import { RunError } from '../../errors.ts'
import type { Floats, SweepKernels } from '../interface/kernels.ts'
import { invertPositiveDefinite } from './dense.ts'

export const sweepKernels = ({ floats }: { floats(length: number): Floats }): SweepKernels => ({
  invertPositiveDefinite,
  recoverEliminated(matrix, stride, left, { rows, factors: { offsets, indices, values }, inverses }) {
    const known = [...left]
    for (const [v, row] of rows.entries()) {
      const sum = (column: number) => {
        let total = 0
        for (let e = offsets[v]; e < offsets[v + 1]; e++) total += values[e] * matrix[indices[e] * stride + column]
        return total
      }
      for (const column of known) matrix[row * stride + column] = matrix[column * stride + row] = sum(column)
      matrix[row * stride + row] = sum(row) + inverses[v]
      known.push(row)
    }
  },
  sweepPanels: (n, pivots) => ({ w: floats(n * pivots), v: floats(n * pivots) }),
  sweepColumns(columns, { stride, n, first, count }, { w, v }) {
    const isPivot = (row: number) => row >= first && row < first + count
    /** Where A_ij is, j being a pivot: of two pivots, below the diagonal. */
    const place = (i: number, j: number) => (isPivot(i) && i < j ? j * stride + i - first : i * stride + j - first)
    for (let k = first; k < first + count; k++) {
      const p = columns[place(k, k)]
      if (!(p > 0))
        throw new RunError(`the matrix is not positive definite: pivot ${k} is ${p}; raise the regularization`)
      const [before, after] = [w, v].map(all => all.subarray((k - first) * n, (k - first + 1) * n))
      for (let i = 0; i < n; i++) before[i] = i === k ? 0 : columns[place(i, k)]
      for (let i = 0; i < n; i++) after[i] = before[i] / p
      for (let i = 0; i < n; i++)
        for (let j = first; j < first + count; j++)
          if (!(isPivot(i) && i < j)) columns[place(i, j)] -= after[j] * before[i]
      for (let i = 0; i < n; i++) columns[place(i, k)] = i === k ? -1 / p : after[i]
    }
  },
  sweepRows(rows, { firstRow, end }, { stride, n, first, count }, { w, v }) {
    for (let i = firstRow; i < end; i++)
      for (let j = 0; j <= i; j++) {
        if (j >= first && j < first + count) continue
        for (let k = 0; k < count; k++) rows[(i - firstRow) * stride + j] -= v[k * n + i] * w[k * n + j]
      }
  },
})
