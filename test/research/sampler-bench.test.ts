import { describe, expect, it } from 'vitest'
import { loadSplit } from '../../src/dataset/load.ts'
import { createKernels } from '../../src/kernels/wasm/wasm.ts'
import { lightgcn } from '../../src/models/lightgcn.ts'
import { mf } from '../../src/models/mf.ts'
import { bpr } from '../../src/objectives/bpr.ts'
import { benchAllSamplers } from '../../src/research/sampler-bench/all-samplers.ts'
import { samplers } from '../../src/samplers/index.ts'
import { trainingOptions } from '../../src/training/options.ts'
import { writeSmallData } from '../support/cli.ts'
import { sharedDirectory } from '../support/directory.ts'

const directory = sharedDirectory()

const source = writeSmallData(directory)

async function bench(model = mf, signal?: AbortSignal) {
  const { split } = await loadSplit(source)
  const training = trainingOptions.parse({ epochs: 20, batchSize: 64, learningRate: 0.02, negatives: 2 })
  const figures = await benchAllSamplers({
    kernels: createKernels(),
    split,
    model: { part: model, options: { dimensions: 8 } },
    objective: { part: bpr },
    training,
    trees: { leafSize: 6, eigenvectors: 5 },
    samplerOptions: { candidateNegatives: 6 },
    batches: 5,
    seed: 1,
    ...(signal && { signal }),
  })
  return { figures, of: (name: string) => figures.find(({ sampler }) => sampler === name)! }
}

describe('the bench of samplers', () => {
  it('has every sampler, and each that wraps over each that it can wrap', async () => {
    const { figures } = await bench()
    const [scoring, decorators] = (['scoring', 'decorator'] as const).map(which =>
      samplers.parts.filter(({ kind }) => kind === which).map(({ name }) => name),
    )
    const plain = samplers.parts.filter(({ kind }) => kind !== 'decorator').map(({ name }) => name)
    const wrapped = decorators.flatMap(over => scoring.map(name => `${over} over ${name}`))
    expect(figures.map(({ sampler }) => sampler)).toEqual([...plain, ...wrapped])
    for (const own of figures)
      for (const value of Object.values(own)) if (typeof value === 'number') expect(value).toBeGreaterThan(-100)
  })

  it('dns is harder than uniform, finds more of what validation holds, and draws N for each of K', async () => {
    const { of } = await bench(lightgcn as unknown as typeof mf)
    expect(of('uniform').draws).toBe(2)
    expect(of('dns').draws).toBe(12)
    expect(of('popularity').draws).toBeCloseTo(2 + of('popularity').rejections, 12)
    expect(of('popularity').rejections).toBeGreaterThan(0)
    expect(of('dns').hardness).toBeGreaterThan(of('dns-mn').hardness)
    expect(of('dns-mn').hardness).toBeGreaterThan(of('uniform').hardness)
    expect(of('dns').gradientNorm).toBeGreaterThan(of('uniform').gradientNorm)
    expect(of('dns').validationPositives).toBeGreaterThan(of('uniform').validationPositives)
    expect(of('uniform').validationPositives).toBeGreaterThan(0)
  })

  it('says the same again but for the times', async () => {
    const without = ({ figures }: Awaited<ReturnType<typeof bench>>) =>
      figures.map(own => ({ ...own, microseconds: 0 }))
    expect(without(await bench())).toEqual(without(await bench()))
  })

  it('ends when it is asked to', async () => {
    await expect(bench(mf, AbortSignal.abort(new Error('stopped')))).rejects.toThrow('stopped')
  })
})
