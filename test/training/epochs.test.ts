import { describe, expect, it } from 'vitest'
import { createDataset, createVocabulary } from '../../src/dataset/dataset.ts'
import { columnsOf } from '../../src/kernels/csr.ts'
import { createKernels } from '../../src/kernels/wasm/wasm.ts'
import { createEpochs } from '../../src/training/epochs.ts'
import type { TrainingOptions } from '../../src/training/options.ts'

// user 0 has 1 item, user 1 none, user 2 nine, user 3 ninety; weights say which interaction it is
const sizes = [1, 0, 9, 90]
const users = sizes.flatMap((size, user) => Array.from({ length: size }, () => user))
const items = sizes.flatMap(size => Array.from({ length: size }, (_, item) => item))
const data = createDataset(
  { users, items },
  createVocabulary([0, 1, 2, 3]),
  createVocabulary(Array.from({ length: 90 }, (_, item) => item)),
)
const train = { ...data, weights: Float32Array.from(data.byUser.indices, (_, entry) => entry) }

/** The users and items of some epochs, and what the weights say. */
function drawn(positives: TrainingOptions['positives'], epochs: readonly number[], seed = 1) {
  const source = createEpochs({ kernels: createKernels(), train, seed }, 32, positives)
  return epochs.flatMap(epoch => {
    source.shuffle(epoch)
    return Array.from({ length: source.batches }, (_, index) => {
      const { size, users, positives, weights } = source.batch(index)
      return Array.from({ length: size }, (_, b) => [users[b], positives[b], weights![b]] as const)
    }).flat()
  })
}

describe('an epoch', () => {
  it('goes through every interaction once, in an order of its own', () => {
    const one = drawn('each-once', [1])
    expect(one.map(([, , entry]) => entry).toSorted((a, b) => a - b)).toEqual([...Array(100).keys()])
    expect(drawn('each-once', [2])).not.toEqual(one)
  })

  it('by user draws as many, users alike, items of theirs alike, and nobody without a history', () => {
    const epochs = Array.from({ length: 60 }, (_, epoch) => epoch + 1)
    const draws = drawn('by-user', epochs)
    expect(draws).toHaveLength(6000)
    const times = [0, 0, 0, 0]
    let strange = 0
    const ofUser2 = new Array(9).fill(0)
    for (const [user, item, entry] of draws) {
      times[user]++
      if (user === 2) ofUser2[item]++
      if (!columnsOf(train.byUser, user).includes(item) || train.byUser.indices[entry] !== item) strange++
    }
    expect(strange).toBe(0)
    expect(times[1]).toBe(0)
    // 2000 expected, with a standard deviation of 37; 222 with 15
    for (const user of [0, 2, 3]) expect(Math.abs(times[user] - 2000)).toBeLessThan(150)
    for (const count of ofUser2) expect(Math.abs(count - 222)).toBeLessThan(60)
  })

  it('by user is the same for a seed, whatever came before, and another in another epoch', () => {
    expect(drawn('by-user', [2])).toEqual(drawn('by-user', [1, 2]).slice(100))
    expect(drawn('by-user', [2])).not.toEqual(drawn('by-user', [1]))
    expect(drawn('by-user', [2], 2)).not.toEqual(drawn('by-user', [2]))
  })
})
