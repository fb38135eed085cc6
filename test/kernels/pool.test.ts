import { once } from 'node:events'
import { Worker } from 'node:worker_threads'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { closeJob, createControl, openJob, quit, takePieces, waitForHolders } from '../../src/kernels/wasm/job.ts'
import { createPool, physicalCores } from '../../src/kernels/wasm/pool.ts'
import { createKernels, type KernelOptions } from '../../src/kernels/wasm/wasm.ts'
import { derive } from '../../src/random.ts'

const key = derive(1, 'pool')

function kernelsWith(options: KernelOptions) {
  const kernels = createKernels(options)
  onTestFinished(() => kernels.close())
  return kernels
}

/** A module that exports `_start` alone. */
function emptyModule() {
  const bytes = '0061736d01000000 0104016000 00 03020100 070a01065f737461727400 00 0a040102000b'.replaceAll(' ', '')
  const module = new WebAssembly.Module(Buffer.from(bytes, 'hex'))
  return { module, memory: new WebAssembly.Memory({ initial: 1, maximum: 1, shared: true }) }
}

/** Half a millisecond of a kernel. */
function spin(): number {
  const end = performance.now() + 0.5
  while (performance.now() < end);
  return 0
}

function uniforms(options: KernelOptions, samples: number): number[] {
  const kernels = kernelsWith(options)
  const out = kernels.memory.floats(samples * 3)
  kernels.drawUniforms({ key, epoch: 1, batch: 0 }, samples, 3, out)
  return Array.from(out)
}

describe('the pool', () => {
  it.each([2, 3, 8])('gives the bits of one thread with %i', threads => {
    const expected = uniforms({ threads: 1 }, 20_000)
    for (let time = 0; time < 2; time++) expect(uniforms({ threads, pieceCost: 100 }, 20_000)).toEqual(expected)
  })

  it('says that the kernels are older than the code where one is not among them', () => {
    const { module, memory } = emptyModule()
    const pool = createPool(module, memory, { threads: 1 })
    expect(() => pool.share('spmm', 1, 1, [] as never)).toThrow(
      'the kernels have no "spmm", being older than the code: build them (npm run build:kernels)',
    )
  })

  it('takes thousands of calls in a row, each seen whole by the caller', () => {
    const kernels = kernelsWith({ threads: 4, pieceCost: 1 })
    const counter = kernels.memory.floats(256)
    const one = kernels.memory.floats(256).fill(1)
    const ones = kernels.memory.copy(Int32Array.from({ length: 257 }, (_, row) => row))
    const identity = { offsets: ones, indices: ones.subarray(0, 256), values: one }
    for (let call = 1; call <= 5000; call++) {
      // 64 rows of 4: y = x + one, back and forth
      kernels.spmm({ ...identity, offsets: ones.subarray(0, 65) }, counter, counter, 4, one)
      if (call % 1000 === 0) expect(new Set(counter)).toEqual(new Set([call]))
    }
  })

  it('adds up what the pieces return', () => {
    const kernels = kernelsWith({ threads: 3, pieceCost: 1 })
    const { memory } = kernels
    // every other user has seen the only two items
    const offsets = memory.ints(1001)
    for (let user = 0; user < 1000; user++) offsets[user + 1] = offsets[user] + (user % 2 ? 2 : 0)
    const indices = memory.ints(1000).map((_, at) => at % 2)
    const users = memory.copy(Int32Array.from({ length: 1000 }, (_, user) => user))
    const out = memory.ints(1000)
    const forbidden = { offsets, indices: memory.copy(indices) }
    expect(kernels.drawItems({ key, epoch: 1, batch: 0 }, users, forbidden, 2, 1, out)).toBe(500)
    expect(Array.from(out).filter(item => item < 0).length).toBe(500)
  })

  it.each<[string, () => Worker]>([
    [
      'cannot be made',
      () => {
        throw new Error('EAGAIN')
      },
    ],
    ['ends before it begins', () => new Worker('throw new Error("EAGAIN")', { eval: true })],
  ])('goes on without a worker that %s, says so, and gives the same bits', async (_, start) => {
    let started = 0
    const lost: string[] = []
    const options = {
      threads: 3,
      pieceCost: 100,
      onLost: (text: string) => lost.push(text),
      startWorker: () => (++started === 1 ? start() : new Worker('', { eval: true })),
    }
    const drawn = uniforms(options, 20_000)
    expect(drawn).toEqual(uniforms({ threads: 1 }, 20_000))
    await vi.waitFor(() =>
      expect(lost).toEqual(['Thread 2 of 3 cannot work (EAGAIN): going on with fewer, the results are the same.']),
    )
  })

  it('works on one thread after close', () => {
    const kernels = createKernels({ threads: 2, pieceCost: 1 })
    kernels.close()
    const out = kernels.memory.floats(3000)
    kernels.drawUniforms({ key, epoch: 1, batch: 0 }, 1000, 3, out)
    expect(Array.from(out)).toEqual(uniforms({}, 1000))
    kernels.close()
  })

  it('reports a call that trapped in a worker', () => {
    const control = createControl()
    openJob(control, { call: 0, count: 32, piece: 16, args: [], scratch: undefined })
    takePieces(control, { kernel: () => 0 }, ['kernel'], 0)
    waitForHolders(control)
    expect(closeJob(control)).toBe(0)
    control.words[4] = 1 // as a worker does that could not finish
    expect(() => closeJob(control)).toThrow('kernel call 0 trapped in a worker thread')
  })

  it('goes on without a worker that was kept from running while the caller waited, for a while', async () => {
    const job = new URL('../../src/kernels/wasm/job.ts', import.meta.url)
    // it holds its piece until the caller waits, and then sleeps; each call is one that the worker made
    const code = `
      import { workerData } from 'node:worker_threads'
      import { serve } from '${job}'
      const { words } = workerData
      const sleep = time => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, time)
      const kernel = () => {
        while (Atomics.load(words, 12) === 0) sleep(1)
        sleep(30)
        return 1
      }
      serve(workerData, { kernel }, ['kernel'], 1)`
    const control = createControl()
    const worker = new Worker(new URL(`data:text/javascript,${encodeURIComponent(code)}`), { workerData: control })
    onTestFinished(async () => {
      quit(control)
      await once(worker, 'exit')
    })
    const untilHelped = () => {
      const start = performance.now()
      do {
        if (performance.now() - start > 20_000) throw new Error('the worker took no piece')
        openJob(control, { call: 0, count: 4, piece: 1, args: [], scratch: undefined })
        takePieces(control, { kernel: spin }, ['kernel'], 0)
        waitForHolders(control)
      } while (closeJob(control) === 0)
      return performance.now() - start
    }
    untilHelped()
    expect(untilHelped()).toBeGreaterThan(32 * 29)
  })

  it('lets a trap of the calling thread through, and goes on', () => {
    const kernels = kernelsWith({ threads: 2, pieceCost: 1 })
    const users = kernels.memory.ints(100).fill(2 ** 29)
    const pattern = { offsets: kernels.memory.ints(2), indices: kernels.memory.ints(1) }
    const out = kernels.memory.ints(100)
    const draw = () => kernels.drawItems({ key, epoch: 1, batch: 0 }, users, pattern, 5, 1, out)
    expect(draw).toThrow(/out of bounds|trapped/)
    users.fill(0)
    expect(draw()).toBe(0)
  })
})

it('physicalCores is what a default run uses: at least one', () => {
  expect(Number.isInteger(physicalCores())).toBe(true)
  expect(physicalCores()).toBeGreaterThan(0)
})
