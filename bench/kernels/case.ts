/** A kernel's benchmark: what a call needs, and how much it does. */
import type { Kernels } from '../../src/kernels/interface/kernels.ts'
import type { Work } from '../measure.ts'
import type { World } from './world.ts'

export interface KernelCase {
  readonly kernel: keyof Kernels
  /** which use of it, where there are several */
  readonly variant?: string
  /** Allocates in the kernel memory of `world`. */
  prepare(world: World): Work & { run(): void }
}

/** Bytes of a float or an integer. */
export const WORD = 4
