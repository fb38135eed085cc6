/** Options that several models share. */
import { z } from 'zod'
import { integer, number } from '../options.ts'

/** D. The kernels work on four floats at a time. */
export const dimensionsOption = integer(4, 1024, 'floats')
  .multipleOf(4)
  .default(64)
  .describe('length of vectors, a multiple of 4; time and memory grow with it')

/** L, for every model that propagates along a graph. */
export const layersOption = integer(1, 8)
  .default(3)
  .describe('L, propagation layers; an epoch costs 2 L sparse products per batch')

/** Of models that contrast noisy views. */
export const contrastOptions = z.object({
  contrastWeight: number(0, 100).default(0.2).describe('λ, weight of the contrast'),
  contrastTemperature: number(0.001, 100).default(0.2).describe('τ, divisor of cosines in the contrast'),
  noise: number(0, 10).default(0.1).describe('ε, length of the noise in every hop'),
})
