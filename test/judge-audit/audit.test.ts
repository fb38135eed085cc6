import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { createDataset, createVocabulary } from '../../src/dataset/dataset.ts'
import { PLANTED, plantCases } from '../../src/dataset/splits/planted-cases.ts'
import { type AuditRequest, auditJudge } from '../../src/judge-audit/audit.ts'
import { controlNames } from '../../src/judge-audit/controls.ts'
import type { GroupRate } from '../../src/judge-audit/rates.ts'
import { judges } from '../../src/judges/index.ts'
import { type Candidates, defineJudge, INVALID, type Ruling, ruleEach } from '../../src/judges/judge.ts'
import { createKernels } from '../../src/kernels/wasm/wasm.ts'
import { derive, randomStream } from '../../src/random.ts'
import { packCodes } from '../../src/trees/codes.ts'

const USERS = 120
const ITEMS = 128
const random = randomStream(derive(1, 'groups'))

/** Users like items of one of eight groups, and now and then another one. */
const full = (() => {
  const pairs = { users: [] as number[], items: [] as number[] }
  for (let user = 0; user < USERS; user++) {
    for (let n = 0; n < 10; n++) {
      pairs.users.push(user)
      pairs.items.push(n < 8 ? 16 * (user % 8) + random.below(16) : random.below(ITEMS))
    }
  }
  const ids = (size: number) => createVocabulary(Array.from({ length: size }, (_, id) => id))
  return createDataset(pairs, ids(USERS), ids(ITEMS))
})()
/** 2 × 4 groups, then a leaf of four items. */
const paths = Array.from({ length: ITEMS }, (_, i) => [
  Math.floor(i / 64),
  Math.floor(i / 16) % 4,
  Math.floor(i / 4) % 4,
])
const codes = { structural: packCodes(paths), semantic: packCodes(paths.map(path => path.slice(0, 2))) }
const cases = plantCases(full, 1, {
  hidden: 0.25,
  perUser: 10,
  perHidden: 1,
  unobserved: 'uniform',
})

/** A model that knows half of the answers. */
const scores = Float32Array.from(cases.truth, (truth, place) => (place % 2 ? truth : 0))

const audit = async (
  definition: AuditRequest['judge']['definition'],
  own: unknown = {},
  options: Partial<AuditRequest['options']> = {},
) => {
  const request = {
    judge: { definition, options: own },
    cases,
    scores,
    codes,
    kernels: createKernels(),
    seed: 1,
    options: { auditControls: [...controlNames], auditRecheck: 0.1, auditBins: 4, ...options },
  }
  return (await auditJudge(request)).report
}
/** A judge that rules by a function. */
const judgeThat = (rule: (candidates: Candidates, mode: string) => Ruling, modes = false) =>
  defineJudge({
    name: 'made-up',
    summary: '',
    source: '',
    options: z.object(modes ? { mode: z.enum(['user', 'pair']).default('user') } : {}),
    create:
      (_, { mode = 'user' }: { mode?: string }) =>
      async candidates =>
        rule(candidates, mode),
  })
const yes = (positive: boolean) => ({ positive, confidence: Number(positive) })

describe('the rule on codes that tell', () => {
  const report = audit(judges.get('prefix'), { minPrefix: 2 })

  it('counts the cases, and every one is judged', async () => {
    const { users, planted, unobserved, invalid, provenance, rates } = await report
    const count = cases.truth.filter(truth => truth === PLANTED).length
    expect([users, planted, unobserved, invalid]).toEqual([USERS, count, count, 0])
    expect(provenance).toMatchObject({ judge: 'prefix', options: { minPrefix: 2 } })
    for (const groups of Object.values(rates) as GroupRate[][])
      expect(groups.reduce((sum, group) => sum + group.planted + group.unobserved, 0)).toBe(2 * count)
  })

  it('finds what was planted; with codes that say nothing it does not', async () => {
    const { auc, interval, averagePrecision, decisions, controls } = await report
    expect(auc).toBeGreaterThan(0.75)
    expect(interval.low).toBeGreaterThan(0.7)
    expect(averagePrecision).toBeGreaterThan(0.7)
    expect(decisions.recall).toBeGreaterThan(0.7)
    expect(decisions.falsePositiveRate).toBeLessThan(0.5)
    const [shuffled, blind, constant, relabelled] = controls
    expect(controls.map(control => control.codes)).toEqual(controlNames)
    for (const control of [shuffled, blind]) {
      expect(Math.abs(control.auc - 0.5)).toBeLessThan(0.1)
      expect(control.lead!.interval.low).toBeGreaterThan(0.1)
    }
    expect([constant.auc, constant.positives]).toEqual([0.5, 1])
    expect(relabelled).toMatchObject({ auc, agreement: 1, lead: { value: 0, interval: { low: 0, high: 0 } } })
  })

  it('rates rise with the shared prefix, from none to all', async () => {
    const { rates } = await report
    expect(rates.prefix.map(({ from }) => from)).toEqual([0, 1, 2, 3])
    expect(rates.prefix.map(({ plantedRate, unobservedRate }) => plantedRate + unobservedRate)).toEqual([0, 0, 2, 2])
    expect(rates.position.map(({ from }) => from)).toEqual([1, 2, 3, 4])
    expect(rates.history.length).toBeGreaterThan(1)
    // where the model says 0, the codes still tell; where it says 1, all is planted
    expect(rates.score.map(({ from, to }) => [from, to])).toEqual([
      [0, 0],
      [1, 1],
    ])
    expect(rates.score[0].auc).toBeGreaterThan(0.7)
    expect(rates.score[1].unobserved).toBe(0)
    expect(rates.popularity.length).toBeGreaterThan(1)
  })

  it('agrees with itself: as prefix, again, and in another order', async () => {
    const { withPrefix, recheck } = await report
    // without minPrefix the rule is 2 here as well
    expect(withPrefix).toMatchObject({ agreement: 1, kappa: 1 })
    expect(recheck).toMatchObject({ users: 12, again: { same: 1, distance: 0 }, reordered: { same: 1, distance: 0 } })
    expect(recheck!.modes).toBeUndefined()
  })
})

