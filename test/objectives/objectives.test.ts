import { describe, expect, it } from 'vitest'
import { createReferenceKernels } from '../../src/kernels/reference/reference.ts'
import { createKernels } from '../../src/kernels/wasm/wasm.ts'
import { bpr } from '../../src/objectives/bpr.ts'
import { ccl } from '../../src/objectives/ccl.ts'
import { objectives } from '../../src/objectives/index.ts'
import { type Expectations, objectiveContract } from '../contracts/objective.ts'
import { type VectorExpectations, vectorObjectiveContract, vectorSetting } from '../contracts/vector-objective.ts'

const SHARES_THE_SAME = {
  test: 'what a batch shares depends on seed, epoch and batch, and on nothing before',
  reason: 'what it shares is no draw',
}

/** What an objective does not do, and why; one that is not named here does everything. */
const expectations: Record<string, Expectations> = {}
const vectorExpectations: Record<string, VectorExpectations> = {
  'sampled-softmax': { options: { sharedNegatives: 6 } },
  // a margin that cosines of random vectors pass
  ccl: { options: { sharedNegatives: 6, cosineMargin: -0.3 } },
  psl: { options: { sharedNegatives: 6 } },
  bsl: { options: { sharedNegatives: 6 } },
  'sl-at-k': {
    options: { sharedNegatives: 12, cutoff: 2 },
    skip: [
      {
        test: 'gradients agree with central differences in f64, within 1e-7',
        reason: 'the weight of a positive has no gradient; without it they agree, see test/training/gradients.test.ts',
      },
    ],
  },
  enmf: { skip: [SHARES_THE_SAME] },
  ultragcn: { options: { similarItems: 2, itemWeight: 1 }, skip: [SHARES_THE_SAME] },
  directau: {
    skip: [
      {
        test: 'weights scale the loss of their positive, and 1 is as none',
        reason: 'weights are those of the alignment alone, which is tested in directau.test.ts',
      },
    ],
  },
}

for (const objective of objectives.parts) {
  if (objective.kind === 'scores') objectiveContract(objective, expectations[objective.name])
  else vectorObjectiveContract(objective, vectorExpectations[objective.name])
}

describe('with a third of every user vector dropped', () => {
  const { options, ...rest } = vectorExpectations.ccl
  vectorObjectiveContract(ccl, { ...rest, options: { ...options, userDropout: 1 / 3 } })

  it('scores are others in every batch, and on the mean what they are without', () => {
    const scoresOf = (userDropout: number, batch: number) => {
      const at = { epoch: 1, batch }
      return vectorSetting(ccl, { sharedNegatives: 0, userDropout }, createReferenceKernels('f64'), { at }).run().scores
    }
    const whole = scoresOf(0, 1).positive
    expect(scoresOf(0, 2).positive).toEqual(whole)
    const batches = Array.from({ length: 600 }, (_, batch) => scoresOf(1 / 3, batch).positive)
    expect(batches[0]).not.toEqual(batches[1])
    whole.forEach((value, b) => {
      const mean = batches.reduce((sum, own) => sum + own[b], 0) / batches.length
      expect(Math.abs(mean - value)).toBeLessThan(0.08)
    })
  })

  it('a positive whose cosine exceeds 1 has no loss and no gradient', () => {
    const options = { sharedNegatives: 0, negativeWeight: 0, userDropout: 1 / 3 }
    const { vectors, run } = vectorSetting(ccl, options, createReferenceKernels('f64'), {})
    vectors.positives.set(vectors.users)
    const { scores, loss, gradients } = run()
    const dimensions = vectors.users.length / loss.length
    const isAbove = [...scores.positive].map(score => score > 1)
    expect(new Set(isAbove)).toEqual(new Set([true, false]))
    isAbove.forEach((above, b) => {
      expect(loss[b]).toBeCloseTo(Math.max(0, 1 - scores.positive[b]))
      const own = gradients.users.subarray(b * dimensions, (b + 1) * dimensions)
      expect(own.some(value => value !== 0)).toBe(!above)
    })
  })
})

