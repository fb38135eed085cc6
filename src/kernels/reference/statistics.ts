/** Reference kernels of the statistics. */
import { type Key, randomStream } from '../../random.ts'
import type { StatisticsKernels } from '../interface/statistics.ts'

const streamsOf = (keys: Int32Array) =>
  Array.from({ length: keys.length / 2 }, (_, at) => {
    const key: Key = [keys[2 * at] >>> 0, keys[2 * at + 1] >>> 0]
    return randomStream(key)
  })

export const statisticsKernels: StatisticsKernels = {
  resampleSums(keys, table, columns, out) {
    const users = table.length / columns
    out.fill(0)
    for (const [sample, random] of streamsOf(keys).entries())
      for (let draw = 0; draw < users; draw++) {
        const user = random.below(users)
        for (let column = 0; column < columns; column++)
          out[sample * columns + column] += table[user * columns + column]
      }
  },
  countFlips(keys, values, bound) {
    let reached = 0
    for (const random of streamsOf(keys)) {
      let [sum, word] = [0, 0]
      for (let at = 0; at < values.length; at++) {
        if (at % 32 === 0) word = random.uint32()
        sum += word & 1 ? -values[at] : values[at]
        word >>>= 1
      }
      if (Math.abs(sum) >= bound) reached++
    }
    return reached
  },
}
