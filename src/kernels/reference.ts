/**
 * The truth: every kernel in plain TypeScript, in f32 or f64, written to be read. The fast backend is checked against
 * it kernel by kernel; in f64 it is what the finite differences of the gradients are taken from.
 */
import { philox, shuffle } from '../random.ts'
import type { Batch, Floats, Kernels, Negatives, Tables } from './kernels.ts'
import { heapMemory } from './memory.ts'
import { invertPositiveDefinite, topKByScores, topKByVectors } from './reference-dense.ts'
import { addCodeSimilarity, assignToCentroids, longestSharedPrefix } from './reference-trees.ts'
import { vectorKernels } from './reference-vectors.ts'

export function createReferenceKernels(precision: 'f32' | 'f64' = 'f64'): Kernels {
  return {
    name: `reference ${precision}`,
    memory: heapMemory(precision),
    threads: 1,
    close() {},

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
    invertPositiveDefinite,

    shuffle(values, key) {
      shuffle(values, key)
    },
    drawUniforms({ key, epoch, batch }, samples, perSample, out) {
      for (let sample = 0; sample < samples; sample++) {
        const word = wordsOf(key, sample, batch, epoch)
        for (let j = 0; j < perSample; j++) out[sample * perSample + j] = (word(j) >>> 8) / 2 ** 24
      }
    },
    addNoise({ key, epoch, batch }, x, columns, epsilon) {
      for (let row = 0; row < x.length / columns; row++) {
        const word = wordsOf(key, row, batch, epoch)
        const noise = Float64Array.from({ length: columns }, (_, column) => (word(column) >>> 8) / 2 ** 24)
        const norm = Math.sqrt(dot(noise, noise))
        for (let column = 0; column < columns; column++)
          if (norm > 0)
            x[row * columns + column] += (Math.sign(x[row * columns + column]) * epsilon * noise[column]) / norm
      }
    },
    drawItems({ key, epoch, batch }, users, forbidden, items, draws, out) {
      let exhausted = 0
      users.forEach((user, sample) => {
        const row = new Set(forbidden.indices.subarray(forbidden.offsets[user], forbidden.offsets[user + 1]))
        const allowed = Array.from({ length: items }, (_, item) => item).filter(item => !row.has(item))
        const word = wordsOf(key, sample, batch, epoch)
        if (allowed.length === 0) exhausted++
        for (let j = 0; j < draws; j++)
          out[sample * draws + j] = allowed.length
            ? allowed[Number((BigInt(word(j)) * BigInt(allowed.length)) >> 32n)]
            : -1
      })
      return exhausted
    },
    scoreCandidates(tables, batch, candidates, perSlot, hops, out) {
      const slots = candidates.length / perSlot
      forEachCell(slots, hops, perSlot, (slot, h, n, at) => {
        const item = candidates[slot * perSlot + n]
        const user = pooledRow(tables, userOfSlot(batch, slot, slots))
        out[at] =
          item < 0
            ? 0
            : dot(user, hops === 1 ? pooledRow(tables, tables.users + item) : hopRow(tables, h, tables.users + item))
      })
    },
    mixScores(tables, batch, mix, perSlot, scores) {
      const slots = mix.length / tables.hops
      forEachCell(slots, tables.hops, perSlot, (slot, h, _n, at) => {
        const positive = tables.users + batch.positives[Math.floor(slot / (slots / batch.size))]
        const beta = mix[slot * tables.hops + h]
        const base = dot(pooledRow(tables, userOfSlot(batch, slot, slots)), hopRow(tables, h, positive))
        scores[at] = beta * base + (1 - beta) * scores[at]
      })
    },
    addCodeSimilarity,
    pickLargest(candidates, scores, slots, hops, perSlot, out) {
      for (let row = 0; row < slots * hops; row++) {
        const own = scores.subarray(row * perSlot, (row + 1) * perSlot) as Float64Array
        out[row] = candidates[Math.floor(row / hops) * perSlot + own.indexOf(own.reduce((a, b) => Math.max(a, b)))]
      }
    },

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
    scatterGradients(tables, batch, negatives, derivatives, userGradients, nodes, out) {
      const { dimensions, users, items, hops } = tables
      const { pickedHops } = negatives
      for (const node of nodes.rows.subarray(0, nodes.count))
        for (let h = 0; h < pickedHops; h++) rowOf(out, h * (users + items) + node, dimensions).fill(0)
      const gradientRow = (h: number, node: number) => rowOf(out, h * (users + items) + node, dimensions)
      for (let b = 0; b < batch.size; b++) {
        const user = pooledRow(tables, batch.users[b])
        const positive = users + batch.positives[b]
        for (let h = 0; h < pickedHops; h++) {
          addScaled(gradientRow(h, batch.users[b]), rowOf(userGradients, b, dimensions), 1 / hops)
          addScaled(gradientRow(h, positive), user, derivatives.positive[b] / hops)
          forEachNegative(negatives, b, slot => {
            const beta = negatives.mix?.[slot * hops + h] ?? 0
            const derivative = derivatives.negative[slot] / hops
            addScaled(gradientRow(h, positive), user, beta * derivative)
            addScaled(gradientRow(h, users + negatives.items[slot * pickedHops + h]), user, (1 - beta) * derivative)
          })
        }
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

    topKByVectors,
    topKByScores,
    assignToCentroids,
    longestSharedPrefix,
    ...vectorKernels,
  }
}

const rowOf = (table: Floats, row: number, dimensions: number) =>
  table.subarray(row * dimensions, (row + 1) * dimensions)
const pooledRow = ({ pooled, dimensions }: Tables, node: number) => rowOf(pooled, node, dimensions)
const hopRow = ({ hop, users, items, dimensions }: Tables, h: number, node: number) =>
  rowOf(hop, h * (users + items) + node, dimensions)

export function dot(a: Floats, b: Floats): number {
  let sum = 0
  for (let d = 0; d < a.length; d++) sum += a[d] * b[d]
  return sum
}

function meanOverHops(hop: Floats, hops: number, stride: number, i: number): number {
  let sum = 0
  for (let h = 0; h < hops; h++) sum += hop[h * stride + i]
  return sum / hops
}

function addScaled(target: Floats, source: Floats, scale: number): void {
  for (let d = 0; d < target.length; d++) target[d] += scale * source[d]
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

function forEachCell(
  slots: number,
  hops: number,
  perSlot: number,
  visit: (slot: number, h: number, n: number, at: number) => void,
) {
  let at = 0
  for (let slot = 0; slot < slots; slot++)
    for (let h = 0; h < hops; h++) for (let n = 0; n < perSlot; n++) visit(slot, h, n, at++)
}

const userOfSlot = (batch: Batch, slot: number, slots: number) => batch.users[Math.floor(slot / (slots / batch.size))]

/** Word j of the stream of one sample. */
function wordsOf(key: readonly [number, number], sample: number, batch: number, epoch: number): (j: number) => number {
  const words = new Uint32Array(4)
  return j => {
    philox(key, Math.floor(j / 4), sample, batch, epoch, words)
    return words[j % 4]
  }
}
