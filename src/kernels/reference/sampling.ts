/** Reference kernels: random draws, scores of candidates, picks. */
import { philox, shuffle } from '../../random.ts'
import { columnsOf } from '../csr.ts'
import type { Batch, SamplingKernels } from '../interface/kernels.ts'
import { dot, hopRow, pooledRow } from './rows.ts'
import { addCodeSimilarity } from './trees.ts'

export const samplingKernels: SamplingKernels = {
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
      const row = new Set(columnsOf(forbidden, user))
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
