/** The fast backend's products and optimizers. */
import { wholePower } from '../../powers.ts'
import type { AdagradStep, AdamStep, LinearKernels } from '../interface/kernels.ts'
import type { FastLayer } from './layer.ts'

export function linearKernels({ wasm, share, shareWithBlock, at }: FastLayer): LinearKernels {
  /** Multiply-adds of a row of a product. */
  const rowCost = (offsets: Int32Array, columns: number) => (columns * (offsets.at(-1)! + 1)) / offsets.length
  return {
    spmm(a, x, y, columns, add) {
      const arrays = [at(a.offsets), at(a.indices), at(a.values), at(x), at(y), columns, at(add)] as const
      share('spmm', a.offsets.length - 1, rowCost(a.offsets, columns), arrays)
    },
    spmmLive(a, x, y, columns, { wanted, live, liveAdd }, add) {
      const arrays = [at(a.offsets), at(a.indices), at(a.values), at(x), at(y), columns, at(add)] as const
      const masks = [at(wanted), at(live), at(liveAdd), { bytes: wasm.liveScratchBytes() }] as const
      shareWithBlock('spmmLive', a.offsets.length - 1, rowCost(a.offsets, columns), [...arrays, ...masks])
    },
    lastHop(a, { dimensions, hops, hop, pooled }, wanted) {
      const rows = a.offsets.length - 1
      const arrays = [
        at(a.offsets),
        at(a.indices),
        at(a.values),
        at(hop),
        hops,
        dimensions,
        at(pooled),
        at(wanted),
        rows,
      ] as const
      share('lastHop', rows, rowCost(a.offsets, dimensions), arrays)
    },
    poolHops({ hop, hops, pooled }) {
      share('meanOfTables', pooled.length, hops, [at(hop), hops, pooled.length, at(pooled)])
    },
    copyRows(from, to, columns, rows) {
      share('copyRows', rows.length, columns, [at(rows), at(from), at(to), columns])
    },
    adam(parameter, gradient, moments, settings, step, rows) {
      const args = [at(parameter), at(gradient), ...adamArguments({ moments, settings, step }, at)] as const
      if (!rows) share('adam', parameter.length, 8, args)
      else share('adamRows', rows.rows.length, 8 * rows.columns, [at(rows.rows), rows.columns, ...args])
    },
    adagrad(parameter, gradient, sums, { learningRate, epsilon }, rows) {
      const columns = parameter.length / sums.length
      const args = [at(rows), columns, at(parameter), at(gradient), at(sums), epsilon, learningRate] as const
      share('adagradRows', rows?.length ?? sums.length, 4 * columns, args)
    },
    improveRows(x, y, met, gram, ridges, { dimensions, steps }) {
      const arrays = [at(x), at(y), at(met.offsets), at(met.indices), at(met.values), at(gram), at(ridges)] as const
      const args = [...arrays, dimensions, steps, { bytes: 12 * dimensions }] as const
      const cost = (steps + 1) * (dimensions * dimensions + 2 * rowCost(met.offsets, dimensions))
      shareWithBlock('improveRows', met.offsets.length - 1, cost, args)
    },
  }
}

/** What `updateNodes` moves a row by; without first moments it is row-wise AdaGrad, by the sums in place of the second ones. */
export function stepArguments(step: AdamStep | AdagradStep, at: FastLayer['at']) {
  if (!('sums' in step)) return adamArguments(step, at)
  const { learningRate, epsilon } = step.settings
  return [0, at(step.sums), 0, 0, epsilon, learningRate, 0] as const
}

/** Offsets of the moments, β1, β2, ε and what a step multiplies by. */
function adamArguments({ moments, settings, step }: AdamStep, at: FastLayer['at']) {
  const { learningRate, beta1, beta2, epsilon } = settings
  const stepSize = learningRate / (1 - wholePower(beta1, step))
  const rootScale = 1 / Math.sqrt(1 - wholePower(beta2, step))
  return [at(moments.first), at(moments.second), beta1, beta2, epsilon, stepSize, rootScale] as const
}
