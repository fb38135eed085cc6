/**
 * One size in a process of its own, so that its peak memory is its own: `node bench/scale/case.ts '<a ScaleCase as JSON>'`
 * prints a `ScaleOutcome` as JSON. LightGCN starts from trees over the vectors of one epoch of MF.
 */
import type { Split } from '../../src/dataset/split.ts'
import { evaluate } from '../../src/evaluation/evaluate.ts'
import { seenAt } from '../../src/evaluation/protocols.ts'
import type { Kernels } from '../../src/kernels/interface/kernels.ts'
import { createKernels } from '../../src/kernels/wasm/wasm.ts'
import { type Embeddings, embeddingRecommender } from '../../src/models/embeddings.ts'
import { models } from '../../src/models/index.ts'
import { bpr } from '../../src/objectives/bpr.ts'
import { train } from '../../src/training/trainer.ts'
import { buildTrees, codesOf, type ViewCodes } from '../../src/trees/build.ts'
import { type Sample, startSample } from '../measure.ts'
import { generateSplit, type ScaleSize } from './generate.ts'

export interface ScaleCase extends ScaleSize {
  readonly name: string
  readonly model: 'mf' | 'lightgcn'
  readonly dimensions: number
  readonly batchSize: number
  readonly threads: number
  /** of MF; dns when absent */
  readonly sampler?: 'dns' | 'uniform'
  /** of the training, with its learning rate; Adam and its default when absent */
  readonly optimizer?: 'adagrad'
  readonly learningRate?: number
  readonly evaluatedUsers: number
  readonly seed: number
}

export interface ScaleOutcome {
  /** E, in train */
  readonly interactions: number
  readonly hash: string
  /** in the order they ran; an epoch is also part of its training */
  readonly stages: Readonly<Record<string, Sample>>
  /** batches of the last epoch */
  readonly steps: number
  /** of the whole process, and of the kernels */
  readonly peakBytes: number
  readonly kernelPeakBytes: number
  /** nothing to be proud of after one epoch: that it is above chance says that the run is a real one */
  readonly recall: number
}

async function runCase(given: ScaleCase): Promise<ScaleOutcome> {
  const { model, threads, evaluatedUsers, seed } = given
  const stages: Record<string, Sample> = {}
  const kernels = createKernels({ threads })
  const timed = async <T>(stage: string, body: () => T | Promise<T>): Promise<T> => {
    const stop = startSample()
    const result = await body()
    stages[stage] = stop()
    const rss = (process.memoryUsage.rss() / 1e9).toFixed(2)
    process.stderr.write(`  ${stage}: ${stages[stage].seconds.toFixed(1)} s, then ${rss} GB in use\n`)
    return result
  }
  const trained = async (name: ScaleCase['model'], codes?: ViewCodes) => {
    const { epoch, ...rest } = await timed(`${name}, set up and one epoch`, () =>
      trainOneEpoch(given, name, split, kernels, codes),
    )
    stages[`${name}, the epoch`] = epoch
    return rest
  }
  const split = await timed('data made', () => generateSplit(given, evaluatedUsers, seed))
  let last = await trained('mf')
  if (model === 'lightgcn') {
    const request = { train: split.train, itemVectors: last.embeddings.itemVectors, kernels, seed }
    const codes = codesOf(await timed('trees', () => buildTrees(request)))
    last = await trained('lightgcn', codes)
  }
  const { metrics } = await timed('full ranking', () => {
    const ranking = {
      truth: split.test,
      histories: split.train.byUser,
      seen: seenAt('test', split),
      seed,
      cutoffs: [20],
    }
    return evaluate(embeddingRecommender(last.embeddings, kernels, split.train), ranking)
  })
  kernels.close()
  return {
    ...{ interactions: split.train.interactions, hash: split.hash, stages, steps: last.steps },
    peakBytes: process.resourceUsage().maxRSS * 1024,
    kernelPeakBytes: kernels.memory.usage.peakBytes,
    recall: metrics['recall@20'],
  }
}

/** MF with dns, or with codes LightGCN with dual-tree over mixgcf. */
async function trainOneEpoch(
  { dimensions, batchSize, sampler = 'dns', optimizer, learningRate, seed }: ScaleCase,
  model: ScaleCase['model'],
  { train: data }: Split,
  kernels: Kernels,
  codes?: ViewCodes,
): Promise<{ embeddings: Embeddings; steps: number; epoch: Sample }> {
  let stop = startSample()
  let epoch = stop()
  let steps = 0
  const { embeddings } = await train({
    ...{ kernels, train: data, seed },
    model: { part: models.get(model), options: { dimensions } },
    sampler: { part: codes ? 'dual-tree' : sampler },
    objective: { part: bpr },
    options: { epochs: 1, batchSize, ...(optimizer && { optimizer }), ...(learningRate && { learningRate }) },
    ...(codes && { codes }),
    progress({ batch, batches, record }) {
      // the clock starts after the first batch: what is set up before is not the epoch's
      if (batch === 1 && !record) stop = startSample()
      steps = batches
      if (record) epoch = longer(stop(), batches / Math.max(1, batches - 1))
    },
  })
  return { embeddings, steps, epoch }
}

const longer = ({ seconds, cpuSeconds, others }: Sample, factor: number): Sample => ({
  seconds: seconds * factor,
  cpuSeconds: cpuSeconds * factor,
  others,
})

process.stdout.write(`${JSON.stringify(await runCase(JSON.parse(process.argv[2])))}\n`)
