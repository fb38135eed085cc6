/** Options that several models share. */
import { z } from 'zod'

/** D. The kernels work on four floats at a time. */
export const dimensionsOption = z
  .int()
  .min(4)
  .max(1024)
  .multipleOf(4)
  .default(64)
  .describe('length of a user or item vector, a multiple of 4; time and memory grow with it')
  .meta({ unit: 'floats' })
