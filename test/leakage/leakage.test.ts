import { describe, expect, it } from 'vitest'
import { buildUniqueCsr } from '../../src/dataset/csr.ts'
import type { AuditFile, LeakageData } from '../../src/leakage/data.ts'
import { checks, type LeakageReport, runChecks } from '../../src/leakage/leakage.ts'

type Pair = readonly [user: number, item: number]

const USERS = 60
const ITEMS = 200

/** Files in memory; ids are strings unless an item id is given. */
function audit(
  files: Partial<Record<AuditFile, readonly Pair[]>> & Pick<Record<AuditFile, readonly Pair[]>, 'train' | 'test'>,
): LeakageReport {
  const parts = Object.entries(files).map(([name, pairs]) => {
    const { pattern } = buildUniqueCsr(
      pairs!.map(([user]) => user),
      pairs!.map(([, item]) => item),
      USERS,
      ITEMS,
    )
    return [name, { path: `${name}.txt`, rows: pairs!.length, pairs: pattern }]
  })
  const data: LeakageData = {
    userIds: Array.from({ length: USERS }, (_, user) => `u${user}`),
    itemIds: Array.from({ length: ITEMS }, (_, item) => 1000 + item),
    parts: Object.fromEntries(parts),
    decisions: [],
  }
  return runChecks(data)
}

const finding = ({ findings }: LeakageReport, name: string) => findings.find(({ check }) => check === name)!

const users = Array.from({ length: USERS }, (_, user) => user)
const itemsOf = (count: number, item: (user: number, at: number) => number, of = users): Pair[] =>
  of.flatMap(user => Array.from({ length: count }, (_, at): Pair => [user, item(user, at) % ITEMS]))

/** Every item is in train; candidates hold the held-out items first; 40 of 60 users have test data. */
const tested = users.slice(0, 40)
const train = itemsOf(5, (user, at) => 5 * user + at)
const valid = itemsOf(2, (user, at) => 5 * user + 10 + at, tested)
const test = itemsOf(2, (user, at) => 5 * user + 12 + at, tested)
const candidates = itemsOf(20, (user, at) => 5 * user + 10 + at)
const isHeldOut = ([user, item]: Pair) => [...valid, ...test].some(([u, i]) => u === user && i === item)
const honest = { train, valid, test, candidates, enhanced: [...train, ...candidates.filter((_, row) => row % 2 === 0)] }

