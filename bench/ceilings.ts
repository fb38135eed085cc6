/** What the machine can do at most, in the same run: a plain copy of memory, and multiply-adds on registers. */
import { readFileSync } from 'node:fs'
import type { Kernels } from '../src/kernels/interface/kernels.ts'
import { SharedMemory } from '../src/kernels/memory.ts'
import { createPool } from '../src/kernels/wasm/pool.ts'
import { createKernels } from '../src/kernels/wasm/wasm.ts'
import { type Measurement, sampleCalls } from './measure.ts'

/** Floats of the table that is copied: 256 MiB, far more than any cache. */
const COPIED = 2 ** 26
const COPIED_COLUMNS = 2 ** 14
const ROWS = 512
const ROUNDS = 20_000

/** Both ceilings with so many threads. */
export async function measureCeilings(threads: number): Promise<Measurement[]> {
  const kernels = createKernels({ threads })
  const copy = await copyCeiling(kernels)
  kernels.close()
  const memory = new SharedMemory()
  const wasm = new URL('../src/kernels/wasm/kernels.wasm', import.meta.url)
  const pool = createPool(new WebAssembly.Module(readFileSync(wasm)), memory.memory, { threads })
  const macs = ROWS * ROUNDS * pool.wasm.multiplyAddsPerRound()
  const samples = await sampleCalls(() => pool.share('multiplyAdds', ROWS, ROUNDS, [ROUNDS, 0.999, 0.001]))
  pool.close()
  return [copy, { group: 'ceilings', name: 'multiply-add', threads, samples, work: { macs, bytes: 0 } }]
}

async function copyCeiling(kernels: Kernels): Promise<Measurement> {
  const { memory, threads } = kernels
  const [from, to] = [memory.floats(COPIED), memory.floats(COPIED)]
  const rows = memory.copy(Int32Array.from({ length: COPIED / COPIED_COLUMNS }, (_, row) => row))
  const samples = await sampleCalls(() => kernels.copyRows(from, to, COPIED_COLUMNS, rows))
  // read once and written once
  return { group: 'ceilings', name: 'stream copy', threads, samples, work: { macs: 0, bytes: 2 * COPIED * 4 } }
}
