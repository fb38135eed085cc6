import { beforeAll, describe, expect, it } from 'vitest'
import { NEGATIVE, NO_CANDIDATE, POSITIVE } from '../../src/judges/judge.ts'
import { columnsOf } from '../../src/kernels/csr.ts'
import type { ReportInspector } from '../../src/report/gather/data.ts'
import { inspect } from '../../src/report/gather/inspect.ts'
import { parseCode, sharedPrefix } from '../../src/trees/codes.ts'
import { randomCandidates, randomCodes } from '../support/judging.ts'
import { randomDataset } from '../support/toy.ts'

function request(users: number, k: number, seed = 1) {
  const train = randomDataset(users, 200, 0.1)
  const candidates = randomCandidates(train, k)
  const labels = candidates.items.map(item => (item < 0 ? NO_CANDIDATE : item % 2 ? POSITIVE : NEGATIVE))
  const verdicts = {
    labels: Int8Array.from(labels),
    confidence: new Float32Array(labels.length).fill(0.5),
    provenance: { judge: 'test', options: {}, seed },
  }
  const codes = randomCodes(train.items)
  const ranked = {
    method: 'dtl-ns',
    k: 10,
    part: 'test' as const,
    rankOf: (user: number) => (user % 2 ? user : undefined),
  }
  return { train, codes, candidates, verdicts, heldOutOf: () => [{ item: 7, part: 'test' as const }], seed, ranked }
}

describe('inspect', () => {
  const asked = request(12, 4)
  let inspector: ReportInspector

  beforeAll(() => {
    inspector = inspect(asked)
  })

  it('takes all users with candidates when there are few, in the order of their ids', () => {
    expect(inspector.users).toBe(11)
    expect(inspector.sample.map(({ id }) => id)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10])
  })

  it('has for each user the history, the candidates with their verdicts, and what was held out', () => {
    const { items } = inspector
    const { byUser } = asked.train
    for (const { id, history, historyLength, candidates, heldOut } of inspector.sample) {
      const user = Number(id)
      const known = [...columnsOf(byUser, user)]
      expect(history.map(item => items[item].id)).toEqual(known)
      expect(historyLength).toBe(known.length)
      const listed = [...asked.candidates.items.subarray(user * 4, user * 4 + 4)].filter(item => item >= 0)
      expect(candidates.map(({ item }) => items[item].id)).toEqual(listed)
      for (const { item, verdict } of candidates)
        expect(verdict).toBe(Number(items[item].id) % 2 ? 'positive' : 'negative')
      expect(heldOut).toEqual([
        { item: items.findIndex(item => item.id === 7), part: 'test', ...(user % 2 && { rank: user }) },
      ])
    }
  })

  it('names the item of the history whose code agrees longest, and for how many steps', () => {
    const { items } = inspector
    const shared = (view: 'structural' | 'semantic', a: number, b: number) => {
      const [x, y] = [a, b].map(item => Int8Array.from(parseCode(items[item][view])!))
      return sharedPrefix(x, y)
    }
    for (const { history, candidates } of inspector.sample) {
      for (const { item, nearest } of candidates) {
        for (const view of ['structural', 'semantic'] as const) {
          expect(nearest[view].steps).toBe(Math.max(...history.map(other => shared(view, item, other))))
          expect(shared(view, item, nearest[view].item)).toBe(nearest[view].steps)
          expect(history).toContain(nearest[view].item)
        }
      }
    }
  })

  it('stays within its bounds, and draws by the seed', () => {
    const many = inspect(request(1000, 20))
    expect(many.users).toBe(999)
    expect(many.sample).toHaveLength(400)
    expect(inspect(request(1000, 60)).sample).toHaveLength(200)
    const ids = ({ sample }: ReportInspector) => sample.map(({ id }) => id)
    expect(ids(inspect(request(1000, 20)))).toEqual(ids(many))
    expect(ids(inspect(request(1000, 20, 2)))).not.toEqual(ids(many))
  })
})
