import { describe, expect, it } from 'vitest'
import { UsageError } from '../../src/errors.ts'
import type { RunPlan } from '../../src/run/options/plan.ts'
import { planRun } from '../../src/run/options/plan-run.ts'
import { presets } from '../../src/run/options/presets/index.ts'

describe.each(presets.parts)('preset $name', ({ name, summary, source, values }) => {
  it('is named, said in one sentence, and has a source', () => {
    expect(name).toMatch(/^[a-z]+(-[a-z]+)*$/)
    expect(summary).toMatch(/^[A-Z].*\.$/)
    expect(source).not.toBe('')
  })

  it('has no value that a run with it would not use, and says no more than they do', () => {
    // what is given as an option is fixed in a search, what a preset says is where it begins
    const unfixed = ({ tuning, ...plan }: RunPlan) => ({
      ...plan,
      ...(tuning && { tuning: { ...tuning, baselines: tuning.baselines.map(own => ({ ...own, fixed: [] })) } }),
    })
    expect(unfixed(planRun({ preset: name }))).toEqual(unfixed(planRun({ ...values })))
  })

  it('leaves what is given beside it alone', () => {
    const plan = planRun({ preset: name, epochs: 3, use: 'weighted', model: 'mf', dimensions: 8 })
    expect(plan.training.epochs).toBe(3)
    expect(plan.enhance.use).toBe('weighted')
    // the preset's other options of LightGCN are not asked for
    expect(plan.model).toEqual({ name: 'mf', options: { dimensions: 8 } })
  })

  it('does not hide an option that the run does not use', () => {
    expect(() => planRun({ preset: name, model: 'mf', layers: 2 })).toThrow(
      /^--layers is an option of .*, which this run does not use$/,
    )
  })
})

it('paper is the published method, whatever the defaults are', () => {
  expect(planRun({ preset: 'paper' })).toMatchObject({
    model: { name: 'lightgcn', options: { dimensions: 64, layers: 3, itemGraphWeight: 0 } },
    objective: { name: 'bpr' },
    baseSampler: { name: 'mixgcf', options: { candidateNegatives: 10 } },
    sampler: { name: 'dual-tree', options: { base: 'mixgcf', structuralWeight: 0.1, semanticWeight: 0.3 } },
    training: { batchSize: 2048, learningRate: 0.001, regularization: 0.0001, negatives: 1 },
    trees: { eigenvectors: 32, branches: 4, leafSize: 30 },
    enhance: { use: 'positives' },
    run: { candidatesPerUser: 20 },
  })
})

it('refuses one that there is not, with the nearest', () => {
  expect(() => planRun({ preset: 'recommend' })).toThrow(UsageError)
  expect(() => planRun({ preset: 'recommend' })).toThrow(
    /^run: --preset: expected one of paper, recommended.*did you mean "recommended"\?, got "recommend"/,
  )
})
