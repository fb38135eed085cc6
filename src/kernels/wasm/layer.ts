/** What the groups of kernels work with: a memory, and a pool that shares the calls of the module's exports out. */
import type { SharedMemory } from '../memory.ts'
import type { Pool } from './pool.ts'

export interface FastLayer extends Pick<Pool, 'threads' | 'wasm' | 'share'> {
  readonly memory: SharedMemory
  /** The byte offset of an array of the memory; 0 for undefined. */
  at(array: Parameters<SharedMemory['offsetOf']>[0]): number
}
