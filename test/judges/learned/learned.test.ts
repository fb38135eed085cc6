import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { createDataset, createVocabulary } from '../../../src/dataset/dataset.ts'
import { has } from '../../../src/dataset/patterns.ts'
import { plantedData } from '../../../src/dataset/planted.ts'
import { PLANTED, plantCases } from '../../../src/dataset/splits/planted-cases.ts'
import { judges } from '../../../src/judges/index.ts'
import { defineJudge, type JudgeDefinition, NO_CANDIDATE, POSITIVE, ruleEach } from '../../../src/judges/judge.ts'
import { createReferenceKernels } from '../../../src/kernels/reference/reference.ts'
import { createKernels } from '../../../src/kernels/wasm/wasm.ts'
import { inScope } from '../../../src/registry.ts'
import { randomCodes } from '../../support/judging.ts'

describe('judge learned', () => {
  const { train } = worldOf()
  const codes = randomCodes(train.items)
  const cases = plantCases(train, 1, { hidden: 0.2, perUser: 5, perHidden: 1, unobserved: 'popularity' })
  const candidates = { k: cases.k, items: cases.items, scores: new Float32Array(cases.items.length) }
  const ask = (options: object = {}, kernels = createKernels()) =>
    judges.get('learned').create({ train: cases.train, codes, kernels, seed: 1 }, options).judge(candidates)

  it('tells hidden interactions from unobserved items of the same popularity, and its chances are about right', async () => {
    const { labels, confidence, provenance } = await ask()
    const of = (truth: number) => Array.from(confidence.filter((_, place) => cases.truth[place] === truth))
    const mean = (values: number[]) => values.reduce((sum, own) => sum + own, 0) / values.length
    expect(mean(of(PLANTED))).toBeGreaterThan(0.6)
    expect(mean(of(0))).toBeLessThan(0.45)
    expect(Math.abs(mean([...of(PLANTED), ...of(0)]) - 0.5)).toBeLessThan(0.05)
    expect(Array.from(labels).filter(label => label === POSITIVE).length).toBeGreaterThan(50)
    expect(cases.items.every((item, place) => item >= 0 || labels[place] === NO_CANDIDATE)).toBe(true)
    expect(Object.keys(provenance.details?.weights as object)).toContain('co-interaction largest')
  })

  it('codes that say nothing get no weight to speak of beside what does', async () => {
    const { provenance } = await ask()
    const weights = provenance.details?.weights as Record<string, number>
    const largest = (prefix: string) =>
      Math.max(
        ...Object.keys(weights)
          .filter(name => name.includes(prefix))
          .map(name => Math.abs(weights[name])),
      )
    expect(largest('codes')).toBeLessThan(largest('co-interaction') / 3)
  })

  it('chances within 1e-2 of those of the reference kernels', async () => {
    const [fast, plain] = [await ask(), await ask({}, createReferenceKernels('f64'))]
    fast.confidence.forEach((own, place) => {
      expect(Math.abs(own - plain.confidence[place])).toBeLessThan(1e-2)
    })
  })

  it('another judge is a feature with a weight of its own, by its options: it is asked about planted cases and candidates', async () => {
    const { provenance } = await ask({ consult: 'random', rate: 0.3 })
    const { weights, consulted } = provenance.details as { weights: Record<string, number>; consulted: object }
    expect(weights).toHaveProperty('verdicts confidence')
    expect(Math.abs(weights['verdicts confidence'])).toBeLessThan(0.1)
    expect(weights['verdicts asked']).toBe(0)
    expect(consulted).toMatchObject({ judge: 'random', options: { rate: 0.3 } })
    expect((await ask()).provenance.details).not.toHaveProperty('consulted')
  })

  it('a judge that knows the answer is what it goes by', async () => {
    const oracle: JudgeDefinition = defineJudge({
      ...{ name: 'oracle', summary: 'x', source: 'x', options: z.object({}) },
      create: () => async asked =>
        ruleEach(asked, (user, item) => ({ positive: true, confidence: Number(has(train.byUser, user, item)) })),
    })
    const { confidence } = await inScope({ judge: [oracle] }, () => ask({ consult: 'oracle' }))
    cases.truth.forEach((truth, place) => {
      if (truth >= 0) expect(confidence[place] > 0.5).toBe(truth === PLANTED)
    })
  })

  it('refuses to consult itself, a judge that there is not, and options that neither has', async () => {
    await expect(async () => ask({ consult: 'learned' })).rejects.toThrow(
      'judge "learned" cannot consult itself: give another --consult',
    )
    await expect(async () => ask({ consult: 'prefx' })).rejects.toThrow(/unknown judge "prefx".*prefix/)
    await expect(async () => ask({ consult: 'prefix', rate: 0.3 })).rejects.toThrow(/rate/)
  })

  it('refuses a feature that it cannot have', async () => {
    await expect(async () => ask({ evidence: ['vectors'] })).rejects.toThrow(/evidence/)
  })
})

function worldOf() {
  const { users, items, train } = plantedData({ users: 400, items: 400, focus: 0.95 })
  const ids = (length: number) => createVocabulary(Array.from({ length }, (_, id) => id))
  return { train: createDataset(train, ids(users), ids(items)) }
}
