/** Options that several models share. */
import { z } from 'zod'

/** D. The kernels work on four floats at a time. */
export const dimensionsOption = z
  .int()
  .min(4)
  .max(1024)
  .multipleOf(4)
  .default(64)
  .describe('length of vectors, a multiple of 4; time and memory grow with it')
  .meta({ unit: 'floats' })

/** L, for every model that propagates along a graph. */
export const layersOption = z
  .int()
  .min(1)
  .max(8)
  .default(3)
  .describe('L, steps of propagation; an epoch costs 2 L sparse products per batch')

/** Of models that contrast noisy views. */
export const contrastOptions = z.object({
  contrastWeight: z.number().min(0).max(100).default(0.2).describe('λ, weight of the contrast'),
  contrastTemperature: z.number().min(0.001).max(100).default(0.2).describe('τ, divisor of cosines in the contrast'),
  noise: z.number().min(0).max(10).default(0.1).describe('ε, length of the noise in every hop'),
})