describe('an audit', () => {
  it('has a check each name, and says nothing worse than a note of honest files', () => {
    expect(new Set(checks.map(({ name }) => name)).size).toBe(checks.length)
    const result = audit(honest)
    expect(result.failed).toBe(false)
    expect(result.findings.map(({ check }) => check)).toEqual(checks.map(({ name }) => name))
    expect(finding(result, 'enhanced-filtered')).toMatchObject({
      verdict: 'ok',
      figures: { heldOut: 80, expected: 80 },
    })
    expect(finding(result, 'candidate-users').text).toBe('60 users have candidates, every one that could')
  })

  it('finds pairs that stand in two parts', () => {
    const result = audit({ ...honest, test: [...test, train[0], valid[3]] })
    expect(result.failed).toBe(true)
    expect(finding(result, 'overlap')).toMatchObject({
      verdict: 'leak',
      text: 'the same pairs stand in two parts: 1 in train and test, 1 in valid and test',
    })
  })

  it('finds judged pairs that held-out data filtered, with the expectation and the chance', () => {
    const enhanced = [...train, ...candidates.filter(pair => !isHeldOut(pair))]
    const found = finding(audit({ ...honest, enhanced }), 'enhanced-filtered')
    expect(found.verdict).toBe('leak')
    // 1040 of the 1200 candidates, 160 of which are held out
    expect(found.figures.expected).toBeCloseTo((1040 * 160) / 1200, 9)
    expect(found.text).toMatch(
      /^filtered by held-out data: 0 of 1,040 judged pairs are held-out pairs, where 139 are expected from what the candidates hold \(by chance 1 in 10\^\d+\)$/,
    )
  })

  it('finds it without the candidates too, from popularity', () => {
    const { candidates: _, ...without } = honest
    const unheld = itemsOf(190, (user, at) => 5 * user + 5 + at, tested).filter(pair => !isHeldOut(pair))
    const found = finding(audit({ ...without, enhanced: [...train, ...unheld] }), 'enhanced-filtered')
    expect(found.verdict).toBe('leak')
    expect(found.text).toMatch(/^filtered by held-out data: 0 of 7,440 .* popularity gives \(by chance 1 in 10\^\d+\)$/)
  })

  it('does not accuse a judge that is merely bad, nor tell from too little', () => {
    const bad = candidates.filter((pair, row) => !isHeldOut(pair) || row % 4 === 0)
    expect(finding(audit({ ...honest, enhanced: [...train, ...bad] }), 'enhanced-filtered').verdict).not.toBe('leak')
    const some = candidates.filter(pair => !isHeldOut(pair)).slice(0, 20)
    const found = finding(audit({ ...honest, enhanced: [...train, ...some] }), 'enhanced-filtered')
    expect(found.verdict).toBe('note')
    expect(found.text).toMatch(/^too few pairs to tell: 0 of 20 judged pairs/)
  })

  it('finds candidates for just the test users', () => {
    const asked = candidates.filter(([user]) => user < 40)
    const found = finding(audit({ ...honest, candidates: asked }), 'candidate-users')
    expect(found.verdict).toBe('leak')
    expect(found.text).toMatch(
      /^they are exactly the test users: of 40 users with candidates, 0 have no test data, where 13 are expected \(by chance 1 in 10\^1\d\)$/,
    )
    // every third user is another matter
    const third = candidates.filter(([user]) => user % 3 === 0)
    expect(finding(audit({ ...honest, candidates: third }), 'candidate-users').verdict).toBe('ok')
  })

  it('finds a mask that takes only wrong items out of the lists, and names what it leaves in', () => {
    const mask = [...train, ...itemsOf(190, (u, at) => 5 * u + 5 + at, tested).filter(pair => !isHeldOut(pair))]
    const found = finding(audit({ ...honest, mask }), 'mask')
    expect(found.verdict).toBe('leak')
    expect(found.text).toMatch(
      /^the mask raises every figure: it takes 7,440 unobserved pairs out of the lists and no pair of test, where \d+ are expected; 80 pairs of valid are not masked/,
    )
    expect(finding(audit({ ...honest, mask: [...train, ...valid] }), 'mask')).toMatchObject({
      verdict: 'ok',
      text: 'the mask holds observed pairs only',
    })
    expect(finding(audit({ ...honest, mask: [...train, ...valid, ...test] }), 'mask').text).toBe(
      'the mask holds 80 pairs beyond train and valid, 80 of them of test, which then cannot be recommended',
    )
  })

  it('counts repeated pairs', () => {
    const found = finding(audit({ ...honest, test: [...test, ...test.slice(0, 3)] }), 'duplicates')
    expect(found).toMatchObject({ verdict: 'note', text: 'repeated pairs: 3 in test', figures: { test: 3 } })
  })

  it('says which checks have nothing to look at', () => {
    const result = audit({ train, test })
    expect(
      result.findings.filter(({ verdict }) => verdict === 'skipped').map(({ check, text }) => [check, text]),
    ).toEqual([
      ['candidate-users', 'needs --candidates or --enhanced'],
      ['candidates-filtered', 'needs --candidates'],
      ['enhanced-filtered', 'needs --enhanced'],
      ['mask', 'needs --mask or --enhanced'],
    ])
  })

  it('says when files count their items from different places', () => {
    const sparse = train.filter(([, item]) => item % 7 === 0)
    const shifted = sparse.slice(0, 40).map(([user, item]): Pair => [user, (item + 3) % ITEMS])
    const found = finding(audit({ train: sparse, test: shifted }), 'ids')
    expect(found.verdict).toBe('fault')
    expect(found.text).toBe('users or items that train does not have: 100.0 % of test; give files of one experiment')
  })
})
