import { describe, expect, it } from 'vitest'
import { createDataset, createVocabulary, type TimeKind } from '../../src/dataset/dataset.ts'
import { createSplit } from '../../src/dataset/split.ts'
import { evaluate } from '../../src/evaluation/evaluate.ts'
import { chooseShare } from '../../src/evaluation/fusion-share.ts'
import { everythingObserved, observedBeforeTest } from '../../src/evaluation/observed.ts'
import { createValidation } from '../../src/evaluation/validation.ts'
import { createKernels } from '../../src/kernels/wasm/wasm.ts'
import { baselines } from '../../src/models/baselines/index.ts'

const vocabulary = (size: number) => createVocabulary(Array.from({ length: size }, (_, id) => id))

/** Users 0 {1, 2} and 1 {0}; valid 0 {0}, 1 {3}; test 0 {3}. */
function splitOf(
  times?: { train: number[]; valid?: number[]; test?: number[]; timeKind?: TimeKind },
  weights?: number[],
) {
  const pairs = { users: [0, 0, 1], items: [1, 2, 0], ...(weights && { weights }) }
  const timed = times && { timestamps: times.train, ...(times.timeKind && { timeKind: times.timeKind }) }
  const train = createDataset({ ...pairs, ...timed }, vocabulary(2), vocabulary(4))
  const part = (offsets: number[], indices: number[], own?: number[]) => ({
    offsets: Int32Array.from(offsets),
    indices: Int32Array.from(indices),
    ...(own && { timestamps: Float64Array.from(own) }),
  })
  return createSplit(train, part([0, 1, 2], [0, 3], times?.valid), part([0, 1, 1], [3], times?.test))
}

describe('what was observed', () => {
  it('before test is train and valid, with their times', () => {
    const { byUser, timestamps, timeKind, weights, interactions } = observedBeforeTest(
      splitOf({ train: [0, 1, 0], valid: [2, 1], test: [3], timeKind: 'position' }),
    )
    expect(interactions).toBe(5)
    expect([...byUser.offsets]).toEqual([0, 3, 5])
    expect([...byUser.indices]).toEqual([0, 1, 2, 0, 3])
    expect([...timestamps!]).toEqual([2, 0, 1, 0, 1])
    expect([timeKind, weights]).toEqual(['position', undefined])
  })

  it('in all has test in it too', () => {
    const { byUser, timestamps, timeKind } = everythingObserved(splitOf({ train: [0, 5, 0], valid: [7, 1], test: [6] }))
    expect([...byUser.indices]).toEqual([0, 1, 2, 3, 0, 3])
    expect([...timestamps!]).toEqual([7, 0, 5, 6, 0, 1])
    expect(timeKind).toBe('clock')
  })

  it('has no order where a part has none, and keeps the weights of train', () => {
    const { timestamps, timeKind, weights } = observedBeforeTest(splitOf({ train: [0, 1, 0] }, [0.5, 2, 3]))
    expect([timestamps, timeKind]).toEqual([undefined, undefined])
    expect([...weights!]).toEqual([1, 0.5, 2, 3, 1])
  })
})

describe('once it was handed out', () => {
  const kernels = createKernels()
  const message = 'nothing can be measured on this part of the data any more: it was handed out as observed'
  const measures = (split: ReturnType<typeof splitOf>) => {
    const { train, valid } = split
    const fitted = () => baselines.get('popularity').fit({ train, kernels, seed: 1 }, {})
    const request = { truth: valid, histories: train.byUser, seen: train.byUser, seed: 1, cutoffs: [2] }
    const vectors = {
      users: 2,
      items: 4,
      dimensions: 4,
      userVectors: kernels.memory.floats(8),
      itemVectors: kernels.memory.floats(16),
    }
    return {
      evaluate: () => evaluate(fitted(), request),
      createValidation: () => createValidation(kernels, request)(vectors),
      chooseShare: () => chooseShare({ kernels, first: fitted(), second: fitted(), depth: 20 }, request),
    }
  }

  it('validation measures nothing any more, and test still does', () => {
    const split = splitOf()
    const before = measures(split)
    for (const measure of Object.values(before)) expect(measure).not.toThrow()
    observedBeforeTest(split)
    for (const measure of Object.values(before)) expect(measure).toThrow(message)
    expect(() => measures({ ...split, valid: split.test }).evaluate()).not.toThrow()
  })

  it('with test in it, nothing can be measured', () => {
    const split = splitOf()
    everythingObserved(split)
    expect(() => measures({ ...split, valid: split.test }).evaluate()).toThrow(message)
  })
})
