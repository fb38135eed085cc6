/** Rows in kernel memory. */
import type { Histories } from '../dataset/histories.ts'
import type { CsrPattern, Kernels } from '../kernels/interface/kernels.ts'

/** A pattern in kernel memory. */
export function copyPattern(memory: Kernels['memory'], { offsets, indices }: CsrPattern): CsrPattern {
  return { offsets: memory.copy(offsets), indices: memory.copy(indices) }
}

/** Histories in kernel memory. */
export function copyHistories(memory: Kernels['memory'], histories: Histories): Histories {
  const { values, ages } = histories
  return {
    ...copyPattern(memory, histories),
    ...(values && { values: memory.copy(values) }),
    ...(ages && { ages: memory.copy(ages) }),
  }
}

/** 0 … length − 1, in kernel memory. */
export function positionsOf(memory: Kernels['memory'], length: number): Int32Array {
  const positions = memory.ints(length)
  for (let at = 0; at < length; at++) positions[at] = at
  return positions
}
