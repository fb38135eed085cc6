import { type KernelCase, WORD } from './case.ts'
import { CANDIDATES, DIMENSIONS, type World } from './world.ts'

const ROW = DIMENSIONS * WORD
/** Users ranked at a time. */
const USERS = 1024
/** K of the ranking */
const LIST = 50
/** Items side by side in a panel. */
const PANEL = 8
/** Lists of a second stage, their items and features. */
const [LISTS, POOL, FEATURES] = [500, 100, 16]
/** Children of a tree's node. */
const BRANCHES = 3

export const rankingCases: readonly KernelCase[] = [
  {
    kernel: 'topKByVectors',
    variant: `${USERS} users, K = ${LIST}`,
    prepare(world) {
      const { kernels, data, tables } = world
      const { request, out } = ranking(world)
      const split = data.users * DIMENSIONS
      const userVectors = tables.pooled.subarray(0, split)
      const itemVectors = tables.pooled.subarray(split)
      const { length } = request.users
      return {
        macs: length * data.items * DIMENSIONS,
        bytes: (length + data.items) * ROW,
        run: () => kernels.topKByVectors({ ...request, userVectors, itemVectors, dimensions: DIMENSIONS }, out),
      }
    },
  },
  {
    kernel: 'packItems',
    prepare({ kernels, data, tables }) {
      const itemVectors = tables.pooled.subarray(data.users * DIMENSIONS)
      const panels = { packed: kernels.memory.floats(Math.ceil(data.items / PANEL) * PANEL * DIMENSIONS) }
      const run = () => kernels.packItems(itemVectors, DIMENSIONS, panels)
      return { macs: 0, bytes: 2 * data.items * ROW, run }
    },
  },
  {
    kernel: 'scoreByVectors',
    variant: 'one user',
    prepare({ kernels, data, tables, floats }) {
      const itemVectors = tables.pooled.subarray(data.users * DIMENSIONS)
      const panels = { packed: kernels.memory.floats(Math.ceil(data.items / PANEL) * PANEL * DIMENSIONS) }
      kernels.packItems(itemVectors, DIMENSIONS, panels)
      const user = tables.pooled.subarray(0, DIMENSIONS)
      const scores = floats(data.items)
      const run = () => kernels.scoreByVectors(user, panels, DIMENSIONS, scores)
      return { macs: data.items * DIMENSIONS, bytes: data.items * (ROW + WORD), run }
    },
  },
  {
    kernel: 'listSoftmax',
    variant: `${LISTS} lists of ${POOL}, ${FEATURES} features`,
    prepare({ kernels: { memory, listSoftmax }, floats }) {
      const rows = LISTS * POOL
      const offsets = memory.copy(Int32Array.from({ length: LISTS + 1 }, (_, list) => list * POOL))
      const positive = memory.bytes(rows)
      for (let list = 0; list < LISTS; list++) positive[list * POOL] = 1
      const lists = { offsets, features: floats(rows * FEATURES), positive }
      const [theta, slopes, losses, gradients] = [FEATURES, rows, LISTS, LISTS * FEATURES].map(length => floats(length))
      const run = () => listSoftmax(lists, theta, slopes, losses, gradients)
      return { macs: 2 * rows * FEATURES, bytes: 2 * rows * FEATURES * WORD, run }
    },
  },
  {
    kernel: 'topKByScores',
    variant: `${USERS} users, K = ${LIST}`,
    prepare(world) {
      const { request, out } = ranking(world)
      const scores = world.floats(request.users.length * world.data.items)
      const run = () => world.kernels.topKByScores({ ...request, scores }, out)
      return { macs: 0, bytes: scores.length * WORD, run }
    },
  },
  {
    kernel: 'fuseLists',
    variant: `${USERS} users, K = ${LIST}`,
    prepare(world) {
      const { request, out } = ranking(world)
      const { memory, topKByScores } = world.kernels
      const length = request.users.length * LIST
      const lists = () => ({ k: LIST, items: memory.ints(length), scores: memory.floats(length), weight: 0.5 })
      const [first, second] = [lists(), lists()]
      for (const list of [first, second])
        topKByScores({ ...request, scores: world.floats(request.users.length * world.data.items) }, list)
      const run = () => world.kernels.fuseLists(first, second, LIST, request.tieRank, out)
      return { macs: 0, bytes: length * 6 * WORD, run }
    },
  },
  {
    kernel: 'assignToCentroids',
    variant: `${BRANCHES} centroids`,
    prepare({ kernels, nodes, tables, floats, ints }) {
      const [centroids, distances, nearest] = [floats(BRANCHES * DIMENSIONS), floats(nodes), ints(nodes, 1)]
      return {
        macs: nodes * BRANCHES * DIMENSIONS,
        bytes: nodes * (ROW + 2 * WORD),
        run: () => kernels.assignToCentroids(tables.pooled, centroids, DIMENSIONS, nearest, distances),
      }
    },
  },
  {
    kernel: 'moveCentroids',
    variant: `${BRANCHES} centroids`,
    prepare({ kernels, nodes, tables, floats, ints }) {
      const [centroids, labels] = [floats(BRANCHES * DIMENSIONS), ints(nodes, BRANCHES)]
      return {
        macs: nodes * DIMENSIONS,
        bytes: nodes * (ROW + WORD),
        run: () => kernels.moveCentroids(tables.pooled, labels, DIMENSIONS, centroids),
      }
    },
  },
  {
    kernel: 'longestSharedPrefix',
    prepare({ kernels, data, batch, seen, codes, ints }) {
      const view = codes()
      const candidates = ints(batch.size * CANDIDATES, data.items)
      const out = ints(candidates.length, 1)
      const history = batch.users.reduce((sum, user) => sum + seen.offsets[user + 1] - seen.offsets[user], 0)
      return {
        macs: 0,
        bytes: history * CANDIDATES * (WORD + view.depth) + candidates.length * 2 * WORD,
        run: () => kernels.longestSharedPrefix(view, seen, batch.users, candidates, out),
      }
    },
  },
]

function ranking({ kernels: { memory }, data, seen, tieRank }: World) {
  const users = memory.copy(Int32Array.from({ length: Math.min(USERS, data.users) }, (_, user) => user))
  const out = { k: LIST, items: memory.ints(users.length * LIST), scores: memory.floats(users.length * LIST) }
  return { request: { users, items: data.items, seen, tieRank }, out }
}
