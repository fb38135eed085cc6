/** Reference kernels for objectives that look at whole vectors: gather and scatter rows, products, unit vectors, softmax. */
import { columnsOf } from '../csr.ts'
import type { VectorKernels } from '../interface/kernels.ts'
import { dot, rowOf } from './rows.ts'

export const vectorKernels: VectorKernels = {
  gatherRows(table, columns, rows, out) {
    rows.forEach((row, at) => {
      if (row < 0) rowOf(out, at, columns).fill(0)
      else rowOf(out, at, columns).set(rowOf(table, row, columns))
    })
  },
  gatherNegatives({ users, items, dimensions, hops, hop, pooled }, batch, negatives, out) {
    const { perPositive, pickedHops, items: picks, mix } = negatives
    for (let slot = 0; slot < batch.size * perPositive; slot++) {
      const target = rowOf(out, slot, dimensions).fill(0)
      if (picks[slot * pickedHops] < 0) continue
      const positive = users + batch.positives[Math.floor(slot / perPositive)]
      if (pickedHops === 1 && !mix) target.set(rowOf(pooled, users + picks[slot], dimensions))
      else
        for (let h = 0; h < hops; h++) {
          const beta = mix?.[slot * hops + h] ?? 0
          const own = rowOf(hop, h * (users + items) + users + picks[slot * pickedHops + h], dimensions)
          const mixed = rowOf(hop, h * (users + items) + positive, dimensions)
          for (let d = 0; d < dimensions; d++) target[d] += (beta * mixed[d] + (1 - beta) * own[d]) / hops
        }
    }
  },
  scatterRows(values, columns, rows, out, scale, weights) {
    rows.forEach((row, at) => {
      if (row < 0) return
      const factor = scale * (weights?.[at] ?? 1)
      for (let c = 0; c < columns; c++) out[row * columns + c] += factor * values[at * columns + c]
    })
  },
  multiply(a, b, c, { rows, inner, columns, transposed = false, accumulate = false }) {
    for (let row = 0; row < rows; row++)
      for (let column = 0; column < columns; column++) {
        let sum = accumulate ? c[row * columns + column] : 0
        for (let k = 0; k < inner; k++)
          sum += (transposed ? a[k * rows + row] : a[row * inner + k]) * b[k * columns + column]
        c[row * columns + column] = sum
      }
  },
  dotRows(a, b, perRow, columns, out) {
    for (let row = 0; row < b.length / columns; row++)
      out[row] = dot(rowOf(a, Math.floor(row / perRow), columns), rowOf(b, row, columns))
  },
  dotRowsBack(a, b, derivatives, perRow, columns, toA, toB) {
    for (let row = 0; row < b.length / columns; row++) {
      const other = Math.floor(row / perRow) * columns
      for (let c = 0; c < columns; c++) {
        toA[other + c] += derivatives[row] * b[row * columns + c]
        toB[row * columns + c] = derivatives[row] * a[other + c]
      }
    }
  },
  transpose(x, rows, columns, out) {
    for (let row = 0; row < rows; row++)
      for (let column = 0; column < columns; column++) out[column * rows + row] = x[row * columns + column]
  },
  normalizeRows(x, columns, out, norms) {
    for (let row = 0; row < norms.length; row++) {
      const own = rowOf(x, row, columns)
      norms[row] = Math.sqrt(dot(own, own) + 1e-12)
      for (let c = 0; c < columns; c++) out[row * columns + c] = own[c] / norms[row]
    }
  },
  normalizeRowsBack(unit, norms, columns, gradient) {
    for (let row = 0; row < norms.length; row++) {
      const [own, target] = [rowOf(unit, row, columns), rowOf(gradient, row, columns)]
      const along = dot(own, target)
      for (let c = 0; c < columns; c++) target[c] = (target[c] - along * own[c]) / norms[row]
    }
  },
  gaussianRows(x, columns, scale, sums) {
    for (let row = 0; row < sums.length; row++) {
      let sum = 0
      for (let column = 0; column < columns; column++) {
        const at = row * columns + column
        x[at] = column === row || column >= sums.length ? 0 : Math.exp(scale * x[at] - scale)
        sum += x[at]
      }
      sums[row] = sum
    }
  },
  sigmoid(x) {
    for (let at = 0; at < x.length; at++) {
      const e = Math.exp(-Math.abs(x[at]))
      x[at] = (x[at] >= 0 ? 1 : e) / (1 + e)
    }
  },
  log: Math.log,
  sharedSoftmax(pool, batch, negatives, scale, scores, derivatives, loss) {
    const { perPositive, pickedHops, items: picks } = negatives
    const width = pool.items.length
    for (let b = 0; b < batch.size; b++) {
      const [user, weight] = [batch.users[b], batch.weights?.[b] ?? 1]
      const hidden = new Set(columnsOf(pool.forbidden, user))
      const shown = (item: number) => item >= 0 && item !== batch.positives[b] && !hidden.has(item)
      const own = rowOf(pool.scores, b, width)
      const slots = Array.from({ length: perPositive }, (_, k) => b * perPositive + k)
      const logits = Array.from(own, (score, m) => (shown(pool.items[m]) ? scale * score : -Infinity))
      const picked = slots.map(slot => (picks[slot * pickedHops] < 0 ? -Infinity : scale * scores.negative[slot]))
      const positive = scale * scores.positive[b]
      const largest = Math.max(positive, ...picked, ...logits)
      const times = [1, ...picked.map(() => 1), ...pool.counts]
      const exponentials = [positive, ...picked, ...logits].map((logit, at) => times[at] * Math.exp(logit - largest))
      const total = exponentials.reduce((sum, value) => sum + value, 0)
      const factor = (weight * scale) / batch.size
      loss[b] = weight * (largest + Math.log(total) - positive)
      derivatives.positive[b] = factor * (exponentials[0] / total - 1)
      slots.forEach((slot, k) => {
        derivatives.negative[slot] = (factor * exponentials[1 + k]) / total
      })
      own.forEach((_, m) => {
        own[m] = (factor * exponentials[1 + perPositive + m]) / total
      })
    }
  },
}
