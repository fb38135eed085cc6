import { z } from 'zod'
import { seconds } from '../../numbers.ts'
import { partNames } from '../../registry.ts'
import { defineStudy, type StudyRow } from './study.ts'
import { baseRow, samplersOf } from './variants.ts'

const EPOCH = 'seconds an epoch'
const scoring = samplersOf('scoring')

export const efficiency = defineStudy({
  name: 'efficiency',
  summary: 'what multi-view negatives, trees and judging cost in time',
  source: 'DTL-NS, arXiv 2602.18249, its table of running times',
  options: z.object({
    samplers: partNames(scoring).describe('timed alone and under dual-tree'),
  }),
  times: true,
  // enough epochs that the first, slower one does not decide, and one validation
  defaults: { epochs: 6, validateEvery: 6, baselines: [] },
  variants: options =>
    options.samplers.flatMap(base => [
      { name: base, options: { baseSampler: base, base }, method: baseRow },
      { name: `dual-tree over ${base}`, options: { baseSampler: base, base } },
    ]),
  columns: () => [
    { key: EPOCH, title: EPOCH, as: 'seconds' },
    { key: 'trees seconds', title: 'trees', as: 'seconds' },
    { key: 'candidates seconds', title: 'candidates', as: 'seconds' },
    { key: 'judge seconds', title: 'judging', as: 'seconds' },
  ],
  figure: rows => ({ kind: 'dots', value: EPOCH, rows }),
  describe(rows) {
    const pairs = rows.flatMap((row, index) => (index % 2 === 0 ? [[row, rows[index + 1]] as const] : []))
    const epoch = ({ figures }: StudyRow) => figures[EPOCH]
    const sentences = pairs.map(
      ([alone, wrapped]) =>
        `An epoch with ${alone.name} takes ${seconds(epoch(alone))} s, with dual-tree over it ${seconds(epoch(wrapped))} s, ${(epoch(wrapped) / epoch(alone)).toFixed(2)} times as long.`,
    )
    const { figures } = rows[0]
    return `${sentences.join(' ')} Once a run, both trees take ${seconds(figures['trees seconds'])} s, listing the candidates ${seconds(figures['candidates seconds'])} s and judging them ${seconds(figures['judge seconds'])} s.`
  },
})
