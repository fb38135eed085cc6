import { expect, it } from 'vitest'
import { parseJudges } from '../../src/cli/shared/judge-specs.ts'
import { planRun } from '../../src/run/options/plan-run.ts'

it('takes options of a judge, and of the one that it consults', () => {
  const specs = parseJudges('random,learned:consult=random,rate=0.3,learned:evidence=codes,evidence=cosine')
  expect(specs).toEqual([
    'random',
    { judge: 'learned', consult: 'random', rate: 0.3 },
    { judge: 'learned', evidence: ['codes', 'cosine'] },
  ])
  const { judges } = planRun({ auditJudges: specs }).audit
  expect(judges[1].options).toMatchObject({ consult: 'random', rate: 0.3, minConfidence: 0.5 })
  expect(judges[2].options).not.toHaveProperty('rate')
  expect(new Set(judges.map(({ id }) => id)).size).toBe(3)
})

it('refuses options of a judge that is not consulted, with the nearest of those that there are', () => {
  expect(() => parseJudges('learned:rate=0.3')).toThrow('judge "learned" has no option "rate"')
  expect(() => parseJudges('learned:consult=random,rat=0.3')).toThrow(/has no option "rat".*rate/)
  expect(() => parseJudges('learned:consult=randm,rate=1')).toThrow(/unknown judge "randm".*random/)
  expect(() => planRun({ auditJudges: [{ judge: 'learned', rate: 0.3 }] })).toThrow(
    '--audit-judges: judge "learned" has no option --rate',
  )
  expect(() => planRun({ judge: 'learned', consult: 'learned' })).toThrow(
    'judge "learned" cannot consult itself: give another --consult',
  )
})
