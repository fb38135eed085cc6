/** The bench of all samplers on a data set: a short training, both trees, then every sampler on the same vectors. */
import type { Split } from '../../dataset/split.ts'
import type { Kernels } from '../../kernels/interface/kernels.ts'
import { models } from '../../models/index.ts'
import type { EmbeddingDefinition } from '../../models/model.ts'
import type { Tensor } from '../../models/safetensors.ts'
import { objectives } from '../../objectives/index.ts'
import type { ObjectiveDefinition } from '../../objectives/objective.ts'
import { splitOptions } from '../../options.ts'
import { type Choice, chosen, type Part } from '../../registry.ts'
import { type SamplerChoice, samplers } from '../../samplers/index.ts'
import type { TrainingOptions } from '../../training/options.ts'
import { train } from '../../training/trainer.ts'
import { buildTrees, codesOf } from '../../trees/build.ts'
import type { TreeOptions } from '../../trees/options.ts'
import { benchSamplers, type SamplerFigures } from './sampler-bench.ts'

export interface AllSamplersRequest {
  readonly kernels: Kernels
  readonly split: Split
  readonly model: Choice<EmbeddingDefinition>
  readonly objective: Choice<ObjectiveDefinition>
  /** `epochs` of them, with uniform negatives, make the state that all samplers look at */
  readonly training: TrainingOptions
  readonly trees?: Partial<TreeOptions>
  /** options of samplers by name, for those that know them; a decorator's are given along with its base's */
  readonly samplerOptions?: Readonly<Record<string, unknown>>
  readonly batches: number
  readonly seed: number
  readonly signal?: AbortSignal
  readonly progress?: (what: string, done: number, total: number) => void
}

/** Figures of every registered sampler, and of the decorator around every one that it can wrap. */
export function benchAllSamplers(request: AllSamplersRequest): Promise<SamplerFigures[]> {
  return request.kernels.memory.scope(() => benchInScope(request))
}

async function benchInScope(request: AllSamplersRequest): Promise<SamplerFigures[]> {
  const { kernels, split, training, seed, batches, signal, progress } = request
  const { definition, options } = chosen(models, request.model)
  const stop = signal && { signal }
  const trained = await trainBriefly(request)
  const model = definition.create({ train: split.train, kernels, seed, batchSize: training.batchSize }, options)
  for (const [name, parameter] of Object.entries(model.parameters)) parameter.values.set(trained.parameters[name])
  return benchSamplers({
    ...{ kernels, split, model, batches, seed, ...stop },
    objective: chosen(objectives, request.objective),
    samplers: choices(request.samplerOptions ?? {}),
    codes: trained.codes,
    batchSize: training.batchSize,
    negatives: training.negatives,
    progress: (name, done, total) => progress?.(name, done, total),
  })
}

async function trainBriefly(request: AllSamplersRequest) {
  const { kernels, split, model, objective, training, trees, seed, signal, progress } = request
  let parameters: Record<string, Tensor['values']> = {}
  const stop = signal && { signal }
  const { embeddings } = await train({
    ...{ kernels, train: split.train, model, objective, seed, ...stop },
    sampler: { part: 'uniform' },
    options: { ...training, checkpointEvery: training.epochs },
    checkpoint: {
      load: async () => undefined,
      async save(saved) {
        // what is saved lies in kernel memory, which is free after training
        const tensors = Object.entries(saved.tensors)
        parameters = Object.fromEntries(tensors.map(([name, { values }]) => [name, values.slice()]))
      },
    },
    progress: ({ epoch, epochs }) => progress?.('training', epoch - 1, epochs),
  })
  progress?.('trees', 0, 1)
  const built = await buildTrees({
    ...{ train: split.train, itemVectors: embeddings.itemVectors, kernels, seed, ...stop },
    ...(trees && { options: trees }),
  })
  return { parameters, codes: codesOf(built) }
}

/** Every sampler by itself, and each decorator around each base, with those of the options that it knows. */
function choices(options: Readonly<Record<string, unknown>>): Record<string, SamplerChoice> {
  const known = (part: Part) => splitOptions(part.options, options).own
  const found: Record<string, SamplerChoice> = {}
  for (const part of samplers.parts) {
    if (part.kind !== 'decorator') found[part.name] = { part: part.name, options: known(part) }
    else
      for (const base of samplers.parts.filter(({ kind }) => kind === 'scoring'))
        found[`${part.name} over ${base.name}`] = {
          part: part.name,
          options: { ...known(base), ...known(part), base: base.name },
        }
  }
  return found
}
