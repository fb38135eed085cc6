/** Dropout of what users are compared by. */
import type { Batch, BatchPosition, Floats } from '../kernels/interface/kernels.ts'
import { derive } from '../random.ts'
import type { VectorContext } from './objective.ts'

/**
 * Each element is 0 with chance p and divided by 1 − p otherwise; after normalisation, so that a cosine may exceed 1.
 * @source Srivastava et al., JMLR 15 (2014); placed as in the released code of Mao et al., "SimpleX", CIKM 2021
 */
export function createUserDropout({ kernels, dimensions, batchSize, seed }: VectorContext, chance: number) {
  const kept = kernels.memory.floats(batchSize * dimensions)
  const dropped = kernels.memory.floats(batchSize * dimensions)
  const key = derive(seed, 'user dropout')
  return {
    draw(at: BatchPosition, { size }: Batch): void {
      kernels.drawUniforms({ key, ...at }, size, dimensions, kept)
      for (let i = 0; i < size * dimensions; i++) kept[i] = kept[i] < chance ? 0 : 1 / (1 - chance)
    },
    /** Good until the next call. */
    apply(users: Floats): Floats {
      for (let i = 0; i < users.length; i++) dropped[i] = kept[i] * users[i]
      return dropped.subarray(0, users.length)
    },
    /** In place: from gradients by what `apply` gave to gradients by what it was given. */
    backward(gradient: Floats): void {
      for (let i = 0; i < gradient.length; i++) gradient[i] *= kept[i]
    },
  }
}
