import { describe, expect, it } from 'vitest'
import { describeOptions } from '../../../src/options.ts'
import { standalone } from '../../../src/report/page/plot.ts'
import { describeDifferences, writeDifference } from '../../../src/research/studies/differences.ts'
import { describeMarks, drawStudyFigure } from '../../../src/research/studies/figure.ts'
import { studies } from '../../../src/research/studies/index.ts'
import { plantedOptions } from '../../../src/research/studies/planted.ts'
import { questionOptions, type StudyRow } from '../../../src/research/studies/study.ts'
import { optionGroups } from '../../../src/run/options/groups.ts'
import { planRun } from '../../../src/run/options/plan-run.ts'

const METRIC = 'ndcg@20'
const question = { metric: METRIC, plan: planRun({}) }

/** Rows as if the variants had run: each a bit better than the one before. */
function madeUpRows(study: (typeof studies.parts)[number]): StudyRow[] {
  const rows: StudyRow[] = []
  for (const [index, { name, at = {} }] of study.variants(study.options.parse({}), question).entries()) {
    const figures = Object.fromEntries(
      [METRIC, 'recall@20', 'precision', 'recall', 'f1', 'lift', 'base rate', 'positive share', 'seconds an epoch', 'trees seconds', 'candidates seconds', 'judge seconds'].map(key => [key, 0.1 + index / 100]), // biome-ignore format: one line
    )
    rows.push({ name, at, figures })
  }
  return rows
}

