import { describe, expect, it } from 'vitest'
import { createDataset, createVocabulary } from '../../src/dataset/dataset.ts'
import { historiesOf } from '../../src/dataset/histories.ts'
import { createKernels } from '../../src/kernels/wasm/wasm.ts'
import { baselines } from '../../src/models/baselines/index.ts'
import { decayed } from '../../src/models/decay.ts'
import { embeddingRecommender } from '../../src/models/embeddings.ts'
import { usersOf } from '../support/requests.ts'
import { randomDataset, timed } from '../support/toy.ts'

const vocabulary = (size: number) => createVocabulary(Array.from({ length: size }, (_, id) => id))
const pairs = { users: [0, 0, 0, 1, 1], items: [0, 1, 2, 0, 2] }
const DAY = 86_400_000
const clock = createDataset({ ...pairs, timestamps: [5 * DAY, 9 * DAY, 0, DAY, DAY] }, vocabulary(2), vocabulary(3))
const positions = createDataset(
  { ...pairs, timestamps: [1, 2, 0, 0, 1], timeKind: 'position' },
  vocabulary(2),
  vocabulary(3),
)
const unordered = createDataset(pairs, vocabulary(2), vocabulary(3))
const { memory } = createKernels()

describe('decay', () => {
  it('is γ to the number of newer interactions, and a half for each half-life', () => {
    const values = (options: { decay: number; halfLife: number }, data = clock) => [
      ...(decayed(memory, historiesOf(data), options).values ?? []),
    ]
    expect(values({ decay: 0.5, halfLife: 0 })).toEqual([0.5, 1, 0.25, 1, 1])
    expect(values({ decay: 1, halfLife: 2 })).toEqual([0.25, 1, Math.fround(2 ** -4.5), 1, 1])
    expect(values({ decay: 0.5, halfLife: 4 })).toEqual([0.25, 1, Math.fround(0.25 * 2 ** -2.25), 1, 1])
    expect(values({ decay: 0.5, halfLife: 0 }, positions)).toEqual([0.5, 1, 0.25, 0.5, 1])
  })

  it('multiplies what interactions count already', () => {
    const weighted = { ...historiesOf(clock), values: Float32Array.of(8, 2, 4, 1, 3) }
    expect([...decayed(memory, weighted, { decay: 0.5, halfLife: 0 }).values!]).toEqual([4, 2, 1, 1, 3])
  })

  it('leaves histories alone where it is 1, and where nobody knows their order', () => {
    const histories = historiesOf(clock)
    expect(decayed(memory, histories, { decay: 1, halfLife: 0 })).toBe(histories)
    const unknown = historiesOf(unordered)
    expect(decayed(memory, unknown, { decay: 0.5, halfLife: 3 })).toBe(unknown)
  })

  it.each(['ease', 'item-knn', 'rp3beta', 'ials', 'ordered-walk'])('%s: is refused without what it needs', name => {
    const baseline = baselines.get(name)
    const order = name === 'ordered-walk' ? 'needs the order of interactions' : `--${name}-decay 0.5 needs the order`
    expect(baseline.unsupportedReason!(unordered, { decay: 0.5 })).toContain(`baseline "${name}"`)
    expect(baseline.unsupportedReason!(unordered, { decay: 0.5 })).toContain(order)
    expect(baseline.unsupportedReason!(positions, { halfLife: 30 })).toBe(
      `baseline "${name}": --${name}-half-life 30 needs times of a clock, and the data has positions only; use --${name}-decay, or leave it at 0`,
    )
    expect(baseline.unsupportedReason!(positions, { decay: 0.5 })).toBeUndefined()
    expect(baseline.unsupportedReason!(clock, { decay: 0.5, halfLife: 30 })).toBeUndefined()
  })

  it.each(['ease', 'item-knn', 'rp3beta', 'ials', 'ordered-walk'])(
    '%s: of 1e-6 ranks by the newest item alone',
    name => {
      const train = timed(randomDataset(20, 15, 0.3), 'position')
      const kernels = createKernels()
      const recommender = baselines.get(name).fit({ train, kernels, seed: 1 }, { decay: 1e-6 })
      const { histories } = usersOf(train)
      const newest = Array.from({ length: train.users }, (_, user) => {
        const [from, to] = histories.offsets.subarray(user, user + 2)
        return histories.indices[from + histories.ages!.subarray(from, to).indexOf(0)]
      })
      const alone = {
        offsets: Int32Array.from({ length: train.users + 1 }, (_, row) => row),
        indices: Int32Array.from(newest),
        ages: new Float32Array(train.users),
      }
      const [scores, expected] = [0, 1].map(() => kernels.memory.floats(train.users * train.items))
      recommender.score!({ histories }, scores)
      recommender.score!({ histories: alone }, expected)
      scores.forEach((score, at) => {
        expect(Math.abs(score - expected[at])).toBeLessThan(1e-4)
      })
    },
  )

  it('of vectors: all histories are folded in, those that were trained on too', () => {
    const train = timed(randomDataset(20, 15, 0.3), 'position')
    const vectors = (rows: number) => Float32Array.from({ length: rows * 4 }, (_, at) => ((at * 7) % 5) / 5 - 0.4)
    const embeddings = { users: 20, items: 15, dimensions: 4, userVectors: vectors(20), itemVectors: vectors(15) }
    const scores = (decay: number) => {
      const kernels = createKernels()
      const out = kernels.memory.floats(300)
      embeddingRecommender(embeddings, kernels, train, { decay, halfLife: 0 }).score!(usersOf(train), out)
      return out
    }
    expect(scores(0.999999)).not.toEqual(scores(1))
  })
})
