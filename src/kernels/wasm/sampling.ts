/** The fast backend's draws, scores of candidates and picks. */
import type { Batch, SamplingKernels } from '../interface/kernels.ts'
import type { FastLayer } from './layer.ts'
import { tableOffsets } from './pairs.ts'

/** A philox draw or a search in a row, in multiply-adds. */
const DRAW_COST = 30

export function samplingKernels({ wasm, share, at }: FastLayer): SamplingKernels {
  const slots = (candidates: Int32Array, perSlot: number) => candidates.length / perSlot
  const slotsPerPositive = (batch: Batch, candidates: Int32Array, perSlot: number) =>
    slots(candidates, perSlot) / batch.size
  return {
    shuffle(values, [k0, k1]) {
      wasm.shuffle(at(values), values.length, k0, k1)
    },
    drawUniforms({ key, epoch, batch }, samples, perSample, out) {
      share('drawUniforms', samples, DRAW_COST * perSample, [...key, epoch, batch, perSample, at(out)])
    },
    addNoise({ key, epoch, batch }, x, columns, epsilon) {
      share('addNoise', x.length / columns, 40 * columns, [...key, epoch, batch, columns, at(x), epsilon])
    },
    drawItems({ key, epoch, batch }, users, forbidden, items, draws, out) {
      const pattern = [at(forbidden.offsets), at(forbidden.indices)] as const
      const where = [...key, epoch, batch, at(users), ...pattern, items, draws, at(out)] as const
      return share('drawItems', users.length, DRAW_COST * draws, where)
    },
    scoreCandidates(tables, batch, candidates, perSlot, hops, out) {
      const { userRows, itemRows, hopItemRows, stride } = tableOffsets(tables, at)
      const vectors = [userRows, hops === 1 ? itemRows : hopItemRows, stride, tables.dimensions, hops] as const
      const pairs = [at(batch.users), slotsPerPositive(batch, candidates, perSlot)] as const
      const cost = perSlot * hops * tables.dimensions
      share('scoreCandidates', slots(candidates, perSlot), cost, [
        ...pairs,
        ...vectors,
        at(candidates),
        perSlot,
        at(out),
      ])
    },
    mixScores(tables, batch, mix, perSlot, scores) {
      const { userRows, hopItemRows, stride } = tableOffsets(tables, at)
      const { dimensions, hops } = tables
      const count = mix.length / hops
      const pairs = [at(batch.users), at(batch.positives), count / batch.size] as const
      const vectors = [userRows, hopItemRows, stride, dimensions, hops] as const
      share('mixScores', count, hops * (dimensions + perSlot), [...pairs, ...vectors, at(mix), perSlot, at(scores)])
    },
    addCodeSimilarity(views, batch, candidates, perSlot, hops, scores) {
      const count = slots(candidates, perSlot)
      share('minMaxRows', count * hops, 2 * perSlot, [perSlot, at(scores)])
      for (const { codes, weight } of views) {
        const pairs = [at(batch.positives), slotsPerPositive(batch, candidates, perSlot)] as const
        const code = [at(codes.values), codes.depth, weight] as const
        const cost = perSlot * (codes.depth + hops)
        share('addCodeSimilarity', count, cost, [...code, ...pairs, at(candidates), perSlot, hops, at(scores)])
      }
    },
    pickLargest(candidates, scores, slotCount, hops, perSlot, out) {
      share('pickLargest', slotCount, hops * perSlot, [at(candidates), at(scores), hops, perSlot, at(out)])
    },
  }
}
