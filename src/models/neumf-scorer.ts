/** The network that NeuMF scores pairs by. */
import type { Floats, Kernels } from '../kernels/interface/kernels.ts'
import { derive, randomStream } from '../random.ts'
import { createLinear } from './linear.ts'
import type { Scorer } from './model.ts'

/** Pairs that go through the network at a time: bounds memory, and is part of the order of sums. */
const PAIRS = 1024

/**
 * Vectors are two halves of F: the first goes into the product, the second into the perceptron.
 * score = h·[u ⊙ i, a_P], a_1 = ReLU(U u′ + V i′ + b_1), a_l = ReLU(W_l a_{l−1} + b_l), each layer half as wide as the one before.
 * @param length of a vector, 2 F
 * @param layers P
 * @source He et al., "Neural collaborative filtering", WWW 2017, arXiv 1708.05031 eq. 12
 */
export function createNeumfScorer(kernels: Kernels, seed: number, length: number, layers: number): Scorer {
  const { memory } = kernels
  const half = length / 2
  const widths = Array.from({ length: layers }, (_, l) => Math.max(4, Math.ceil(half / 2 ** l / 4) * 4))
  const last = widths[layers - 1]
  const ofUser = createLinear(kernels, seed, 'mlp.user', { inner: half, columns: half })
  const ofItem = createLinear(kernels, seed, 'mlp.item', { inner: half, columns: half, bias: true })
  const deeper = widths
    .slice(1)
    .map((columns, l) => createLinear(kernels, seed, `mlp.${l + 2}`, { inner: widths[l], columns, bias: true }))
  const output = { values: memory.floats(half + last), gradient: memory.floats(half + last) }
  const random = randomStream(derive(seed, 'initial', 'output'))
  // of two such parts of equal variance
  for (let at = 0; at < output.values.length; at++) output.values[at] = (2 * random.uniform() - 1) / Math.sqrt(half)
  const network = [ofUser, ofItem, ...deeper]
  const buffers = () => widths.map(width => memory.floats(PAIRS * width))
  const [activations, gradients] = [buffers(), buffers()]
  const itemHalves = memory.floats(PAIRS * half)
  const rowsOf = (all: Floats, rows: number, width: number) => all.subarray(0, rows * width)

  /** The layers after the first, whose sums stand in activations[0]. */
  const climb = (rows: number): void => {
    rectify(rowsOf(activations[0], rows, widths[0]))
    deeper.forEach((layer, l) => {
      const out = rowsOf(activations[l + 1], rows, widths[l + 1])
      layer.forward(rowsOf(activations[l], rows, widths[l]), out)
      rectify(out)
    })
  }

  /** h·[u ⊙ i, a_P] */
  const scoreOf = (users: Floats, user: number, items: Floats, item: number, row: number): number => {
    let score = 0
    for (let d = 0; d < half; d++) score += output.values[d] * users[user + d] * items[item + d]
    for (let c = 0; c < last; c++) score += output.values[half + c] * activations[layers - 1][row * last + c]
    return score
  }

  /** The second halves of the vectors of users, through U; in memory of the caller's scope. */
  const throughUser = (users: Floats) => {
    const halves = memory.floats(users.length / 2)
    copyHalves(users, halves, half)
    const sums = memory.floats(halves.length)
    ofUser.forward(halves, sums)
    return { halves, sums }
  }

  /** All activations of the pairs of items first … first + rows − 1. */
  const forward = (userSums: Floats, items: Floats, first: number, rows: number, perRow: number): void => {
    const halves = rowsOf(itemHalves, rows, half)
    copyHalves(items.subarray(first * length, (first + rows) * length), halves, half)
    const sums = rowsOf(activations[0], rows, half)
    ofItem.forward(halves, sums)
    for (let row = 0; row < rows; row++) {
      const user = Math.floor((first + row) / perRow) * half
      for (let d = 0; d < half; d++) sums[row * half + d] += userSums[user + d]
    }
    climb(rows)
  }

  /** From the derivatives by the scores down to ∂loss/∂(U u′ + V i′ + b), which is left in gradients[0]. */
  const descend = (derivatives: Floats, first: number, rows: number): void => {
    const top = rowsOf(gradients[layers - 1], rows, last)
    for (let row = 0; row < rows; row++)
      for (let c = 0; c < last; c++) {
        const at = row * last + c
        top[at] = derivatives[first + row] * output.values[half + c]
        output.gradient[half + c] += derivatives[first + row] * activations[layers - 1][at]
      }
    for (let l = layers - 1; l >= 0; l--) {
      const own = rowsOf(gradients[l], rows, widths[l])
      for (let at = 0; at < own.length; at++) if (activations[l][at] <= 0) own[at] = 0
      if (l === 0) return
      const below = rowsOf(gradients[l - 1], rows, widths[l - 1]).fill(0)
      deeper[l - 1].backward(rowsOf(activations[l - 1], rows, widths[l - 1]), own, below)
    }
  }

  return {
    parameters: { ...Object.assign({}, ...network.map(({ parameters }) => parameters)), output },

    score(users, items, perRow, out) {
      memory.scope(() => {
        const { sums } = throughUser(users)
        const count = items.length / length
        for (let first = 0; first < count; first += PAIRS) {
          const rows = Math.min(PAIRS, count - first)
          forward(sums, items, first, rows, perRow)
          for (let row = 0; row < rows; row++) {
            const user = Math.floor((first + row) / perRow) * length
            out[first + row] = scoreOf(users, user, items, (first + row) * length, row)
          }
        }
      })
    },

    backward(users, items, derivatives, perRow, toUsers, toItems) {
      memory.scope(() => {
        const { halves, sums } = throughUser(users)
        const bySums = memory.floats(sums.length)
        const count = items.length / length
        for (let first = 0; first < count; first += PAIRS) {
          const rows = Math.min(PAIRS, count - first)
          forward(sums, items, first, rows, perRow)
          descend(derivatives, first, rows)
          const bySum = rowsOf(gradients[0], rows, half)
          const byItemHalves = memory.floats(rows * half)
          ofItem.backward(rowsOf(itemHalves, rows, half), bySum, byItemHalves)
          for (let row = 0; row < rows; row++) {
            const [item, own] = [(first + row) * length, Math.floor((first + row) / perRow)]
            const derivative = derivatives[first + row]
            for (let d = 0; d < half; d++) {
              const [u, i, h] = [users[own * length + d], items[item + d], output.values[d]]
              output.gradient[d] += derivative * u * i
              toItems[item + d] = derivative * h * u
              toUsers[own * length + d] += derivative * h * i
              toItems[item + half + d] = byItemHalves[row * half + d]
              bySums[own * half + d] += bySum[row * half + d]
            }
          }
        }
        const byHalves = memory.floats(halves.length)
        ofUser.backward(halves, bySums, byHalves)
        for (let row = 0; row < byHalves.length / half; row++)
          for (let d = 0; d < half; d++) toUsers[row * length + half + d] += byHalves[row * half + d]
      })
    },

    clear() {
      for (const layer of network) layer.clear()
      output.gradient.fill(0)
    },

    against(items) {
      const count = items.length / length
      const halves = memory.floats(count * half)
      copyHalves(items, halves, half)
      const itemSums = memory.floats(halves.length)
      ofItem.forward(halves, itemSums)
      return (user, out) =>
        memory.scope(() => {
          const { sums } = throughUser(user)
          for (let first = 0; first < count; first += PAIRS) {
            const rows = Math.min(PAIRS, count - first)
            for (let row = 0; row < rows; row++)
              for (let d = 0; d < half; d++)
                activations[0][row * half + d] = itemSums[(first + row) * half + d] + sums[d]
            climb(rows)
            for (let row = 0; row < rows; row++) out[first + row] = scoreOf(user, 0, items, (first + row) * length, row)
          }
        })
    },
  }
}

/** The second halves of rows, one behind the other. */
function copyHalves(from: Floats, to: Floats, half: number): void {
  for (let row = 0; row < to.length / half; row++)
    to.set(from.subarray((2 * row + 1) * half, (2 * row + 2) * half), row * half)
}

function rectify(values: Floats): void {
  for (let at = 0; at < values.length; at++) if (values[at] < 0) values[at] = 0
}
