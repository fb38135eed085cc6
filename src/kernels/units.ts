/** Unit vectors that are kept for the way back. */
import type { Floats, Kernels } from './interface/kernels.ts'

/** For up to `rows` rows of `columns`. */
export function createUnits(kernels: Kernels, rows: number, columns: number) {
  const unit = kernels.memory.floats(rows * columns)
  const norms = kernels.memory.floats(rows)
  const used = (values: Floats) =>
    [unit.subarray(0, values.length), norms.subarray(0, values.length / columns)] as const
  return {
    /** The rows as unit vectors; good until the next call. */
    normalize(values: Floats): Floats {
      const [ownUnit, ownNorms] = used(values)
      kernels.normalizeRows(values, columns, ownUnit, ownNorms)
      return ownUnit
    },
    /** In place, from ∂loss/∂(unit vector) to ∂loss/∂(vector). */
    backward(gradient: Floats): void {
      const [ownUnit, ownNorms] = used(gradient)
      kernels.normalizeRowsBack(ownUnit, ownNorms, columns, gradient)
    },
  }
}
