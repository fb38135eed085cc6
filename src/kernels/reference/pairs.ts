/** Reference kernels: losses of positives against negatives, and their gradients. */
import type { Batch, Floats, Negatives, PairKernels, Tables } from '../interface/kernels.ts'
import { linearKernels } from './linear.ts'
import { addScaled, dot, hopRow, pooledRow, rowOf } from './rows.ts'

export const pairKernels: PairKernels = {
  scorePairs(tables, batch, negatives, positive, negative) {
    for (let b = 0; b < batch.size; b++) {
      const user = pooledRow(tables, batch.users[b])
      positive[b] = dot(user, pooledRow(tables, tables.users + batch.positives[b]))
      forEachNegative(negatives, b, slot => {
        negative[slot] = dot(user, negativeVector(tables, batch, negatives, b, slot))
      })
    }
  },
  bpr(batch, negatives, scores, derivatives, loss) {
    for (let b = 0; b < batch.size; b++) {
      const weight = batch.weights?.[b] ?? 1
      let largest = 0
      forEachNegative(negatives, b, slot => {
        largest = Math.max(largest, scores.negative[slot] - scores.positive[b])
      })
      let total = Math.exp(-largest)
      forEachNegative(negatives, b, slot => {
        total += Math.exp(scores.negative[slot] - scores.positive[b] - largest)
      })
      derivatives.positive[b] = 0
      derivatives.negative.fill(0, b * negatives.perPositive, (b + 1) * negatives.perPositive)
      forEachNegative(negatives, b, slot => {
        const share = Math.exp(scores.negative[slot] - scores.positive[b] - largest) / total
        derivatives.negative[slot] = (weight * share) / batch.size
        derivatives.positive[b] -= (weight * share) / batch.size
      })
      loss[b] = weight * (largest + Math.log(total))
    }
  },
  crossEntropy(batch, negatives, scores, derivatives, loss) {
    const softplus = (x: number) => Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x)))
    const sigmoid = (x: number) => (x >= 0 ? 1 / (1 + Math.exp(-x)) : Math.exp(x) / (1 + Math.exp(x)))
    for (let b = 0; b < batch.size; b++) {
      const weight = batch.weights?.[b] ?? 1
      let total = softplus(-scores.positive[b])
      derivatives.positive[b] = (-weight * sigmoid(-scores.positive[b])) / batch.size
      derivatives.negative.fill(0, b * negatives.perPositive, (b + 1) * negatives.perPositive)
      forEachNegative(negatives, b, slot => {
        total += softplus(scores.negative[slot])
        derivatives.negative[slot] = (weight * sigmoid(scores.negative[slot])) / batch.size
      })
      loss[b] = weight * total
    }
  },
  userGradients(tables, batch, negatives, derivatives, out) {
    const { dimensions, users } = tables
    for (let b = 0; b < batch.size; b++) {
      const row = out.subarray(b * dimensions, (b + 1) * dimensions).fill(0)
      addScaled(row, pooledRow(tables, users + batch.positives[b]), derivatives.positive[b])
      forEachNegative(negatives, b, slot => {
        addScaled(row, negativeVector(tables, batch, negatives, b, slot), derivatives.negative[slot])
      })
    }
  },
  groupByNode({ users }, batch, { perPositive, pickedHops, items }, nodes, shared) {
    nodes.marks.fill(0)
    const entries = new Map<number, number[]>()
    const add = (node: number, entry: number) => entries.set(node, [...(entries.get(node) ?? []), entry])
    for (let b = 0; b < batch.size; b++) add(batch.users[b], b)
    for (let b = 0; b < batch.size; b++) add(users + batch.positives[b], batch.size + b)
    const picks = items.subarray(0, batch.size * perPositive * pickedHops)
    for (const [at, item] of [...picks, ...(shared ?? [])].entries())
      if (item >= 0) add(users + item, 2 * batch.size + at)
    nodes.count = 0
    for (const [node, own] of entries) {
      nodes.marks[node] = 1
      nodes.rows[nodes.count] = node
      nodes.entries.set(own, nodes.offsets[nodes.count])
      nodes.offsets[nodes.count + 1] = nodes.offsets[nodes.count] + own.length
      nodes.count++
    }
  },
  scatterGradients(tables, batch, negatives, derivatives, userGradients, nodes, h, out) {
    const { dimensions, users, hops } = tables
    const gradientRow = (node: number) => rowOf(out, node, dimensions)
    for (const node of nodes.rows.subarray(0, nodes.count)) gradientRow(node).fill(0)
    for (let b = 0; b < batch.size; b++) {
      const user = pooledRow(tables, batch.users[b])
      const positive = users + batch.positives[b]
      addScaled(gradientRow(batch.users[b]), rowOf(userGradients, b, dimensions), 1 / hops)
      addScaled(gradientRow(positive), user, derivatives.positive[b] / hops)
      forEachNegative(negatives, b, slot => {
        const beta = negatives.mix?.[slot * hops + h] ?? 0
        const derivative = derivatives.negative[slot] / hops
        addScaled(gradientRow(positive), user, beta * derivative)
        const picked = users + negatives.items[slot * negatives.pickedHops + h]
        addScaled(gradientRow(picked), user, (1 - beta) * derivative)
      })
    }
  },
  addRegularization(tables, batch, negatives, lambda, _nodes, out, loss) {
    const { dimensions, users, hops } = tables
    const scale = lambda / batch.size
    for (let b = 0; b < batch.size; b++) {
      const positive = users + batch.positives[b]
      for (const node of [batch.users[b], positive]) {
        const row = hopRow(tables, 0, node)
        addScaled(rowOf(out, node, dimensions), row, scale)
        loss[b] += (lambda / 2) * dot(row, row)
      }
      forEachNegative(negatives, b, slot => {
        const beta = negatives.mix?.[slot * hops] ?? 0
        const item = users + negatives.items[slot * negatives.pickedHops]
        const mixed = new Float64Array(dimensions)
        addScaled(mixed, hopRow(tables, 0, positive), beta)
        addScaled(mixed, hopRow(tables, 0, item), 1 - beta)
        addScaled(rowOf(out, positive, dimensions), mixed, scale * beta)
        addScaled(rowOf(out, item, dimensions), mixed, scale * (1 - beta))
        loss[b] += (lambda / 2) * dot(mixed, mixed)
      })
    }
  },
  penalizeRows(table, columns, lambda, out, squares, kept) {
    for (let r = 0; r < squares.length; r++) {
      const row = rowOf(table, r, columns)
      const target = rowOf(out, r, columns)
      if (kept && kept[r] === 0) target.fill(0)
      addScaled(target, row, lambda)
      squares[r] = dot(row, row)
    }
  },
  updateRows(tables, batch, negatives, { derivatives, userGradients }, lambda, nodes, step) {
    const { hop, dimensions: columns } = tables
    const gradient = new Float64Array(hop.length)
    const penalties = new Float64Array(batch.size)
    pairKernels.scatterGradients(tables, batch, negatives, derivatives, userGradients, nodes, 0, gradient)
    if (lambda > 0) pairKernels.addRegularization(tables, batch, negatives, lambda, nodes, gradient, penalties)
    const rows = nodes.rows.subarray(0, nodes.count)
    if ('sums' in step) linearKernels.adagrad(hop, gradient, step.sums, step.settings, rows)
    else linearKernels.adam(hop, gradient, step.moments, step.settings, step.step, { rows, columns })
    return penalties.reduce((sum, penalty) => sum + penalty, 0)
  },
}

/** n̄ of a slot: the mean over the hops of β p_h + (1 − β) n_h, or the pooled vector of the one item picked. */
function negativeVector(
  tables: Tables,
  batch: Batch,
  { items, pickedHops, mix }: Negatives,
  b: number,
  slot: number,
): Floats {
  if (pickedHops === 1 && !mix) return pooledRow(tables, tables.users + items[slot])
  const vector = new Float64Array(tables.dimensions)
  for (let h = 0; h < tables.hops; h++) {
    const beta = mix?.[slot * tables.hops + h] ?? 0
    addScaled(vector, hopRow(tables, h, tables.users + batch.positives[b]), beta / tables.hops)
    addScaled(vector, hopRow(tables, h, tables.users + items[slot * pickedHops + h]), (1 - beta) / tables.hops)
  }
  return vector
}

function forEachNegative(
  { items, pickedHops, perPositive }: Negatives,
  b: number,
  visit: (slot: number) => void,
): void {
  for (let slot = b * perPositive; slot < (b + 1) * perPositive; slot++) if (items[slot * pickedHops] >= 0) visit(slot)
}