describe.each(studies.parts)('study "$name"', study => {
  const variants = study.variants(study.options.parse({}), question)

  it('has variants of different names, whose options a run takes', () => {
    expect(variants.length).toBeGreaterThan(1)
    expect(new Set(variants.map(({ name }) => name)).size).toBe(variants.length)
    for (const { options } of variants)
      expect(() =>
        planRun({ ...study.defaults, ...(typeof options === 'function' ? options(madeUpRows(study)) : options) }),
      ).not.toThrow()
  })

  it('every option changes its variants, and shares no name with an option of a run', () => {
    const known = [...optionGroups().flatMap(({ options }) => options), ...describeOptions(questionOptions)]
    for (const option of describeOptions(study.options)) {
      expect(known.map(({ name }) => name)).not.toContain(option.name)
      expect(option.help).not.toBe('')
      const standard = option.default as unknown[] | boolean
      const list =
        Array.isArray(standard) && (standard.length ? standard.slice(0, 1) : ['runs/llm/ledger/ledger.sqlite'])
      const other = list || !standard
      // losses and samplers are compared where something is planted
      const { [option.name]: example = other, ...beside }: Record<string, unknown> =
        option.name in plantedOptions.shape ? { planted: [0.5] } : {}
      const count = (given: object) => {
        const own = study.options.parse(given)
        return (study.instead?.(own) ?? study).variants(own, question).length
      }
      expect(count({ ...beside, [option.name]: example }), option.name).not.toBe(count(beside))
    }
  })

  it('says what its rows show, without a gap', () => {
    const rows = madeUpRows(study)
    const text = study.describe(rows, METRIC)
    expect(text).not.toMatch(/NaN|undefined|–|\[object/)
    expect(text).toMatch(/^\S.*\.$/s)
    for (const { key } of study.columns(METRIC)) expect(Object.keys(rows[0].figures)).toContain(key)
  })

  it('holds rows against one that is there', () => {
    const rows = madeUpRows(study)
    for (const row of rows) expect([undefined, ...rows]).toContain(study.reference?.of(row, rows))
  })

  it('draws a figure that stands alone', async () => {
    const svg = standalone(await drawStudyFigure(study.figure(madeUpRows(study), METRIC), 'a figure'))
    expect(svg).toMatch(/^<svg xmlns="http:\/\/www\.w3\.org\/2000\/svg" [^>]*aria-label="a figure"[^>]*><style>/)
    expect(svg).not.toMatch(/NaN|undefined/)
  })
})

describe('what a study says of its figures', () => {
  const row = (name: string, value: number, at: StudyRow['at'] = {}): StudyRow => ({
    name,
    at,
    figures: { [METRIC]: value },
  })

  it('alpha: best, worst, and against no weight at all', () => {
    const rows = [
      row('a', 0.2, { α_c: 0, α_s: 0 }),
      row('b', 0.19, { α_c: 0, α_s: 0.5 }),
      row('c', 0.21, { α_c: 0.1, α_s: 0 }),
    ]
    expect(studies.get('alpha').describe(rows, METRIC)).toBe(
      'NDCG@20 of DTL-NS is highest at α_c = 0.1, α_s = 0 (0.2100) and lowest at α_c = 0, α_s = 0.5 (0.1900) among 3 pairs of weights. Without any weight, where the trees choose no negative, it is 0.2000: the best pair changes it by +5.0 %.',
    )
  })

  it('ablation: what is higher without a part is said too', () => {
    const rows = [row('whole', 0.2), row('without judging', 0.22), row('judge: random', 0.19)]
    expect(studies.get('ablation').describe(rows, METRIC)).toBe(
      'With all its parts, DTL-NS reaches NDCG@20 0.2000. Lower are judge: random (0.1900, −5.0 %). Higher are without judging (0.2200, +10.0 %). The best variant is "without judging".',
    )
  })

  it('differences: what is higher, lower, and what cannot be told', () => {
    const held = (name: string, value: number, low: number, high: number): StudyRow => ({
      ...row(name, 0.2 + value),
      difference: { against: 'no judging', value, interval: { low, high }, resampled: 'users and seeds' },
    })
    const rows = [row('no judging', 0.2), held('a', 0.01, 0.005, 0.015), held('b', -0.02, -0.03, -0.01)]
    const says = (own: StudyRow[]) => describeDifferences(studies.get('judges'), own)
    const start = 'Against no judging, by 95 % intervals over users and seeds:'
    expect(says(rows)).toBe(`${start} higher are a (+0.0100); lower are b (−0.0200).`)
    const unclear = held('c', 0.00001, -0.01, 0.01)
    expect(says([...rows, unclear])).toBe(
      `${start} higher are a (+0.0100); lower are b (−0.0200); none of the others is statistically distinguishable from it.`,
    )
    expect(says([rows[0], unclear])).toBe(`${start} none is statistically distinguishable from it.`)
    expect(says(rows.slice(0, 1))).toBeUndefined()
    expect(writeDifference(unclear.difference!)).toBe('0.0000 [−0.0100, +0.0100]')
  })

  it('marks of a figure: what rows are compared with, and the spread over seeds', () => {
    const difference = { against: 'a', value: 0.1, interval: { low: 0, high: 0.2 }, resampled: 'users' } as const
    const rows: StudyRow[] = [{ ...row('b', 0.2), difference, deviations: { [METRIC]: 0.01 } }]
    const bars = 'Bars and bands: one standard deviation over the seeds, to both sides.'
    expect(describeMarks({ kind: 'dots', value: METRIC, rows }, 'the sampler alone')).toBe(
      `The rings: the sampler alone. ${bars}`,
    )
    const level = { name: 'the whole', value: 0.1 }
    expect(describeMarks({ kind: 'dots', value: METRIC, rows, level }, 'the whole')).toBe(
      `The dashed line: the whole. ${bars}`,
    )
    expect(describeMarks({ kind: 'heat', x: 'a', y: 'b', value: METRIC, rows }, undefined)).toBe(
      'The highest is framed.',
    )
    expect(describeMarks({ kind: 'line', x: 'a', value: METRIC, rows: [row('b', 1)] }, undefined)).toBe('')
  })

  it('noise: when no noise does harm, that is the finding', () => {
    const rows = [row('0 % flipped', 0.2), row('50 % flipped', 0.21), row('no judging', 0.15)]
    expect(studies.get('noise').describe(rows, METRIC)).toContain(
      'It never falls below no judging at all (0.1500): noise of this size does no harm that can be seen here.',
    )
    rows[1] = row('50 % flipped', 0.14)
    expect(studies.get('noise').describe(rows, METRIC)).toContain(
      'It falls below no judging at all (0.1500) with 50 % flipped.',
    )
  })
})

it('the registry helps with a name', () => {
  expect(() => studies.get('ablations')).toThrow('did you mean "ablation"?')
})
