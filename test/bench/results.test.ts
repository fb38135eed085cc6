import { mkdtempSync, readFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { compareRounds, comparisonTable } from '../../bench/compare.ts'
import { type Measurement, median, sampleCalls, secondsOf } from '../../bench/measure.ts'
import { type Origin, readResults, saveResults } from '../../bench/results.ts'
import { kernelTable } from '../../bench/tables.ts'

const origin: Origin = { dualtree: '0.1.0', node: 'v26', cpu: '2 × CPU', data: 'made up', hash: 'abc' }

const measured = (name: string, seconds: number[], more: Partial<Measurement> = {}): Measurement => ({
  ...{ group: 'kernels', name, threads: 1 },
  samples: seconds.map(value => ({ seconds: 2 * value, cpuSeconds: value, others: 1 })),
  ...more,
})

it('one thread is timed by its processor time, more by the clock; the median of both middle values', () => {
  expect(secondsOf(measured('a', [1, 3, 2]))).toBe(2)
  expect(secondsOf(measured('a', [1, 3, 2], { threads: 2 }))).toBe(4)
  expect(median([4, 1, 2, 3])).toBe(2.5)
})

it('sampleCalls gives as many samples as asked for, each of a call', async () => {
  let calls = 0
  const samples = await sampleCalls(() => {
    calls++
    for (const end = performance.now() + 1; performance.now() < end; );
  }, 3)
  expect(samples).toHaveLength(3)
  for (const { seconds } of samples) expect(seconds).toBeGreaterThan(0.0009)
  expect(calls).toBeGreaterThan(4)
})

it('a part of the suite is added to the file; what was measured again is replaced, another origin starts anew', () => {
  const path = join(mkdtempSync(join(tmpdir(), 'bench-')), 'results', 'bench.json')
  saveResults(path, origin, [measured('spmm', [1]), measured('adam', [1])])
  saveResults(path, origin, [measured('spmm', [1.23456789]), measured('spmm', [5], { threads: 2 })])
  expect(readResults(path).measurements.map(({ name, threads }) => `${name} ${threads}`)).toEqual([
    'spmm 1',
    'adam 1',
    'spmm 2',
  ])
  expect(readFileSync(path, 'utf8')).toContain('"cpuSeconds": 1.235,')
  saveResults(path, { ...origin, hash: 'other' }, [measured('bpr', [1])])
  expect(readResults(path)).toMatchObject({ hash: 'other', measurements: [{ name: 'bpr' }] })
})

it('kernels stand beside the ceilings of one thread, with the gain of the second', () => {
  const ceilings = [
    measured('stream copy', [1], { group: 'ceilings', work: { macs: 0, bytes: 40e9 } }),
    measured('multiply-add', [1], { group: 'ceilings', work: { macs: 20e9, bytes: 0 } }),
  ]
  const kernels = [
    measured('spmm', [0.5], { work: { macs: 2e9, bytes: 10e9 }, reference: 12.34 }),
    measured('spmm', [0.15], { threads: 2 }),
  ]
  expect(kernelTable([...ceilings, ...kernels]).rows).toEqual([
    ['spmm', '500.0 ms', '4.00', '20 %', '20.0', '50 %', '× 12.3', '× 1.67'],
  ])
})

it('a comparison pairs what both sides have, with medians, ratio and all values', () => {
  const round = (seconds: number, name = 'spmm') => ({ ...origin, measurements: [measured(name, [seconds])] })
  const compared = compareRounds([round(4), round(2), round(3)], [round(1), round(1.5), round(2)])
  expect(compared).toEqual([{ name: 'spmm', threads: 1, before: [4, 2, 3], now: [1, 1.5, 2] }])
  expect(comparisonTable('main', compared)).toContain('× 0.500  4.00 s, 2.00 s, 3.00 s  1.00 s, 1.50 s, 2.00 s')
  expect(compareRounds([round(1, 'old')], [round(1, 'new')])).toEqual([])
})
