/** Reference kernels: sparse products, pooling, the optimizers. */
import { columnsOf } from '../csr.ts'
import type { Floats, LinearKernels } from '../interface/kernels.ts'
import { addScaled, dot, rowOf } from './rows.ts'

export const linearKernels: LinearKernels = {
  spmm(a, x, y, columns, add) {
    for (let row = 0; row + 1 < a.offsets.length; row++) {
      for (let c = 0; c < columns; c++) {
        let sum = add ? add[row * columns + c] : 0
        for (let e = a.offsets[row]; e < a.offsets[row + 1]; e++) sum += a.values[e] * x[a.indices[e] * columns + c]
        y[row * columns + c] = sum
      }
    }
  },
  spmmLive(a, x, y, columns, { wanted, live, liveAdd }, add) {
    for (let row = 0; row + 1 < a.offsets.length; row++) {
      if (wanted && !wanted[row]) continue
      const added = liveAdd && !liveAdd[row] ? undefined : add
      for (let c = 0; c < columns; c++) {
        let sum = added ? added[row * columns + c] : 0
        for (let e = a.offsets[row]; e < a.offsets[row + 1]; e++)
          if (!live || live[a.indices[e]]) sum += a.values[e] * x[a.indices[e] * columns + c]
        y[row * columns + c] = sum
      }
    }
  },
  lastHop(a, { hop, hops, pooled, dimensions }, wanted) {
    const last = (hops - 1) * pooled.length
    for (let i = 0; i < pooled.length; i++) {
      const row = Math.floor(i / dimensions)
      if (wanted && !wanted[row]) continue
      let sum = 0
      for (let e = a.offsets[row]; e < a.offsets[row + 1]; e++)
        sum += a.values[e] * hop[last - pooled.length + a.indices[e] * dimensions + (i % dimensions)]
      hop[last + i] = sum
      pooled[i] = meanOverHops(hop, hops, pooled.length, i)
    }
  },
  poolHops({ hop, hops, pooled }) {
    for (let i = 0; i < pooled.length; i++) pooled[i] = meanOverHops(hop, hops, pooled.length, i)
  },
  copyRows(from, to, columns, rows) {
    for (const row of rows) to.set(from.subarray(row * columns, (row + 1) * columns), row * columns)
  },
  adam(parameter, gradient, { first, second }, { learningRate, beta1, beta2, epsilon }, step, rows) {
    const chosen = rows && new Set(rows.rows)
    for (let i = 0; i < parameter.length; i++) {
      if (chosen && !chosen.has(Math.floor(i / rows.columns))) continue
      first[i] = beta1 * first[i] + (1 - beta1) * gradient[i]
      second[i] = beta2 * second[i] + (1 - beta2) * gradient[i] ** 2
      const mean = first[i] / (1 - beta1 ** step)
      const root = Math.sqrt(second[i] / (1 - beta2 ** step))
      parameter[i] -= (learningRate * mean) / (root + epsilon)
    }
  },
  adagrad(parameter, gradient, sums, { learningRate, epsilon }, rows) {
    const columns = parameter.length / sums.length
    for (const row of rows ?? sums.keys()) {
      const own = rowOf(gradient, row, columns)
      sums[row] += dot(own, own) / columns
      addScaled(rowOf(parameter, row, columns), own, -learningRate / (Math.sqrt(sums[row]) + epsilon))
    }
  },
  improveRows(x, y, met, gram, ridges, { dimensions, steps }) {
    const rowOf = (table: Floats, row: number) => Array.from(table.subarray(row * dimensions, (row + 1) * dimensions))
    for (let row = 0; row + 1 < met.offsets.length; row++) {
      const partners = Array.from(columnsOf(met, row), (other, at) => {
        return { vector: rowOf(y, other), weight: met.values?.[met.offsets[row] + at] ?? 1 }
      })
      const apply = (v: readonly number[]) =>
        v.map(
          (value, d) =>
            ridges[row] * value +
            dot(rowOf(gram, d), v) +
            partners.reduce((sum, { vector, weight }) => sum + weight * dot(vector, v) * vector[d], 0),
        )
      let own = rowOf(x, row)
      const image = apply(own)
      let residual = own.map(
        (_, d) => partners.reduce((sum, { vector, weight }) => sum + weight * vector[d], 0) - image[d],
      )
      let direction = residual
      let squares = dot(residual, residual)
      for (let step = 0; step < steps && squares > 1e-20; step++) {
        const along = apply(direction)
        const length = squares / dot(direction, along)
        own = own.map((value, d) => value + length * direction[d])
        residual = residual.map((value, d) => value - length * along[d])
        const next = dot(residual, residual)
        direction = residual.map((value, d) => value + (next / squares) * direction[d])
        squares = next
      }
      x.set(own, row * dimensions)
    }
  },
}

function meanOverHops(hop: Floats, hops: number, stride: number, i: number): number {
  let sum = 0
  for (let h = 0; h < hops; h++) sum += hop[h * stride + i]
  return sum / hops
}
