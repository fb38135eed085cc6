import { describe, expect, it } from 'vitest'
import { UsageError } from '../../../src/errors.ts'
import { parseMethod, rowsOfMethod } from '../../../src/research/sweeps/method.ts'
import { drawValues } from '../../../src/research/sweeps/space.ts'
import { usualSpace } from '../../../src/research/sweeps/usual-space.ts'
import type { MetricsRow } from '../../../src/run/metrics-file.ts'
import { planRun } from '../../../src/run/options/plan-run.ts'

describe('a method by its name', () => {
  it.each([
    ['ease', 'baselines', 'ease', { baselines: ['ease'] }],
    ['mf', 'base', 'mf+mixgcf', { baselines: [], model: 'mf', sampler: 'uniform' }],
    ['mf:bpr', 'base', 'mf+mixgcf', { baselines: [], model: 'mf', objective: 'bpr' }],
    ['lightgcn:bpr:dns', 'base', 'lightgcn+dns', { baselines: [], model: 'lightgcn', objective: 'bpr', baseSampler: 'dns' }],
    ['recommended', 'evaluate', 'dtl-ns', { baselines: [], preset: 'recommended' }],
    ['dtl-ns', 'evaluate', 'dtl-ns', { baselines: [] }],
  ])('%s', (name, until, row, options) => {
    const method = parseMethod(name)
    expect(method).toMatchObject({ name, until, options })
    expect(method.isRow(row)).toBe(true)
    expect(method.isRow('popularity')).toBe(false)
    expect(() => planRun({ ...method.options })).not.toThrow()
  }) // biome-ignore format: a table

  it.each([
    ['recomended', /^unknown method "recomended": known are .*; did you mean "recommended"\?$/],
    ['ease:bpr', /^method "ease:bpr": "ease" is a baseline and has no objective$/],
    ['mf:bpl', /^unknown objective "bpl"/],
    ['mf:bpr:dnss', /^unknown sampler "dnss"/],
    ['mf:bpr:dual-tree', /^method "mf:bpr:dual-tree": "dual-tree" needs the trees/],
    ['mf:bpr:dns:5', /^method "mf:bpr:dns:5": expected at most model:objective:sampler/],
  ])('refuses %s', (name, message) => {
    expect(() => parseMethod(name)).toThrow(UsageError)
    expect(() => parseMethod(name)).toThrow(message)
  })
})

describe('the usual space of a method', () => {
  it('holds the options that the method has', () => {
    expect(Object.keys(usualSpace(parseMethod('ease')))).toEqual(['easeRegularization'])
    expect(Object.keys(usualSpace(parseMethod('popularity')))).toEqual([])
    const ials = ['ialsDimensions', 'ialsUnobservedWeight', 'ialsRegularization', 'ialsRegularizationExponent']
    expect(Object.keys(usualSpace(parseMethod('ials')))).toEqual(ials)
    const mf = Object.keys(usualSpace(parseMethod('mf:bpr:uniform')))
    expect(mf).toEqual(['learningRate', 'regularization'])
    expect(Object.keys(usualSpace(parseMethod('lightgcn:sampled-softmax:dns')))).toEqual(
      expect.arrayContaining(['layers', 'candidateNegatives', 'temperature']),
    )
  })

  it('leaves alone what is given', () => {
    expect(usualSpace(parseMethod('mf:bpr:uniform'), { learningRate: 0.01 })).not.toHaveProperty('learningRate')
  })

  it.each(['item-knn', 'ease', 'ials', 'rp3beta', 'mf:bpr', 'lightgcn:bpr:mixgcf', 'recommended', 'paper'])(
    'fits %s: every value can be taken',
    name => {
      const method = parseMethod(name)
      for (let trial = 0; trial < 20; trial++)
        expect(() => planRun({ ...method.options, ...drawValues(usualSpace(method), 1, trial) })).not.toThrow()
    },
  )
})

it('takes the fused rows of DTL-NS where there are any, one a seed', () => {
  const row = (method: string, seed: number, protocol = 'strict') =>
    ({ method, seed, protocol, variant: 'history train' }) as MetricsRow
  const alone = [row('lightgcn+mixgcf', 1), row('dtl-ns', 1), row('dtl-ns', 2), row('dtl-ns', 1, 'released')]
  const fused = [row('lightgcn+mixgcf+ease', 1), row('dtl-ns+ease', 1), row('dtl-ns+ease', 2)]
  const names = (rows: readonly MetricsRow[]) =>
    rowsOfMethod(rows, parseMethod('recommended')).map(({ method, seed }) => `${method} ${seed}`)
  expect(names(alone)).toEqual(['dtl-ns 1', 'dtl-ns 2'])
  expect(names([...alone.slice(0, 3), ...fused, alone[3]])).toEqual(['dtl-ns+ease 1', 'dtl-ns+ease 2'])
})
