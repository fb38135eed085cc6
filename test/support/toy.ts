/** Small data sets and kernel inputs that tests make up from a seed. */
import { createDataset, createVocabulary, type Dataset, type TimeKind } from '../../src/dataset/dataset.ts'
import type { Batch, Floats, Kernels, Tables } from '../../src/kernels/interface/kernels.ts'
import { derive, randomStream } from '../../src/random.ts'

const range = (length: number) => Array.from({ length }, (_, i) => i)

/** Every user meets each item with probability `density`, and at least one item. */
export function randomDataset(users: number, items: number, density: number, seed = 1): Dataset {
  const random = randomStream(derive(seed, 'toy'))
  const pairs = { users: [] as number[], items: [] as number[] }
  for (let user = 0; user < users; user++) {
    const own = range(items).filter(() => random.uniform() < density)
    for (const item of own.length ? own : [random.below(items)]) {
      pairs.users.push(user)
      pairs.items.push(item)
    }
  }
  return createDataset(pairs, createVocabulary(range(users)), createVocabulary(range(items)))
}

/**
 * The same interactions with times from a seed: of a clock, of which a user has some more than once, or the positions of a random order.
 */
export function timed(data: Dataset, timeKind: TimeKind, seed = 1): Dataset & { readonly timestamps: Float64Array } {
  const random = randomStream(derive(seed, 'times'))
  const draws = data.byUser.indices.map(() => random.below(2 ** 30))
  const timestamps = Float64Array.from(draws, (draw, entry) => {
    if (timeKind === 'clock') return (draw % 10) * 86_400_000
    const row = data.byUser.offsets.findLastIndex(offset => offset <= entry)
    const own = draws.subarray(data.byUser.offsets[row], data.byUser.offsets[row + 1])
    return own.reduce((before, other) => before + Number(other < draw), 0)
  })
  return { ...data, timestamps, timeKind }
}

/** n × n: user u meets every item of its colour but item u, so that the best item for u is u. */
export function checkerboard(n: number): Dataset {
  const pairs = { users: [] as number[], items: [] as number[] }
  for (let user = 0; user < n; user++) {
    for (let item = user % 2; item < n; item += 2) {
      if (item === user) continue
      pairs.users.push(user)
      pairs.items.push(item)
    }
  }
  return createDataset(pairs, createVocabulary(range(n)), createVocabulary(range(n)))
}

/** Values uniform over [−1, 1), the same for every backend up to its precision. */
export function randomFloats(kernels: Kernels, length: number, seed: number): Floats {
  const random = randomStream(derive(seed, 'floats'))
  const values = kernels.memory.floats(length)
  for (let i = 0; i < length; i++) values[i] = Math.fround(2 * random.uniform() - 1)
  return values
}

export function randomInts(kernels: Kernels, length: number, below: number, seed: number): Int32Array {
  const random = randomStream(derive(seed, 'ints'))
  return kernels.memory.copy(Int32Array.from({ length }, () => random.below(below)))
}

export function randomTables(kernels: Kernels, users: number, items: number, dimensions: number, hops: number): Tables {
  const length = (users + items) * dimensions
  const tables = {
    users,
    items,
    dimensions,
    hops,
    hop: randomFloats(kernels, hops * length, 5),
    pooled: kernels.memory.floats(length),
  }
  kernels.poolHops(tables)
  return tables
}

export function randomBatch(kernels: Kernels, size: number, users: number, items: number, weighted = false): Batch {
  const weights = randomFloats(kernels, size, 8)
  for (let b = 0; b < size; b++) weights[b] = Math.abs(weights[b]) + 0.25
  return {
    size,
    users: randomInts(kernels, size, users, 6),
    positives: randomInts(kernels, size, items, 7),
    ...(weighted && { weights }),
  }
}