it('the model’s own scores stand beside the judge', async () => {
  const { model, auc } = await audit(judges.get('prefix'), { minPrefix: 2 })
  const known = cases.truth.filter((truth, place) => truth === PLANTED && place % 2).length
  const planted = cases.truth.filter(truth => truth === PLANTED).length
  // whom it knows is above all unobserved ones, the others are level with them
  expect(model.auc).toBeCloseTo(0.5 + known / planted / 2, 12)
  expect(model.lead!.value).toBeCloseTo(auc - model.auc, 12)
})

it('a judge without a clue is at chance, with all codes alike', async () => {
  const { auc, controls } = await audit(judges.get('random'))
  expect(Math.abs(auc - 0.5)).toBeLessThan(0.08)
  for (const { lead, agreement } of controls) expect([lead!.value, agreement]).toEqual([0, 1])
})

it('a judge that goes by the place in the list is found out', async () => {
  const { rates, recheck } = await audit(
    judgeThat(({ items, k }) =>
      ruleEach({ items, k, scores: new Float32Array() }, (_u, _i, place) => yes(place % k < 2)),
    ),
  )
  expect(rates.position[0].plantedRate).toBe(1)
  expect(rates.position.at(-1)!.plantedRate).toBe(0)
  expect(recheck!.again.same).toBe(1)
  expect(recheck!.reordered.same).toBeLessThan(0.8)
})

it('a judge that says now this, now that is found out', async () => {
  let asked = 0
  const fickle = judgeThat(candidates => ruleEach(candidates, () => yes(asked++ % 3 === 0)))
  expect((await audit(fickle)).recheck!.again.same).toBeLessThan(0.8)
})

it('a judge with two modes is asked in both', async () => {
  const modal = judgeThat(
    (candidates, mode) => ruleEach(candidates, (_, item) => yes(mode === 'user' || item % 2 === 0)),
    true,
  )
  const { modes } = (await audit(modal)).recheck!
  expect(Object.keys(modes!.auc)).toEqual(['user', 'pair'])
  expect(modes!.auc.user).toBe(0.5)
  expect(modes!.agreement.same).toBeGreaterThan(0.3)
  expect(modes!.agreement.same).toBeLessThan(0.7)
  const other = (await audit(modal, { mode: 'pair' })).recheck!.modes!
  expect(Object.keys(other.auc)).toEqual(['pair', 'user'])
})

it('invalid verdicts count neither way', async () => {
  const refuses = judgeThat(candidates => {
    const { labels, confidence } = ruleEach(candidates, (_, item) => yes(item % 2 === 0))
    return { labels: labels.map(label => (label === 1 ? INVALID : label)), confidence: confidence.fill(0) }
  })
  const { invalid, planted, unobserved, decisions, auc } = await audit(refuses)
  expect(invalid).toBe(cases.items.filter(item => item >= 0 && item % 2 === 0).length)
  expect(decisions.trueNegatives + decisions.falseNegatives).toBe(planted + unobserved - invalid)
  expect(auc).toBe(0.5)
})

it('asks only what is wished for, says what it asks, and stops when told', async () => {
  const steps = new Set<string>()
  const base = { cases, scores: new Float32Array(cases.items.length), codes, kernels: createKernels(), seed: 1 }
  const request = { ...base, judge: { definition: judges.get('prefix'), options: {} } }
  const options = { auditControls: ['constant'], auditRecheck: 0, auditBins: 4 }
  const { report } = await auditJudge({ ...request, options, progress: step => steps.add(step) })
  expect([...steps]).toEqual(['with its codes', 'with constant codes', 'the rule'])
  expect(report.recheck).toBeUndefined()
  expect(report.controls.map(control => control.codes)).toEqual(['constant'])
  await expect(auditJudge({ ...request, options, signal: AbortSignal.abort(new Error('enough')) })).rejects.toThrow(
    'enough',
  )
})
