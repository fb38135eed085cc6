/** Gradients that are too long are scaled down before the optimizer sees them. */
import type { Floats, Kernels } from '../kernels/interface/kernels.ts'
import type { TouchedNodes } from '../kernels/rows.ts'
import type { Parameter } from '../models/model.ts'

/**
 * g ← g min(1, c / ‖g‖), g being all parameters' gradients together. Lengths are summed in f64, in the order of rows.
 * @source Pascanu et al., "On the difficulty of training recurrent neural networks", ICML 2013, arXiv 1211.5063
 * @param parameters those of `sparse` ones count by their touched rows
 * @param columns a multiple of 4
 */
export function createClip(
  parameters: readonly Parameter[],
  columns: number,
  maxNorm: number,
  { dotRows, memory }: Kernels,
): (touched: TouchedNodes) => void {
  const squares = memory.floats(Math.ceil(Math.max(...parameters.map(({ gradient }) => gradient.length)) / columns))
  const squaredLength = (part: Floats): number => {
    const whole = part.length - (part.length % columns)
    const rows = squares.subarray(0, whole / columns)
    dotRows(part.subarray(0, whole), part.subarray(0, whole), 1, columns, rows)
    let sum = 0
    for (const square of rows) sum += square
    for (let at = whole; at < part.length; at++) sum += part[at] ** 2
    return sum
  }
  return ({ rows, count, marks }) => {
    const parts = parameters.flatMap(({ gradient, sparse }) => {
      if (!sparse) return [gradient]
      const length = gradient.length / marks.length
      return Array.from(rows.subarray(0, count), row => gradient.subarray(row * length, (row + 1) * length))
    })
    const norm = Math.sqrt(parts.reduce((sum, part) => sum + squaredLength(part), 0))
    if (!(norm > maxNorm)) return
    const scale = maxNorm / norm
    for (const part of parts) for (let at = 0; at < part.length; at++) part[at] *= scale
  }
}
