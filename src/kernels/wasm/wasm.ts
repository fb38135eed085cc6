/**
 * The fast backend: AssemblyScript SIMD kernels over one shared memory, on one or more threads. Each method turns typed
 * arrays into byte offsets and shares a call of an export of the module out over its rows.
 */
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import type { z } from 'zod'
import { RunError } from '../../errors.ts'
import { integer, number } from '../../options.ts'
import { callable, checkRequest } from '../../requests.ts'
import type { Kernels } from '../interface/kernels.ts'
import { MEMORY_LIMIT, SharedMemory } from '../memory.ts'
import { blockKernels } from './blocks.ts'
import { createLayer } from './layer.ts'
import { linearKernels } from './linear.ts'
import { listwiseKernels } from './listwise.ts'
import { neighborKernels } from './neighbors.ts'
import { pairKernels } from './pairs.ts'
import { createPool, type PoolOptions, physicalCores } from './pool.ts'
import { rankingKernels } from './ranking.ts'
import { samplingKernels } from './sampling.ts'
import { statisticsKernels } from './statistics.ts'
import { sweepKernels } from './sweep.ts'
import { vectorKernels } from './vectors.ts'

export interface KernelOptions extends Pick<PoolOptions, 'onLost' | 'startWorker'> {
  /** threads that share a call out, this one included; results are the same to the bit, whatever their number */
  readonly threads?: number
  /** multiply-adds in the smallest piece of a call that is shared out; some 10 µs when absent */
  readonly pieceCost?: number
  /** bytes that arrays may take, 4 GiB when absent */
  readonly memoryLimit?: number
}

const FIELDS = {
  ...{ threads: integer(1, 1024).optional(), pieceCost: number(0).optional() },
  ...{
    memoryLimit: integer(0, MEMORY_LIMIT).optional(),
    onLost: callable.optional(),
    startWorker: callable.optional(),
  },
} satisfies Record<keyof KernelOptions, z.ZodType>

let compiled: WebAssembly.Module | undefined

/** Compiled once a process: a module is immutable, each backend instantiates it over a memory of its own. */
function kernelModule(): WebAssembly.Module {
  compiled ??= new WebAssembly.Module(readKernels(new URL('./kernels.wasm', import.meta.url)))
  return compiled
}

/** @throws RunError where a bundler took the code from beside the file, or nothing was built */
export function readKernels(file: URL): Buffer<ArrayBuffer> {
  try {
    return readFileSync(file)
  } catch (error) {
    const remedy = file.pathname.includes('/src/')
      ? 'build it with "npm run build:kernels"'
      : 'leave dualtree out of your bundle (esbuild: --external:dualtree), or copy kernels.wasm and pool-worker.js from node_modules/dualtree/dist there'
    throw new RunError(`there is no ${fileURLToPath(file)}, which holds the kernels: ${remedy}`, { cause: error })
  }
}

/** A backend for as long as `work` takes. @param threads 0 for one per physical core */
export async function withKernels<R>(threads: number, work: (kernels: Kernels) => Promise<R>): Promise<R> {
  const kernels = createKernels({ threads: threads || physicalCores() })
  try {
    return await work(kernels)
  } finally {
    kernels.close()
  }
}

/**
 * A backend with a memory of its own, up to 4 GiB. With one thread it is freed with the last array of it; with more, the
 * workers keep it until `close`.
 * @throws UsageError for an option that is misspelt or out of range
 */
export function createKernels(options: KernelOptions = {}): Kernels {
  checkRequest('createKernels', FIELDS, options)
  const { threads = 1, memoryLimit, ...how } = options
  const memory = new SharedMemory(memoryLimit)
  const pool = createPool(kernelModule(), memory.memory, { threads, ...how })
  const layer = createLayer(memory, pool)
  return {
    name: 'wasm',
    memory,
    threads,
    close: pool.close,
    ...blockKernels(layer),
    ...linearKernels(layer),
    ...samplingKernels(layer),
    ...pairKernels(layer),
    ...rankingKernels(layer),
    ...neighborKernels(layer),
    ...vectorKernels(layer),
    ...listwiseKernels(layer),
    ...sweepKernels(layer),
    ...statisticsKernels(layer),
  }
}
