/** The fast backend's resampled sums and flipped signs. */
import type { StatisticsKernels } from '../interface/statistics.ts'
import type { FastLayer } from './layer.ts'

/** A draw of a user, in multiply-adds. */
const DRAW_COST = 10

export function statisticsKernels({ shareWithBlock, at }: FastLayer): StatisticsKernels {
  return {
    resampleSums(keys, table, columns, out) {
      const users = table.length / columns
      const args = [at(keys), users, at(table), columns, at(out), { bytes: Math.ceil(users / 16) * 64 }] as const
      shareWithBlock('resampleSums', keys.length / 2, users * (DRAW_COST + columns), args, { align: 1 })
    },
    countFlips(keys, values, bound) {
      const args = [at(keys), at(values), values.length, bound, { bytes: 64 }] as const
      return shareWithBlock('countFlips', keys.length / 2, values.length, args, { align: 4 })
    },
  }
}
