/** The fast backend's scores, loss and gradients of a batch. */
import type { Batch, BatchNodes, Floats, Negatives, PairKernels, Tables } from '../interface/kernels.ts'
import type { FastLayer } from './layer.ts'
import { stepArguments } from './linear.ts'

/** Offsets of the hop tables, the user and the item part of the pooled one. */
export function tableOffsets({ users, items, dimensions, hop, pooled }: Tables, at: FastLayer['at']) {
  return {
    userRows: at(pooled),
    itemRows: at(pooled) + users * dimensions * 4,
    hopItemRows: at(hop) + users * dimensions * 4,
    stride: (users + items) * dimensions * 4,
  }
}

/** The exponential and logarithm of a positive, in multiply-adds. */
const EXP_COST = 40

export function pairKernels({ wasm, share, shareWithBlock, at }: FastLayer): PairKernels {
  const negativeArguments = ({ pickedHops, items, mix }: Negatives) => [pickedHops, at(items), at(mix)] as const
  /** Multiply-adds of a positive with its negatives. */
  const cost = ({ dimensions, hops }: Tables, { perPositive }: Negatives) => 2 * perPositive * hops * dimensions
  const groupArguments = ({ rows, offsets, entries }: BatchNodes) => [at(rows), at(offsets), at(entries)] as const
  /** A loss that looks at each positive and its negatives by itself. */
  const pointwise = (
    name: 'bpr' | 'crossEntropy',
    ...[batch, negatives, scores, derivatives, loss]: Parameters<PairKernels['bpr']>
  ) => {
    const { perPositive, pickedHops, items } = negatives
    const values = [
      at(scores.positive),
      at(scores.negative),
      at(derivatives.positive),
      at(derivatives.negative),
    ] as const
    const args = [batch.size, perPositive, pickedHops, at(items), at(batch.weights), ...values, at(loss)] as const
    share(name, batch.size, EXP_COST * (1 + perPositive), args)
  }
  const addPenalties = (tables: Tables, batch: Batch, negatives: Negatives, lambda: number, loss: Floats) => {
    const { users, dimensions, hops, hop } = tables
    const pairs = [at(batch.users), at(batch.positives), negatives.perPositive, users] as const
    const args = [...pairs, at(hop), dimensions, hops, ...negativeArguments(negatives), lambda / 2, at(loss)] as const
    share('addPenalties', batch.size, cost(tables, negatives), args)
  }
  return {
    scorePairs(tables, batch, negatives, positive, negative) {
      const { userRows, itemRows, hopItemRows, stride } = tableOffsets(tables, at)
      const pairs = [at(batch.users), at(batch.positives), negatives.perPositive] as const
      const vectors = [userRows, itemRows, hopItemRows, stride, tables.dimensions, tables.hops] as const
      const args = [...pairs, ...vectors, ...negativeArguments(negatives), at(positive), at(negative)] as const
      share('scorePairs', batch.size, cost(tables, negatives), args)
    },
    bpr: (...given) => pointwise('bpr', ...given),
    crossEntropy: (...given) => pointwise('crossEntropy', ...given),
    userGradients(tables, batch, negatives, derivatives, out) {
      const { itemRows, hopItemRows, stride } = tableOffsets(tables, at)
      const vectors = [itemRows, hopItemRows, stride, tables.dimensions, tables.hops] as const
      const values = [at(derivatives.positive), at(derivatives.negative)] as const
      const pairs = [at(batch.positives), negatives.perPositive] as const
      const args = [...pairs, ...vectors, ...negativeArguments(negatives), ...values, at(out)] as const
      share('userGradients', batch.size, cost(tables, negatives), args)
    },
    groupByNode({ users }, batch, { perPositive, pickedHops, items }, nodes, shared) {
      const pairs = [at(batch.users), at(batch.positives), perPositive, users, pickedHops, at(items)] as const
      const others = [at(shared), shared?.length ?? 0] as const
      const { marks, position, rows, offsets, entries } = nodes
      const groups = [at(marks), at(position), at(rows), at(offsets), at(entries)] as const
      nodes.count = wasm.groupByNode(batch.size, ...pairs, ...others, ...groups, nodes.count)
    },
    scatterGradients(tables, batch, negatives, derivatives, userGradients, nodes, h, out) {
      const { users, dimensions, hops, pooled } = tables
      const { perPositive, pickedHops, mix } = negatives
      const pairs = [batch.size, at(batch.users), perPositive, users, ...groupArguments(nodes)] as const
      const vectors = [at(pooled), dimensions, hops, pickedHops, at(mix)] as const
      const values = [at(derivatives.positive), at(derivatives.negative), at(userGradients)] as const
      const args = [...pairs, ...vectors, ...values, h, at(out)] as const
      share('scatterGradients', nodes.count, 4 * dimensions, args)
    },
    addRegularization(tables, batch, negatives, lambda, nodes, out, loss) {
      const { users, dimensions, hops, hop } = tables
      const vectors = [at(hop), dimensions, hops, ...negativeArguments(negatives)] as const
      const pairs = [at(batch.positives), negatives.perPositive, users] as const
      addPenalties(tables, batch, negatives, lambda, loss)
      const args = [batch.size, ...pairs, ...groupArguments(nodes), ...vectors, lambda / batch.size, at(out)] as const
      share('scatterRegularization', nodes.count, 4 * dimensions, args)
    },
    penalizeRows(table, columns, lambda, out, squares, kept) {
      const args = [at(table), columns, lambda, at(kept), at(out), at(squares)] as const
      share('penalizeRows', squares.length, 4 * columns, args)
    },
    updateRows(tables, batch, negatives, { derivatives, userGradients }, lambda, nodes, step) {
      const { users, dimensions, hop } = tables
      const { perPositive } = negatives
      const block = { bytes: Math.ceil(dimensions / 16) * 64 }
      const pairs = [batch.size, at(batch.users), perPositive, ...groupArguments(nodes)] as const
      const values = [at(derivatives.positive), at(derivatives.negative), at(userGradients)] as const
      const penalty = [lambda / batch.size, at(nodes.squares)] as const
      const args = [...pairs, at(hop), dimensions, ...values, ...penalty, ...stepArguments(step, at), block] as const
      // users come first among the rows, and last here: the rows of items are made from theirs
      const ofUsers = countBelow(nodes, users)
      shareWithBlock('updateNodes', nodes.count - ofUsers, 16 * dimensions, [ofUsers, ...args])
      shareWithBlock('updateNodes', ofUsers, 16 * dimensions, [0, ...args])
      let penalties = 0
      if (lambda > 0) for (let n = 0; n < nodes.count; n++) penalties += nodes.squares[n]
      return (penalties * batch.size) / 2
    },
  }
}

/** How many of the nodes, of which users come first, are users. */
function countBelow({ rows, count }: BatchNodes, users: number): number {
  let [low, high] = [0, count]
  while (low < high) {
    const middle = (low + high) >> 1
    if (rows[middle] < users) low = middle + 1
    else high = middle
  }
  return low
}
