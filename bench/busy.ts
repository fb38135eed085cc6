/**
 * `node bench/busy.ts`: a LightGCN beside busy loops that want the same cores, each in a session of its own as another user's
 * program is, and how much of its time the main thread waits for workers that the system keeps from running.
 *
 *   --loops <n>     busy loops, twice the cores by default
 *   --threads <n>   of the kernels, 2 by default
 *   --seconds <n>   that are measured, after some batches that warm up; 30 by default
 */
import { spawn } from 'node:child_process'
import { availableParallelism } from 'node:os'
import { parseArgs } from 'node:util'
import { createKernels } from '../src/kernels/wasm/wasm.ts'
import { lightgcn } from '../src/models/lightgcn.ts'
import { bpr } from '../src/objectives/bpr.ts'
import { train } from '../src/training/trainer.ts'
import { benchData } from './data.ts'
import { startSample } from './measure.ts'

const { values: flags } = parseArgs({
  options: {
    loops: { type: 'string', default: String(2 * availableParallelism()) },
    threads: { type: 'string', default: '2' },
    seconds: { type: 'string', default: '30' },
  },
})
const WARM_UP = 30
// ends when this process is gone, however that ended
const LOOP = 'const parent = process.ppid; while (process.ppid === parent);'

let waited = 0
const { wait } = Atomics
Atomics.wait = ((...given: Parameters<typeof wait>) => {
  const start = performance.now()
  const result = wait(...given)
  waited += (performance.now() - start) / 1000
  return result
}) as typeof wait

const { name, split } = await benchData()
const kernels = createKernels({ threads: Number(flags.threads) })
const loops = Array.from({ length: Number(flags.loops) }, () =>
  spawn(process.execPath, ['-e', LOOP], { detached: true, stdio: 'ignore' }),
)
const ended = new AbortController()
let batches = 0
let watch = startSample()
await train({
  ...{ kernels, train: split.train, seed: 1, sampler: 'mixgcf', signal: ended.signal },
  model: { part: lightgcn },
  objective: { part: bpr },
  progress({ record }) {
    if (record) return
    if (++batches === WARM_UP) {
      waited = 0
      watch = startSample()
    }
    if (batches > WARM_UP && watch().seconds > Number(flags.seconds)) ended.abort()
  },
}).catch(error => {
  if (!ended.signal.aborted) throw error
})
const { seconds, cpuSeconds, others } = watch()
for (const loop of loops) loop.kill('SIGKILL')
kernels.close()
process.stdout.write(
  `LightGCN + mixgcf on ${name}, ${flags.threads} threads beside ${flags.loops} busy loops, which with all else had ${others.toFixed(2)} cores: ` +
    `the main thread waited ${((100 * waited) / seconds).toFixed(1)} % of ${seconds.toFixed(0)} s; ` +
    `${((batches - WARM_UP) / seconds).toFixed(2)} batches per second, ${((1000 * cpuSeconds) / (batches - WARM_UP)).toFixed(0)} ms of processor time each\n`,
)
