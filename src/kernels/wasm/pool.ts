/**
 * Threads for the kernels. A call of a kernel export over rows 0 … count − 1 is cut into pieces, and the calling thread
 * and the workers each take the next piece until none is left. The workers share module and memory; a call is handed
 * over through a few words of shared memory, with no message.
 *
 * Which thread takes a piece changes no bit: a piece writes only rows of its own, and sums within a row have one order.
 *
 * The caller never waits for a worker to wake: it works through the pieces itself, and at the end waits only for
 * workers that hold one. A worker that is kept from running meanwhile stays away for a while (see job.ts).
 */
import { existsSync, readFileSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { Worker } from 'node:worker_threads'
import { messageOf, RunError } from '../../errors.ts'
import type { RowExports, WholeExports } from './exports.ts'
import {
  type AnyExports,
  type Control,
  closeJob,
  createControl,
  openJob,
  quit,
  type Share,
  takePieces,
  waitForHolders,
} from './job.ts'

export interface Pool {
  readonly threads: number
  /** the calling thread's instance, for what is not shared out */
  readonly wasm: WholeExports
  /**
   * Calls export `name(begin, end, ...args)` for pieces of 0 … count − 1, on all threads.
   * @param cost of a row, in about the time of a multiply-add: pieces are no smaller than is worth handing over
   * @returns the sum of what the calls return
   * @throws Error when a call traps
   */
  share<Name extends keyof RowExports>(
    name: Name,
    count: number,
    cost: number,
    args: Readonly<RowExports[Name]>,
    how?: ShareOptions,
  ): number
  /** Ends the workers; the pool then works on the calling thread alone. */
  close(): void
}

export interface ShareOptions {
  /** the rows of a piece are a multiple of this; 16 when absent */
  readonly align?: number
  readonly scratch?: Scratch
}

/** An argument that is a block of scratch memory, one for each thread. */
export interface Scratch {
  /** position among `args` */
  readonly argument: number
  /** from one thread's block to the next */
  readonly bytes: number
}

/** Multiply-adds in the smallest piece: some 10 µs. */
const PIECE_COST = 50_000
/** Pieces a thread, so that uneven rows even out. */
const PIECES_PER_THREAD = 8
/** Rows of a piece are a multiple of this as a rule: whole cache lines of floats, whole tiles of the ranking. */
const ALIGNMENT = 16

export interface PoolOptions {
  /** 1 for no workers */
  readonly threads: number
  /** multiply-adds in the smallest piece */
  readonly pieceCost?: number | undefined
  /** Told of each thread that cannot work; the others do what it would have done. */
  readonly onLost?: ((message: string) => void) | undefined
  /** a thread in place of the pool's own, for tests */
  readonly startWorker?: ((data: WorkerData) => Worker) | undefined
}

/** What a worker begins with. */
export interface WorkerData {
  readonly module: WebAssembly.Module
  readonly memory: WebAssembly.Memory
  readonly control: Control
  readonly thread: number
}

export function createPool(
  module: WebAssembly.Module,
  memory: WebAssembly.Memory,
  {
    threads,
    pieceCost = PIECE_COST,
    onLost = message => process.emitWarning(message),
    startWorker = newWorker,
  }: PoolOptions,
): Pool {
  const instance = new WebAssembly.Instance(module, { env: { memory } })
  const wasm = instance.exports as AnyExports
  wasm._start()
  const names = Object.keys(wasm)
  const control = createControl()
  const workers = new Set<Worker>()
  const lose = (thread: number, error: unknown) =>
    onLost(
      `Thread ${thread + 1} of ${threads} cannot work (${messageOf(error)}): going on with fewer, the results are the same.`,
    )
  for (let thread = 1; thread < threads; thread++)
    try {
      const worker = startWorker({ module, memory, control, thread })
      worker.unref()
      workers.add(worker)
      worker.on('error', error => workers.delete(worker) && lose(thread, error))
    } catch (error) {
      lose(thread, error)
    }
  return {
    threads,
    wasm: wasm as unknown as WholeExports,
    share(name, count, cost, args, { scratch, align = ALIGNMENT } = {}) {
      if (!wasm[name])
        throw new RunError(
          `the kernels have no "${name}", being older than the code: build them (npm run build:kernels)`,
        )
      const piece = pieceOf(count, pieceCost / cost, threads, align)
      if (workers.size === 0 || count <= piece) return count > 0 ? wasm[name](0, count, ...args) : 0
      const job: Share = { call: names.indexOf(name), count, piece, args, scratch }
      openJob(control, job)
      try {
        takePieces(control, wasm, names, 0)
      } finally {
        waitForHolders(control)
      }
      return closeJob(control)
    },
    close() {
      quit(control)
      workers.clear()
    },
  }
}

function pieceOf(count: number, fewest: number, threads: number, align: number): number {
  const rows = Math.max(fewest, count / (threads * PIECES_PER_THREAD))
  return Math.ceil(rows / align) * align
}

function newWorker(workerData: WorkerData): Worker {
  // beside this file: as TypeScript in the source, as JavaScript in the package
  const file = new URL(`./pool-worker.${import.meta.url.endsWith('.ts') ? 'ts' : 'js'}`, import.meta.url)
  return new Worker(file, { workerData })
}

/** Cores that this process may use; of two hardware threads of one core, one (where the system tells, on Linux). */
export function physicalCores(): number {
  const usable = availableParallelism()
  const file = '/proc/cpuinfo'
  if (!existsSync(file)) return usable
  const cores = readFileSync(file, 'utf8')
    .split('\n\n')
    .map(text => [/^physical id\s*: (\d+)/m.exec(text)?.[1], /^core id\s*: (\d+)/m.exec(text)?.[1]])
    .filter(([, core]) => core !== undefined)
  const distinct = new Set(cores.map(ids => ids.join('/'))).size
  return distinct ? Math.min(usable, distinct) : usable
}
