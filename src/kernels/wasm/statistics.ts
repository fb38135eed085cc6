/** The fast backend's resampled sums and flipped signs. */
import type { StatisticsKernels } from '../interface/statistics.ts'
import type { FastLayer } from './layer.ts'

/** A draw of a user, in multiply-adds. */
const DRAW_COST = 10

export function statisticsKernels({ memory, threads, share, at }: FastLayer): StatisticsKernels {
  return {
    resampleSums(keys, table, columns, out) {
      memory.scope(() => {
        const users = table.length / columns
        const bytes = Math.ceil(users / 16) * 64
        const args = [at(keys), users, at(table), columns, at(out), at(memory.bytes(threads * bytes))] as const
        const cost = users * (DRAW_COST + columns)
        share('resampleSums', keys.length / 2, cost, args, { align: 1, scratch: { argument: 5, bytes } })
      })
    },
    countFlips(keys, values, bound) {
      return memory.scope(() => {
        const args = [at(keys), at(values), values.length, bound, at(memory.bytes(64 * threads))] as const
        const how = { align: 4, scratch: { argument: 4, bytes: 64 } }
        return share('countFlips', keys.length / 2, values.length, args, how)
      })
    },
  }
}