describe('bpr by hand', () => {
  /** One positive of score 1, with these scores of negatives. */
  function one(...negative: number[]) {
    const { memory, ...kernels } = createKernels()
    const floats = (values: number[]) => memory.copy(Float32Array.from(values))
    const ints = (values: number[]) => memory.copy(Int32Array.from(values))
    const batch = { size: 1, users: ints([0]), positives: ints([0]) }
    const negatives = { perPositive: negative.length, pickedHops: 1, items: ints(negative.map((_, item) => item + 1)) }
    const scores = { positive: floats([1]), negative: floats(negative) }
    const derivatives = { positive: floats([0]), negative: floats(negative.map(() => 0)) }
    const loss = floats([0])
    bpr.create({ memory, ...kernels }, {}).differentiate(batch, negatives, scores, derivatives, loss)
    return { loss: loss[0], positive: derivatives.positive[0], negative: [...derivatives.negative] }
  }

  it('for one negative it is −log σ(difference)', () => {
    expect(one(1).loss).toBeCloseTo(Math.log(2), 6)
    expect(one(0).loss).toBeCloseTo(-Math.log(1 / (1 + Math.exp(-1))), 6)
    expect(one(1)).toMatchObject({ positive: expect.closeTo(-0.5, 6), negative: [expect.closeTo(0.5, 6)] })
  })

  it('for K negatives it is log(1 + Σ exp(difference))', () => {
    expect(one(1, 1, 1).loss).toBeCloseTo(Math.log(4), 6)
    expect(one(1, 1, 1).positive).toBeCloseTo(-0.75, 6)
    const { negative } = one(0, 2)
    const total = 1 + Math.exp(-1) + Math.exp(1)
    expect(negative).toEqual([expect.closeTo(Math.exp(-1) / total, 6), expect.closeTo(Math.exp(1) / total, 6)])
  })

  it('with --pair-losses mean it is the mean of what single pairs have, in batches of any sizes', () => {
    const kernels = createKernels()
    const floats = (values: number[]) => kernels.memory.copy(Float32Array.from(values))
    const ints = (values: number[]) => kernels.memory.copy(Int32Array.from(values))
    const objective = bpr.create(kernels, { pairLosses: 'mean' })
    const of = (positive: number[], negative: number[], weights?: number[]) => {
      const size = positive.length
      const users = ints(positive.map((_, at) => at))
      const batch = { size, users, positives: users, ...(weights && { weights: floats(weights) }) }
      const negatives = { perPositive: negative.length / size, pickedHops: 1, items: ints(negative.map(() => 7)) }
      const derivatives = { positive: floats(positive), negative: floats(negative) }
      const loss = floats(positive)
      objective.differentiate(batch, negatives, { positive: floats(positive), negative: floats(negative) }, derivatives, loss) // biome-ignore format: one line
      return { loss: [...loss], positive: [...derivatives.positive], negative: [...derivatives.negative] }
    }
    const near = (values: number[]) => values.map(value => expect.closeTo(value, 6))
    const softplus = (x: number) => Math.log1p(Math.exp(x))
    const sigmoid = (x: number) => 1 / (1 + Math.exp(-x))
    // differences −1 and 1 of weight 2, then 0 and 3 of weight 1; B K = 4
    const slopes = [(2 * sigmoid(-1)) / 4, (2 * sigmoid(1)) / 4, sigmoid(0) / 4, sigmoid(3) / 4]
    const expected = {
      loss: near([softplus(-1) + softplus(1), (softplus(0) + softplus(3)) / 2]),
      positive: near([-slopes[0] - slopes[1], -slopes[2] - slopes[3]]),
      negative: near(slopes),
    }
    expect(of([0], [1])).toEqual({ loss: near([softplus(1)]), positive: near([-sigmoid(1)]), negative: near([sigmoid(1)]) }) // biome-ignore format: one line
    expect(of([1, 1], [0, 2, 1, 4], [2, 1])).toEqual(expected)
    // no weights are left over
    expect(of([1, 1], [0, 2, 1, 4]).loss[0]).toBeCloseTo((softplus(-1) + softplus(1)) / 2, 6)
  })
})

it('the registry helps with a name', () => {
  expect(() => objectives.get('bpp')).toThrow(
    `unknown objective "bpp": known are ${objectives.names.join(', ')}; did you mean "bpr"?`,
  )
})
