import { join } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import { formatResults } from '../../src/cli/shared/results.ts'
import { compareRuns } from '../../src/comparison/runs.ts'
import { renderReport } from '../../src/report/report.ts'
import { gatherReport } from '../../src/report/run-report.ts'
import type { MetricsRow } from '../../src/run/metrics-file.ts'
import type { RunResult } from '../../src/run/request.ts'
import { runGiven as run } from '../../src/run/run.ts'
import { describeProtocols, protocolEffect } from '../../src/run/stages/protocol-effect.ts'
import { writeSmallData } from '../support/cli.ts'
import { sharedDirectory } from '../support/directory.ts'

const shared = sharedDirectory()
const directory = join(shared, 'run')
const OPTIONS = {
  threads: 1,
  dimensions: 4,
  layers: 1,
  epochs: 3,
  batchSize: 256,
  leafSize: 8,
  minPrefix: 1,
  compare: ['uniform'],
}
let both: RunResult

beforeAll(async () => {
  const options = { ...OPTIONS, seeds: 2, protocol: ['strict', 'released'] }
  both = await run({ directory, source: writeSmallData(shared), options })
})

const row = (method: string, protocol: 'strict' | 'released', ndcg: number) =>
  ({
    method,
    protocol,
    variant: 'history train',
    metrics: { 'recall@20': 0.5, 'ndcg@20': ndcg },
  }) as unknown as MetricsRow

describe('--protocol strict,released', () => {
  it('has every method under both in one table, the strict rows first', () => {
    const { rows, protocol } = both.metrics!
    expect(protocol).toBe('released')
    const names = (some: 'strict' | 'released') => [
      ...new Set(rows.filter(row => row.protocol === some).map(({ method }) => method)),
    ]
    const methods = ['popularity', 'item-knn', 'ease', 'lightgcn+mixgcf', 'lightgcn+uniform', 'dtl-ns']
    expect(names('strict')).toEqual(expect.arrayContaining(methods))
    expect(names('released')).toEqual([...names('strict'), 'dtl-ns-strict-mask'])
    const order = rows.map(row => row.protocol)
    expect(order).toEqual([...order].sort().reverse())
    expect(new Set(rows.map(row => row.evaluation)).size).toBe(rows.length)
    expect(rows.filter(row => row.method === 'dtl-ns' && row.protocol === 'released')).toMatchObject([
      { seed: 1, evaluation: 'evaluate-dtl-ns-released', training: 'train-dtl-ns-released' },
      { seed: 2, evaluation: 'evaluate-dtl-ns-released-seed2', training: 'train-dtl-ns-released-seed2' },
    ])
  })

  it('leaves the model of a method alone and changes its mask, which can only help', () => {
    const { rows } = both.metrics!
    const of = (method: string, protocol: string) =>
      rows.find(row => row.method === method && row.protocol === protocol)!
    for (const method of ['ease', 'lightgcn+mixgcf']) {
      expect(of(method, 'released').training).toBe(of(method, 'strict').training)
      expect(of(method, 'released').metrics['recall@20']).not.toBe(of(method, 'strict').metrics['recall@20'])
    }
    const masked = of('dtl-ns', 'released').metrics['recall@20']
    expect(masked).toBeGreaterThan(of('dtl-ns-strict-mask', 'released').metrics['recall@20'])
  })

  it('says the difference in words and figures, in the terminal and in the report', async () => {
    const text = formatResults(both.metrics!, 400)
    expect(text).toMatch(/^ease \(RELEASED\) +history train +\./m)
    expect(text).toMatch(/^The mask alone: popularity 0\.\d{4} → 0\.\d{4} \([+−]\d+\.\d %\), item-knn /m)
    const report = await gatherReport(directory)
    expect(report.curves.map(({ method }) => method)).toContain('dtl-ns (released)')
    const page = await renderReport(report)
    const [first] = describeProtocols(protocolEffect(report.rows)!)
    expect(page).toContain(`<li>${first}</li>`)
  })

  it('keeps the protocols apart in comparisons', async () => {
    const options = { resamples: 100, permutations: 100, groups: 0 }
    const names = async (protocol: string) =>
      (await compareRuns([directory], { ...options, protocol })).methods.map(({ name }) => name)
    expect(await names('strict')).not.toContain('dtl-ns-strict-mask')
    expect(await names('released')).toContain('dtl-ns-strict-mask')
    await expect(compareRuns([directory], { ...options, method: 'dtl-ns-strict-mask' })).rejects.toThrow(
      '"dtl-ns-strict-mask" is a row of the released protocol, and the strict rows are compared: rows of both cannot be mixed; give --protocol released',
    )
  })
})

describe('the effect of the protocol', () => {
  const rows = [
    row('ease', 'strict', 0.1),
    row('dtl-ns', 'strict', 0.08),
    row('ease', 'released', 0.125),
    row('dtl-ns', 'released', 0.09),
    row('dtl-ns-strict-mask', 'released', 0.06),
  ]

  it('is taken apart into mask and training set: by hand', () => {
    expect(protocolEffect(rows)).toEqual({
      metric: 'ndcg@20',
      masks: [{ method: 'ease', strict: 0.1, released: 0.125 }],
      final: { strict: 0.08, released: 0.09, strictMask: 0.06 },
    })
    expect(describeProtocols(protocolEffect(rows)!)).toEqual([
      'The mask alone: ease 0.1000 → 0.1250 (+25.0 %) NDCG@20, with no change to any model.',
      'The training set alone: with the judged positives that held-out data let through as training pairs, DTL-NS has 0.0600 under the strict mask; trained strictly it has 0.0800 (−25.0 % from the second to the first).',
      'Both together: 0.0900, of which +50.0 % are the mask’s. Only the strict figure, 0.0800, is of a model and a ranking that know nothing of the held-out data.',
    ])
  })

  it('is nothing without rows of both', () => {
    expect(protocolEffect(rows.slice(0, 2))).toBeUndefined()
    expect(protocolEffect([])).toBeUndefined()
  })
})
