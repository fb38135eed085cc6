import { spawn } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { PassThrough, Readable } from 'node:stream'
import { text } from 'node:stream/consumers'
import { describe, expect, it } from 'vitest'
import { pipeUsers } from '../../src/engines/pipe.ts'
import { encodeTensors } from '../../src/models/safetensors.ts'
import { temporaryDirectory } from '../support/directory.ts'

/** A graph of 4 items: 0 is near 1 (0.5) and 2 (0.25), 3 near 2. */
async function graphFile(): Promise<string> {
  const file = join(await temporaryDirectory(), 'graph.safetensors')
  const tensors = {
    weight_offsets: { shape: [5], values: Int32Array.of(0, 2, 2, 2, 3) },
    weight_items: { shape: [3], values: Int32Array.of(1, 2, 2) },
    weights: { shape: [3], values: Float32Array.of(0.5, 0.25, 1) },
  }
  writeFileSync(file, Buffer.concat(encodeTensors({ tensors, metadata: {} })))
  return file
}

/** Items 0 and 1 point the same way, 2 and 3 elsewhere; α 0.5, λ 0.25. */
async function vectorsFile(): Promise<string> {
  const file = join(await temporaryDirectory(), 'vectors.safetensors')
  const values = Float32Array.of(1, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0)
  const metadata = { unobservedWeight: '0.5', regularization: '0.25' }
  writeFileSync(file, Buffer.concat(encodeTensors({ tensors: { item_vectors: { shape: [4, 4], values } }, metadata })))
  return file
}

async function pipe(lines: readonly object[] | readonly string[], k = 2, made = graphFile()) {
  const output = new PassThrough()
  const input = Readable.from(lines.map(line => `${typeof line === 'string' ? line : JSON.stringify(line)}\n`))
  const answer = text(output)
  await pipeUsers({ file: await made, items: 4, k, seed: 1 }, input, output).finally(() => output.end())
  return (await answer).trim().split('\n').map(line => JSON.parse(line)) // biome-ignore format: one line
}

describe('users through a pipe', () => {
  it('a list per user, without what was seen', async () => {
    expect(
      await pipe([
        { u: 7, history: [0] },
        { u: 9, history: [0, 3], seen: [0, 1, 3] },
      ]),
    ).toEqual([
      { u: 7, items: [1, 2], scores: [0.5, 0.25] },
      { u: 9, items: [2], scores: [1.25] },
    ])
  })

  it('folds a history into the vectors of ALS, whose λ grows with interactions alone', async () => {
    const [{ items, scores }] = await pipe([{ u: 3, history: [0] }], 1, vectorsFile())
    expect(items).toEqual([1])
    // (α · 2 + 1 + λ · 1) u = 1
    expect(scores[0]).toBeCloseTo(1 / 2.25, 6)
  })

  it('metrics where something is held out', async () => {
    const [{ recall, ndcg }] = await pipe([{ u: 1, history: [0], heldOut: [2, 3] }])
    expect(recall).toBe(0.5)
    expect(ndcg).toBeCloseTo(1 / Math.log2(3) / (1 + 1 / Math.log2(3)), 12)
  })

  it('names a line that is no user', async () => {
    await expect(pipe([JSON.stringify({ u: 1, history: [0] }), '{"u": 2}'])).rejects.toThrow(
      'line 2: expected a user such as {"u": 7, "history": [1, 5]}, found {"u": 2}',
    )
  })

  it('ends well when nobody reads any more', async () => {
    const cli = resolve(import.meta.dirname, '../../src/cli/bin.ts')
    const args = ['--no-warnings', cli, 'job', 'pipe', await graphFile(), '--items', '4']
    const child = spawn(process.execPath, args, { stdio: ['pipe', 'pipe', 'inherit'] })
    child.stdin.on('error', () => {})
    child.stdout.once('data', () => child.stdout.destroy())
    const feed = setInterval(() => child.stdin.write('{"u": 1, "history": [0]}\n'.repeat(5000)), 5)
    const code = await new Promise(done => child.once('exit', done))
    clearInterval(feed)
    expect(code).toBe(0)
  })
})
