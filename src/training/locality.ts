/**
 * Users and items numbered anew for the length of a training, so that neighbours in the graph lie together in memory:
 * items by their structural code, users by the middle item of their history. On Sports a product with the graph takes
 * 2.05 ms so numbered, and 2.25 ms with the numbers of the ids (D = 64, one thread, medians of 40, in turns). Outside of
 * the training nothing shows: what goes in and what comes out has the numbers of the data set.
 */
import { buildCsr, type Dataset, gather, rowOfEntry, transpose, type Vocabulary } from '../dataset/dataset.ts'
import type { Codes, CsrPattern } from '../kernels/interface/kernels.ts'
import type { Embeddings } from '../models/embeddings.ts'
import type { TrainRequest } from './trainer.ts'

/** The new number of each old one. */
export interface Numbering {
  readonly users: Int32Array
  readonly items: Int32Array
}

export function numberByCode({ users, items, byUser }: Dataset, { depth, values }: Codes): Numbering {
  const code = (item: number) => values.subarray(item * depth, (item + 1) * depth)
  const compare = (a: number, b: number) => {
    const [left, right] = [code(a), code(b)]
    const at = left.findIndex((child, level) => child !== right[level])
    return at < 0 ? a - b : left[at] - right[at]
  }
  const itemNumbers = positionsOf(Int32Array.from({ length: items }, (_, item) => item).sort(compare))
  const middle = Int32Array.from({ length: users }, (_, user) => {
    const history = byUser.indices.subarray(byUser.offsets[user], byUser.offsets[user + 1])
    return history.length ? history.map(item => itemNumbers[item]).sort()[history.length >> 1] : items
  })
  const byMiddle = Int32Array.from({ length: users }, (_, user) => user).sort((a, b) => middle[a] - middle[b] || a - b)
  return { users: positionsOf(byMiddle), items: itemNumbers }
}

/** Everything of a request in the new numbers; `validate` sees vectors in the old ones. */
export function renumber(request: TrainRequest, numbering: Numbering): TrainRequest {
  const { kernels, train, graph, forbidden, codes, edgeWeights, validate } = request
  const weighted = renumberDataset(graph ?? train, numbering)
  const inOldOrder = validate && restoring(kernels, numbering, validate)
  return {
    ...request,
    train: renumberDataset(train, numbering).dataset,
    ...(graph && { graph: weighted.dataset }),
    ...(forbidden && { forbidden: renumberPattern(forbidden, numbering).pattern }),
    ...(codes && {
      codes: {
        structural: renumberCodes(codes.structural, numbering.items),
        semantic: renumberCodes(codes.semantic, numbering.items),
      },
    }),
    ...(edgeWeights && { edgeWeights: gather(edgeWeights, weighted.order, Float32Array) }),
    ...(inOldOrder && { validate: inOldOrder }),
  }
}

/** Vectors back in the old numbers. */
export function restoreVectors(embeddings: Embeddings, { users, items }: Numbering): Embeddings {
  const { dimensions, userVectors, itemVectors, propagated } = embeddings
  const restore = (vectors: Float32Array, numbers: Int32Array) => {
    const restored = new Float32Array(vectors.length)
    numbers.forEach((number, old) => {
      restored.set(vectors.subarray(number * dimensions, (number + 1) * dimensions), old * dimensions)
    })
    return restored
  }
  return {
    ...embeddings,
    userVectors: restore(userVectors, users),
    itemVectors: restore(itemVectors, items),
    ...(propagated && {
      propagated: {
        ...propagated,
        users: restore(propagated.users, users),
        items: restore(propagated.items, items),
      },
    }),
  }
}

function restoring(
  kernels: TrainRequest['kernels'],
  numbering: Numbering,
  validate: NonNullable<TrainRequest['validate']>,
): NonNullable<TrainRequest['validate']> {
  return view =>
    kernels.memory.scope(() => {
      const restore = (vectors: typeof view.userVectors, numbers: Int32Array) => {
        const restored = kernels.memory.floats(vectors.length)
        kernels.gatherRows(vectors, view.dimensions, kernels.memory.copy(numbers), restored)
        return restored
      }
      const userVectors = restore(view.userVectors, numbering.users)
      const itemVectors = restore(view.itemVectors, numbering.items)
      return validate({ ...view, userVectors, itemVectors })
    })
}

function renumberDataset(dataset: Dataset, numbering: Numbering) {
  const { pattern: byUser, order } = renumberPattern(dataset.byUser, numbering)
  const { timestamps, weights } = dataset
  const renumbered: Dataset = {
    ...dataset,
    byUser,
    byItem: transpose(byUser, dataset.items),
    userIds: renumberIds(dataset.userIds, numbering.users),
    itemIds: renumberIds(dataset.itemIds, numbering.items),
    ...(timestamps && { timestamps: gather(timestamps, order, Float64Array) }),
    ...(weights && { weights: gather(weights, order, Float32Array) }),
  }
  return { dataset: renumbered, order }
}

/** `order[e]` is the old entry that stands at e. */
function renumberPattern(byUser: CsrPattern, { users, items }: Numbering) {
  const rows = rowOfEntry(byUser).map(user => users[user])
  const columns = byUser.indices.map(item => items[item])
  return buildCsr(rows, columns, users.length, items.length)
}

function renumberIds({ ids, indexOf }: Vocabulary, numbers: Int32Array): Vocabulary {
  const renumbered = ids.slice()
  numbers.forEach((number, old) => {
    renumbered[number] = ids[old]
  })
  return { ids: renumbered, indexOf: id => numbers[indexOf(id)] ?? -1 }
}

function renumberCodes({ depth, values }: Codes, items: Int32Array): Codes {
  const renumbered = new Int8Array(values.length)
  items.forEach((number, old) => {
    renumbered.set(values.subarray(old * depth, (old + 1) * depth), number * depth)
  })
  return { depth, values: renumbered }
}

/** The place of each value of a permutation. */
function positionsOf(order: Int32Array): Int32Array {
  const positions = new Int32Array(order.length)
  order.forEach((value, position) => {
    positions[value] = position
  })
  return positions
}
