/** A worker of the pool: an instance of the kernels over the shared memory, at work until the pool closes. */
import { workerData } from 'node:worker_threads'
import { type AnyExports, serve } from './job.ts'
import type { WorkerData } from './pool.ts'

const { module, memory, control, thread }: WorkerData = workerData
const instance = new WebAssembly.Instance(module, { env: { memory } })
const wasm = instance.exports as AnyExports
wasm._start()
serve(control, wasm, Object.keys(wasm), thread)
