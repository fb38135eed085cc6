import { expect } from 'vitest'
import { columnsOf } from '../../src/kernels/csr.ts'
import type { Kernels } from '../../src/kernels/interface/kernels.ts'
import { createReferenceKernels } from '../../src/kernels/reference/reference.ts'
import { createKernels } from '../../src/kernels/wasm/wasm.ts'
import type { BaselineDefinition } from '../../src/models/model.ts'
import { tieRanks } from '../../src/models/ties.ts'
import { describeOptions } from '../../src/options.ts'
import { unseenBy, usersOf } from '../support/requests.ts'
import { checkerboard, randomDataset, timed } from '../support/toy.ts'
import { contract, type Skip } from './contract.ts'
import { otherValue } from './perturb.ts'

export interface Expectations {
  /** tests that do not apply, and why */
  readonly skip?: readonly Skip[]
  /** values of options that must change what comes out; others are tried with another value of their range */
  readonly changes?: Readonly<Record<string, unknown>>
}

const train = timed(randomDataset(30, 22, 0.25), 'clock')
const everyone = Int32Array.from({ length: train.users }, (_, user) => user)

function recommend(
  definition: BaselineDefinition,
  options: unknown = {},
  kernels: Kernels = createKernels(),
  users = everyone,
) {
  const recommender = definition.fit({ train, kernels, seed: 1 }, options)
  return recommender.recommend({ ...unseenBy(train, users), k: 22, tieRank: tieRanks(train.items, 1) })
}

/** What every baseline must do. */
export function baselineContract(definition: BaselineDefinition, { skip = [], changes = {} }: Expectations = {}): void {
  contract(`baseline "${definition.name}"`, skip, test => {
    test('checkerboard', () => {
      const board = timed(checkerboard(50), 'position')
      const recommender = definition.fit({ train: board, kernels: createKernels(), seed: 1 }, {})
      const request = unseenBy(board)
      const { items } = recommender.recommend({ ...request, k: 1, tieRank: tieRanks(50, 1) })
      expect(items).toEqual(request.users)
    })

    test('unseen items, each once, best first', () => {
      const { items, scores, k } = recommend(definition)
      everyone.forEach(user => {
        const list = items.subarray(user * k, (user + 1) * k)
        const own = columnsOf(train.byUser, user)
        const filled = list.filter(item => item >= 0)
        expect([...filled, ...own].sort((a, b) => a - b)).toEqual(
          Array.from({ length: train.items }, (_, item) => item),
        )
        expect(list.subarray(filled.length).every(item => item === -1)).toBe(true)
        const ranked = scores.subarray(user * k, user * k + filled.length)
        expect(ranked).toEqual(ranked.slice().sort().reverse())
      })
    })

    test('the same bits again, and for one user at a time', () => {
      const all = recommend(definition)
      expect(recommend(definition)).toEqual(all)
      const single = recommend(definition, {}, createKernels(), everyone.subarray(7, 8))
      expect(single.items).toEqual(all.items.slice(7 * 22, 8 * 22))
      expect(single.scores).toEqual(all.scores.slice(7 * 22, 8 * 22))
    })

    test('a history needs no user, and weights of 1 change nothing', () => {
      const recommender = definition.fit({ train, kernels: createKernels(), seed: 1 }, {})
      const { users: _, ...request } = { ...unseenBy(train), k: 22, tieRank: tieRanks(train.items, 1) }
      const all = recommend(definition)
      expect(recommender.recommend(request)).toEqual(all)
      const values = new Float32Array(request.histories.indices.length).fill(1)
      const weighted = { ...request, histories: { ...request.histories, values } }
      expect(recommender.recommend(weighted)).toEqual(all)
    })

    test('all scores of a block are those that lists have', () => {
      const kernels = createKernels()
      const recommender = definition.fit({ train, kernels, seed: 1 }, {})
      const scores = kernels.memory.floats(train.users * train.items)
      recommender.score!(usersOf(train), scores)
      const lists = recommend(definition)
      lists.items.forEach((item, place) => {
        if (item >= 0) expect(scores[Math.floor(place / lists.k) * train.items + item]).toBe(lists.scores[place])
      })
    })

    test('scores within 1e-5 of the reference kernels', () => {
      const expected = recommend(definition, {}, createReferenceKernels())
      const actual = recommend(definition)
      expected.scores.forEach((score, at) => {
        if (Number.isFinite(score)) expect(Math.abs(actual.scores[at] - score)).toBeLessThan(1e-5)
        else expect(actual.scores[at]).toBe(score)
      })
    })

    test('every option does something', () => {
      const outcome = (options: unknown) =>
        definition.unsupportedReason?.(train, options) ?? recommend(definition, options)
      for (const option of describeOptions(definition.options)) {
        const value = changes[option.name] ?? otherValue(option, option.default)
        expect(outcome({ [option.name]: value }), option.name).not.toEqual(outcome({}))
      }
    })

    test('unknown options are refused', () => {
      expect(() => recommend(definition, { neighbours: 3 })).toThrow(
        `baseline "${definition.name}": unknown option --neighbours`,
      )
    })
  })
}
