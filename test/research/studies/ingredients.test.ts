import { expect, it } from 'vitest'
import { ingredients } from '../../../src/research/studies/ingredients.ts'
import type { Given } from '../../../src/research/studies/study.ts'
import { planRun } from '../../../src/run/options/plan-run.ts'

const variantsOf = (given: Given) => ingredients.variants({}, { metric: 'ndcg@20', plan: planRun({ ...given }) })

it('of the recommended preset: each one changed, in runs that the pipeline takes', () => {
  // as runs of studies are
  const given = { preset: 'recommended', final: 'dtl-ns', rerank: 'none' }
  const variants = variantsOf(given)
  expect(variants.map(({ name }) => name)).toEqual([
    'whole',
    'not fused',
    'rp3beta alone',
    'without judging and dual-tree negatives',
    'ranked again',
    'without the item graph',
    'without judging',
    'without the verdict of the trees',
    'candidates of the base model',
    'without dual-tree negatives',
    'half the dimensions',
  ])
  const plans = variants.map(({ options }) => planRun({ ...given, ...(options as Given) }))
  const [whole, ...changed] = plans
  // another row of the same run, or another run
  for (const [index, plan] of changed.entries()) {
    const other = variants[index + 1].method?.(plan)
    if (other === undefined) expect(plan, variants[index + 1].name).not.toEqual(whole)
    else expect(other).not.toBe('dtl-ns+rp3beta')
  }
  expect(plans[9].sampler).toMatchObject({ name: 'mixgcf', options: { candidateNegatives: 10 } })
  expect(2 * Number(plans[10].model.options.dimensions)).toBe(whole.model.options.dimensions)
  const rows = [1, 2, 3, 4, 6].map(index => variants[index].method!(plans[index]))
  expect(rows).toEqual(['dtl-ns', 'rp3beta', 'lightgcn+mixgcf+rp3beta', 'reranked', 'lightgcn+dual-tree+rp3beta'])
})

it('adds what a preset may have: taught positives, hard draws without the trees', () => {
  const given = { sampler: 'dns', candidateNegatives: 256, use: 'weighted' }
  const variants = variantsOf(given)
  expect(variants.map(({ name }) => name)).toContain('10 draws per negative')
  const named = (name: string) => planRun({ ...given, ...(variants.find(own => own.name === name)!.options as Given) })
  expect(named('judged only excluded').enhance.use).toBe('exclude')
  expect(named('with dual-tree negatives').sampler).toMatchObject({
    name: 'dual-tree',
    options: { base: 'dns', candidateNegatives: 256 },
  })
})

it('names only ingredients that there are', () => {
  expect(variantsOf({ judge: 'accept-all' }).map(({ name }) => name)).toEqual([
    'whole',
    'without judging and dual-tree negatives',
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
