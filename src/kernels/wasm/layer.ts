/** What the groups of kernels work with: a memory, and a pool that shares the calls of the module's exports out. */
import type { SharedMemory } from '../memory.ts'
import type { RowExports } from './exports.ts'
import type { Pool, ShareOptions } from './pool.ts'

export interface FastLayer extends Pick<Pool, 'threads' | 'wasm' | 'share'> {
  readonly memory: SharedMemory
  /** `share` of an export that works in a block of memory, one for each thread, which stands among the arguments as its size. */
  shareWithBlock<Name extends keyof RowExports>(
    name: Name,
    count: number,
    cost: number,
    args: WithBlock<RowExports[Name]>,
    how?: Omit<ShareOptions, 'scratch'>,
  ): number
  /** The byte offset of an array of the memory; 0 for undefined. */
  at(array: Parameters<SharedMemory['offsetOf']>[0]): number
}

export interface Block {
  readonly bytes: number
}

type WithBlock<T extends readonly number[]> = { readonly [K in keyof T]: number | Block }

export function createLayer(memory: SharedMemory, { threads, wasm, share }: Pool): FastLayer {
  const at: FastLayer['at'] = array => memory.offsetOf(array)
  return {
    ...{ memory, threads, wasm, share, at },
    shareWithBlock: (name, count, cost, args, how) =>
      memory.scope(() => {
        const argument = args.findIndex(arg => typeof arg === 'object')
        const { bytes } = args[argument] as Block
        const placed = args.with(argument, at(memory.bytes(threads * bytes))) as readonly number[]
        return share(name, count, cost, placed as RowExports[typeof name], { ...how, scratch: { argument, bytes } })
      }),
  }
}
