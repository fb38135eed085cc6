import { expect, it } from 'vitest'
import type { AuditReport } from '../../src/judge-audit/audit.ts'
import { reliabilityPicture } from '../../src/report/sections/reliability.ts'
import { reliabilityOf } from '../../src/statistics/binary/reliability.ts'

const picture = (confidence: number[], truth: number[], judge = 'prefix') => {
  const report = { provenance: { judge, options: {}, seed: 1 }, reliability: reliabilityOf(confidence, truth, 4) }
  return reliabilityPicture(report as unknown as AuditReport).toString()
}

it('a dot a bin where it belongs: 0 at the left below, 1 at the right above', () => {
  const svg = picture([0, 0, 1, 1], [0, 0, 1, 1])
  const dots = [...svg.matchAll(/<circle cx="([\d.]+)" cy="([\d.]+)"/g)].map(([, x, y]) => [Number(x), Number(y)])
  expect(dots).toEqual([
    [56, 356],
    [356, 56],
  ])
  expect(svg).toContain('confidence 1.00: 100.0 % of 2 cases hidden')
  expect(svg).not.toContain('NaN')
})

it('a name cannot break out of it', () => {
  expect(picture([0.5], [1], '<script>')).not.toContain('<script>')
})
