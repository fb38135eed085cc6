import type { CsrMatrix, ItemGraph, Sequences } from '../../src/kernels/interface/kernels.ts'
import { residentPattern } from '../../src/models/rows.ts'
import { type KernelCase, WORD } from './case.ts'
import type { World } from './world.ts'

/** Neighbours that are kept of each item. */
const NEAREST = 20
/** A sum in f64 is read and written, and the item's place written. */
const MET_BYTES = 2 * 8 + 2 * WORD
/** Places to either side that an ordered walk looks at. */
const WINDOW = 50
/** K of their rankings. */
const LIST = 50
/** Users scored at a time. */
const USERS = 1024

export const neighborCases: readonly KernelCase[] = [
  {
    kernel: 'countNeighbors',
    prepare(world) {
      const { kernels, data, graph } = neighbors(world)
      const sizes = kernels.memory.ints(data.items)
      // an index is read; a word of the bitmap is read and written
      return { macs: 0, bytes: met(world) * (WORD + 16), run: () => kernels.countNeighbors(graph, sizes) }
    },
  },
  fillCase('cosine, all'),
  fillCase(`cosine, the nearest ${NEAREST}`, NEAREST),
  {
    kernel: 'countOrdered',
    prepare(world) {
      const { sequences, sizes, placesMet } = ordered(world)
      const run = () => world.kernels.countOrdered(sequences, WINDOW, sizes)
      return { macs: 0, bytes: placesMet * 3 * WORD, run }
    },
  },
  {
    kernel: 'fillOrdered',
    variant: 'all',
    prepare(world) {
      const { kernels, data } = world
      const { memory } = kernels
      const { sequences, sizes, placesMet } = ordered(world)
      kernels.countOrdered(sequences, WINDOW, sizes)
      const offsets = memory.ints(data.items + 1)
      sizes.forEach((size, item) => {
        offsets[item + 1] = offsets[item] + size
      })
      const entries = offsets[data.items]
      const out = { offsets, indices: memory.ints(entries), values: memory.floats(entries) }
      const ones = (length: number) => memory.doubles(length).fill(1)
      const walk = { window: WINDOW, backward: 0.5, shrinkage: 2, nearness: ones(WINDOW + 1), leave: ones(data.items), hold: ones(data.items) } // biome-ignore format: one line
      const run = () => kernels.fillOrdered(sequences, walk, out)
      return { macs: placesMet, bytes: placesMet * 2 * 8 + entries * 2 * WORD, run }
    },
  },
  {
    kernel: 'normalizeSymmetrically',
    prepare(world) {
      const { kernels, room } = neighbors(world)
      const matrix = room()
      matrix.values.fill(1)
      const entries = matrix.indices.length
      const bytes = entries * (2 * WORD + WORD + WORD + 8)
      return { macs: 3 * entries, bytes, run: () => kernels.normalizeSymmetrically(matrix) }
    },
  },
  {
    kernel: 'sumSparseRows',
    variant: `${USERS} histories`,
    prepare(world) {
      const { kernels, data, matrix: weights, rows, chosen } = rankable(world)
      const out = kernels.memory.floats(rows * data.items)
      const added = chosen.indices
        .subarray(0, chosen.offsets[rows])
        .reduce((sum, item) => sum + weights.offsets[item + 1] - weights.offsets[item], 0)
      const bytes = added * 4 * WORD + out.length * WORD
      return { macs: 0, bytes, run: () => kernels.sumSparseRows(chosen, weights, data.items, out) }
    },
  },
  {
    kernel: 'topKBySums',
    variant: `${USERS} histories, K = ${LIST}`,
    prepare(world) {
      const { kernels, data, graph, matrix, rows, chosen } = rankable(world)
      const { memory } = kernels
      const users = memory.copy(Int32Array.from({ length: rows }, (_, row) => row))
      const out = { k: LIST, items: memory.ints(rows * LIST), scores: memory.floats(rows * LIST) }
      const request = { users, items: data.items, seen: graph.byUser, tieRank: world.tieRank, chosen, matrix }
      const bytes = chosen.offsets[rows] * NEAREST * 4 * WORD
      return { macs: 0, bytes, run: () => kernels.topKBySums(request, out) }
    },
  },
]

/** The nearest of each item, and the histories of some users to rank for. */
function rankable(world: World) {
  const { kernels, data, graph, room } = neighbors(world)
  const matrix = room(NEAREST)
  kernels.fillNeighbors(graph, { kind: 'cosine', shrinkage: 0 }, matrix, 0, world.tieRank)
  const rows = Math.min(USERS, data.users)
  const chosen = { offsets: graph.byUser.offsets.subarray(0, rows + 1), indices: graph.byUser.indices }
  return { kernels, data, graph, matrix, rows, chosen }
}

function fillCase(variant: string, limit?: number): KernelCase {
  return {
    kernel: 'fillNeighbors',
    variant,
    prepare(world) {
      const { kernels, graph, room } = neighbors(world)
      const matrix = room(limit)
      const bytes = met(world) * MET_BYTES + matrix.indices.length * 2 * WORD
      const run = () => kernels.fillNeighbors(graph, { kind: 'cosine', shrinkage: 0 }, matrix, 0, world.tieRank)
      return { macs: 0, bytes, run }
    },
  }
}

/** Histories as sequences, the items of each in the order of their ids, and the pairs of places within the window. */
function ordered({ kernels, data, seen, ints }: World) {
  const { memory } = kernels
  const { offsets, indices } = seen
  const owners = memory.ints(indices.length)
  const times = memory.ints(indices.length)
  const byItem = memory.copy(data.byItem.offsets)
  const places = memory.ints(indices.length)
  const next = data.byItem.offsets.slice()
  let placesMet = 0
  for (let user = 0; user < data.users; user++)
    for (let at = offsets[user]; at < offsets[user + 1]; at++) {
      owners[at] = user
      times[at] = at - offsets[user]
      places[next[indices[at]]++] = at
      placesMet += Math.min(WINDOW, at - offsets[user]) + Math.min(WINDOW, offsets[user + 1] - 1 - at)
    }
  const sequences: Sequences = { bySequence: seen, owners, times, byItem: { offsets: byItem, indices: places } }
  return { sequences, sizes: ints(data.items, 1), placesMet }
}

/** Items of the histories that all rows go through. */
function met({ data: { byUser } }: World): number {
  return byUser.offsets.reduce((sum, end, at) => sum + (at ? (end - byUser.offsets[at - 1]) ** 2 : 0), 0)
}

/** The interactions from both sides, and a matrix with room for the neighbours, or for some of each item. */
function neighbors({ kernels, data, seen }: World) {
  const { memory } = kernels
  const graph: ItemGraph = { byUser: seen, byItem: residentPattern(memory, data.byItem) }
  const room = (limit = data.items): CsrMatrix => {
    const sizes = memory.ints(data.items)
    kernels.countNeighbors(graph, sizes)
    const offsets = memory.ints(data.items + 1)
    sizes.forEach((size, item) => {
      offsets[item + 1] = offsets[item] + Math.min(limit, size)
    })
    return { offsets, indices: memory.ints(offsets[data.items]), values: memory.floats(offsets[data.items]) }
  }
  return { kernels, data, graph, room }
}
