/**
 * The fast backend: AssemblyScript SIMD kernels over one shared memory. Each method turns typed arrays into byte
 * offsets and calls an export of the module over the whole range of rows.
 */
import { readFileSync } from 'node:fs'
import { RunError } from '../errors.ts'
import type { Batch, Kernels, Negatives, RankingRequest, Tables, TopK } from './kernels.ts'
import { SharedMemory } from './memory.ts'
import { vectorKernels } from './wasm-vectors.ts'

type Exports = Record<string, (...args: number[]) => number>

/** What the groups of kernels work with. */
export interface FastLayer {
  /** Calls export `name(begin, end, ...args)` over 0 … count − 1; `cost` of a row is in multiply-adds. */
  share(name: string, count: number, cost: number, args: readonly number[]): number
  /** The byte offset of an array of the memory; 0 for undefined. */
  at(array: Parameters<SharedMemory['offsetOf']>[0]): number
}

let compiled: WebAssembly.Module | undefined

/** Compiled once a process: a module is immutable, each backend instantiates it over a memory of its own. */
function kernelModule(): WebAssembly.Module {
  compiled ??= new WebAssembly.Module(readFileSync(new URL('./kernels.wasm', import.meta.url)))
  return compiled
}

/** A backend with a memory of its own, up to 4 GiB; it is freed with the last array of it. */
export function createKernels(): Kernels {
  const memory = new SharedMemory()
  const instance = new WebAssembly.Instance(kernelModule(), { env: { memory: memory.memory } })
  const wasm = instance.exports as unknown as Exports
  wasm._start()
  const at = (array: Parameters<SharedMemory['offsetOf']>[0]) => memory.offsetOf(array)

  /** Offsets of the hop tables, the user and the item part of the pooled one. */
  const tableOffsets = ({ users, items, dimensions, hop, pooled }: Tables) => ({
    userRows: at(pooled),
    itemRows: at(pooled) + users * dimensions * 4,
    hopItemRows: at(hop) + users * dimensions * 4,
    stride: (users + items) * dimensions * 4,
  })
  const negativeArguments = ({ pickedHops, items, mix }: Negatives) => [pickedHops, at(items), at(mix)] as const
  const slots = (candidates: Int32Array, perSlot: number) => candidates.length / perSlot
  const slotsPerPositive = (batch: Batch, candidates: Int32Array, perSlot: number) =>
    slots(candidates, perSlot) / batch.size
  const rankingArguments = (request: RankingRequest, { k, items, scores }: TopK) =>
    [at(request.seen.offsets), at(request.seen.indices), at(request.tieRank), k, at(items), at(scores)] as const

  return {
    name: 'wasm',
    memory,
    ...vectorKernels({ at, share: (name, count, _cost, args) => wasm[name](0, count, ...args) }),

    spmm(a, x, y, columns, add) {
      wasm.spmm(0, a.offsets.length - 1, at(a.offsets), at(a.indices), at(a.values), at(x), at(y), columns, at(add))
    },
    spmmLive(a, x, y, columns, { wanted, live }, add) {
      const rows = a.offsets.length - 1
      let longest = 0
      for (let row = 0; row < rows; row++) longest = Math.max(longest, a.offsets[row + 1] - a.offsets[row])
      memory.scope(() => {
        const scratch = memory.ints(2 * longest)
        const matrix = [at(a.offsets), at(a.indices), at(a.values)] as const
        const masks = [at(wanted), at(live), longest, at(scratch)] as const
        wasm.spmmLive(0, rows, ...matrix, at(x), at(y), columns, at(add), ...masks)
      })
    },
    poolHops({ hop, hops, pooled }) {
      wasm.meanOfTables(0, pooled.length, at(hop), hops, pooled.length, at(pooled))
    },
    adam(parameter, gradient, moments, { learningRate, beta1, beta2, epsilon }, step) {
      const stepSize = learningRate / (1 - power(beta1, step))
      const rootScale = 1 / Math.sqrt(1 - power(beta2, step))
      const arrays = [at(parameter), at(gradient), at(moments.first), at(moments.second)] as const
      wasm.adam(0, parameter.length, ...arrays, beta1, beta2, epsilon, stepSize, rootScale)
    },
    invertPositiveDefinite(matrix, n) {
      memory.scope(() => {
        const size = wasm.sweepBlockSize()
        const panels = Math.ceil(n / 8)
        const block = memory.floats(size * size)
        const scratch = [at(block), at(memory.floats(size)), at(memory.floats(size * size))] as const
        const inverse = scratch[2]
        const [w, v] = [at(memory.floats(panels * 8 * size)), at(memory.floats(panels * 8 * size))]
        const tile = at(memory.floats(32))
        for (let first = 0; first < n; first += size) {
          const pivots = [first, Math.min(size, n - first)] as const
          wasm.packSweepPanels(0, panels, at(matrix), n, ...pivots, w)
          const failed = wasm.sweepPivotBlock(at(matrix), n, ...pivots, ...scratch)
          if (failed >= 0) {
            const pivot = `pivot ${first + failed} is ${block[failed * size + failed]}`
            throw new RunError(`the matrix is not positive definite: ${pivot}; raise the regularization`)
          }
          wasm.multiplySweepPanels(0, panels, ...pivots, w, inverse, v)
          wasm.subtractSweepPanels(0, panels, at(matrix), n, ...pivots, w, v, tile)
          wasm.storeSweepPanels(0, panels, at(matrix), n, ...pivots, v)
        }
        wasm.mirrorNegated(0, panels, at(matrix), n)
      })
    },

    shuffle(values, [k0, k1]) {
      wasm.shuffle(at(values), values.length, k0, k1)
    },
    drawUniforms({ key, epoch, batch }, samples, perSample, out) {
      wasm.drawUniforms(0, samples, ...key, epoch, batch, perSample, at(out))
    },
    drawItems({ key, epoch, batch }, users, forbidden, items, draws, out) {
      const pattern = [at(forbidden.offsets), at(forbidden.indices)] as const
      return wasm.drawItems(0, users.length, ...key, epoch, batch, at(users), ...pattern, items, draws, at(out))
    },
    scoreCandidates(tables, batch, candidates, perSlot, hops, out) {
      const { userRows, itemRows, hopItemRows, stride } = tableOffsets(tables)
      const vectors = [userRows, hops === 1 ? itemRows : hopItemRows, stride, tables.dimensions, hops] as const
      const perPositive = slotsPerPositive(batch, candidates, perSlot)
      wasm.scoreCandidates(
        0,
        slots(candidates, perSlot),
        at(batch.users),
        perPositive,
        ...vectors,
        at(candidates),
        perSlot,
        at(out),
      )
    },
    mixScores(tables, batch, mix, perSlot, scores) {
      const { userRows, hopItemRows, stride } = tableOffsets(tables)
      const count = mix.length / tables.hops
      const pairs = [at(batch.users), at(batch.positives), count / batch.size] as const
      wasm.mixScores(
        0,
        count,
        ...pairs,
        userRows,
        hopItemRows,
        stride,
        tables.dimensions,
        tables.hops,
        at(mix),
        perSlot,
        at(scores),
      )
    },
    addCodeSimilarity(views, batch, candidates, perSlot, hops, scores) {
      const count = slots(candidates, perSlot)
      wasm.minMaxRows(0, count * hops, perSlot, at(scores))
      for (const { codes, weight } of views) {
        const pairs = [at(batch.positives), slotsPerPositive(batch, candidates, perSlot)] as const
        wasm.addCodeSimilarity(
          0,
          count,
          at(codes.values),
          codes.depth,
          weight,
          ...pairs,
          at(candidates),
          perSlot,
          hops,
          at(scores),
        )
      }
    },
    pickLargest(candidates, scores, slotCount, hops, perSlot, out) {
      wasm.pickLargest(0, slotCount, at(candidates), at(scores), hops, perSlot, at(out))
    },

    scorePairs(tables, batch, negatives, positive, negative) {
      const { userRows, itemRows, hopItemRows, stride } = tableOffsets(tables)
      const pairs = [at(batch.users), at(batch.positives), negatives.perPositive] as const
      const vectors = [userRows, itemRows, hopItemRows, stride, tables.dimensions, tables.hops] as const
      wasm.scorePairs(0, batch.size, ...pairs, ...vectors, ...negativeArguments(negatives), at(positive), at(negative))
    },
    bpr(batch, negatives, scores, derivatives, loss) {
      const { perPositive, pickedHops, items } = negatives
      const values = [scores.positive, scores.negative, derivatives.positive, derivatives.negative].map(at)
      wasm.bpr(0, batch.size, batch.size, perPositive, pickedHops, at(items), at(batch.weights), ...values, at(loss))
    },
    userGradients(tables, batch, negatives, derivatives, out) {
      const { itemRows, hopItemRows, stride } = tableOffsets(tables)
      const vectors = [itemRows, hopItemRows, stride, tables.dimensions, tables.hops] as const
      const values = [at(derivatives.positive), at(derivatives.negative)] as const
      wasm.userGradients(
        0,
        batch.size,
        at(batch.positives),
        negatives.perPositive,
        ...vectors,
        ...negativeArguments(negatives),
        ...values,
        at(out),
      )
    },
    scatterGradients(tables, batch, negatives, derivatives, userGradients, out) {
      const { users, items, dimensions, hops, pooled } = tables
      const pairs = [batch.size, at(batch.users), at(batch.positives), negatives.perPositive, users] as const
      const values = [at(derivatives.positive), at(derivatives.negative), at(userGradients)] as const
      const target = [at(out), tableOffsets(tables).stride] as const
      wasm.scatterGradients(
        0,
        users + items,
        ...pairs,
        at(pooled),
        dimensions,
        hops,
        ...negativeArguments(negatives),
        ...values,
        ...target,
      )
    },
    addRegularization(tables, batch, negatives, lambda, out, loss) {
      const { users, items, dimensions, hops, hop } = tables
      const pairs = [
        at(batch.users),
        at(batch.positives),
        negatives.perPositive,
        users,
        at(hop),
        dimensions,
        hops,
      ] as const
      const picks = negativeArguments(negatives)
      wasm.addPenalties(0, batch.size, ...pairs, ...picks, lambda / 2, at(loss))
      wasm.scatterRegularization(0, users + items, batch.size, ...pairs, ...picks, lambda / batch.size, at(out))
    },

    topKByVectors(request, out) {
      const { users, items, userVectors, itemVectors, dimensions } = request
      memory.scope(() => {
        const panels = Math.ceil(items / 8)
        const packed = memory.floats(panels * 8 * dimensions)
        const scratch = memory.bytes(wasm.rankingScratchBytes())
        wasm.packItems(0, panels, at(itemVectors), items, dimensions, at(packed))
        const vectors = [at(userVectors), at(packed), items, dimensions] as const
        const [offsets, indices, tieRank, ...target] = rankingArguments(request, out)
        const [k, outItems, outScores] = target
        wasm.topKByVectors(
          0,
          users.length,
          at(users),
          ...vectors,
          offsets,
          indices,
          tieRank,
          k,
          at(scratch),
          outItems,
          outScores,
        )
      })
    },
    topKByScores(request, out) {
      const { users, items, scores } = request
      wasm.topKByScores(0, users.length, at(users), at(scores), items, ...rankingArguments(request, out))
    },

    assignToCentroids(points, centroids, dimensions, nearest, distances) {
      const sizes = [centroids.length / dimensions, dimensions] as const
      wasm.assignToCentroids(0, nearest.length, at(points), at(centroids), ...sizes, at(nearest), at(distances))
    },
    longestSharedPrefix({ values, depth }, history, users, candidates, out) {
      const pattern = [at(history.offsets), at(history.indices)] as const
      const perUser = users.length ? candidates.length / users.length : 0
      wasm.longestSharedPrefix(
        0,
        users.length,
        at(values),
        depth,
        ...pattern,
        at(users),
        at(candidates),
        perUser,
        at(out),
      )
    },
  }
}

/** base^exponent by squaring: Math.pow is not the same on every engine. */
function power(base: number, exponent: number): number {
  let result = 1
  for (let factor = base, rest = exponent; rest > 0; rest = Math.floor(rest / 2)) {
    if (rest % 2 === 1) result *= factor
    factor *= factor
  }
  return result
}
