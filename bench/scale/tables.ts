/** Scale results as rows of text, the same on the terminal and in the docs. */
import { trainingBytes, treeBytes } from '../../src/run/footprint.ts'
import { planRun } from '../../src/run/options/plan-run.ts'
import type { Table } from '../tables.ts'
import { GROWING } from './cases.ts'
import { growthOf, type ScaleResult } from './growth.ts'

const gigabytes = (bytes: number) => `${(bytes / 1e9).toFixed(2)} GB`

/** The stages of one large case. */
export function largeTable(result: ScaleResult): Table {
  const { stages, peakBytes, kernelPeakBytes } = result
  const estimate = estimatedKernelBytes(result)
  return {
    header: ['', 'wall time', 'processor time', 'CPU used by others'],
    rows: [
      ...Object.entries(stages).map(([stage, { seconds, cpuSeconds, others }]) => [
        stage,
        `${seconds.toFixed(1)} s`,
        `${cpuSeconds.toFixed(1)} s`,
        others.toFixed(2),
      ]),
      ['peak memory of the process', gigabytes(peakBytes), '', ''],
      ['of the kernels', gigabytes(kernelPeakBytes), '', ''],
      [`estimated for the kernels (× ${(estimate / kernelPeakBytes).toFixed(2)})`, gigabytes(estimate), '', ''],
    ],
  }
}

/** What docs/reference/memory.md says: of a training without validation, and of the trees where there are any. */
export function estimatedKernelBytes({
  users,
  items,
  interactions,
  model,
  dimensions,
  batchSize,
  sampler: ofMf = 'dns',
  optimizer,
}: ScaleResult): number {
  const sizes = { users, items, interactions }
  const sampler = model === 'mf' ? ofMf : 'dual-tree'
  const plan = planRun({
    model,
    sampler,
    dimensions,
    batchSize,
    ...(optimizer && { optimizer }),
    baselines: [],
    candidatesPerUser: 1,
  })
  const training = trainingBytes(sizes, plan, 0, false)
  return model === 'mf' ? training : Math.max(training, treeBytes(sizes, plan))
}

export function largeTitle(result: ScaleResult): string {
  const { users, items, interactions, dimensions, batchSize, threads, hash, sampler, optimizer } = result
  const count = (value: number) => value.toLocaleString('en')
  return (
    `${count(users)} users × ${count(items)} items × ${count(interactions)} interactions, D = ${dimensions}, ` +
    [sampler, optimizer, `batches of ${count(batchSize)}`, `${threads} threads`, `data hash ${hash.slice(0, 12)}`]
      .filter(Boolean)
      .join(', ')
  )
}

export function growthTable(results: readonly ScaleResult[]): Table {
  const letters = Object.keys(GROWING)
  return {
    header: [
      'time grows as',
      ...letters.map(letter => `${letter} to the`),
      ...letters.map(letter => `seconds over ${letter}`),
    ],
    rows: growthOf(results).map(({ stage, exponents, seconds }) => [
      stage,
      ...letters.map(letter => exponents[letter]?.toFixed(2) ?? ''),
      ...letters.map(letter => seconds[letter]?.map(value => value.toFixed(value < 1 ? 2 : 1)).join(' ') ?? ''),
    ]),
  }
}
