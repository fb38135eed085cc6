import { expect, it } from 'vitest'
import { planRun } from '../../src/pipeline/plan.ts'
import { ingredients } from '../../src/studies/ingredients.ts'
import type { Given } from '../../src/studies/study.ts'

const variantsOf = (given: Given) => ingredients.variants({}, { metric: 'ndcg@20', plan: planRun({ ...given }) })

it('of the recommended preset: each one changed, in runs that the pipeline takes', () => {
  const given = { preset: 'recommended' }
  const variants = variantsOf(given)
  expect(variants.map(({ name }) => name)).toEqual([
    'whole',
    'without the item graph',
    'without judging',
    'judged only excluded',
    'without the verdict of the trees',
    'candidates of the base model',
    '10 draws a negative',
    'with dual-tree negatives',
    'half the dimensions',
  ])
  const plans = variants.map(({ options }) => planRun({ ...given, ...(options as Given) }))
  const [whole, ...changed] = plans
  for (const plan of changed) expect(plan).not.toEqual(whole)
  expect(plans[7].sampler).toMatchObject({ name: 'dual-tree', options: { base: 'dns', candidateNegatives: 256 } })
  expect(plans[8].model.options.dimensions).toBe(64)
  const judging = variants[2]
  expect(judging.method!(plans[2])).toBe('lightgcn+dns')
})

it('names only ingredients that there are', () => {
  expect(variantsOf({ judge: 'accept-all' }).map(({ name }) => name)).toEqual([
    'whole',
    'without judging',
    'without dual-tree negatives',
    'half the dimensions',
  ])
})

it('says which change would be better, and that none would', () => {
  const row = (name: string, value: number) => ({ name, at: {}, figures: { 'ndcg@20': value } })
  expect(ingredients.describe([row('whole', 0.1), row('a', 0.09), row('b', 0.11)], 'ndcg@20')).toBe(
    'The whole reaches NDCG@20 0.1000: a −10.0 %, b +10.0 %. So "b" would be better here; the best is "b".',
  )
  expect(ingredients.describe([row('whole', 0.1), row('a', 0.09)], 'ndcg@20')).toMatch(
    /No change makes it better here\.$/,
  )
})
