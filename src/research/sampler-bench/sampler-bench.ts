/**
 * Samplers side by side on one state of one model: what their negatives are like, and what they cost. Nothing is trained
 * meanwhile, so that all of them look at the same vectors. Held-out data is looked at here alone, after a batch was drawn.
 */
import { degreesOf } from '../../dataset/csr.ts'
import type { Split } from '../../dataset/split.ts'
import { heldOutTest } from '../../evaluation/held-out.ts'
import type { Batch, BatchPosition, Codes, Kernels, Negatives, PairValues } from '../../kernels/interface/kernels.ts'
import type { EmbeddingModel } from '../../models/model.ts'
import { residentPattern } from '../../models/rows.ts'
import { createObjective, type ObjectiveDefinition } from '../../objectives/objective.ts'
import { createSampler, type SamplerChoice } from '../../samplers/index.ts'
import type { Sampler } from '../../samplers/sampler.ts'
import { createEpochs } from '../../training/epochs.ts'
import { createGradients } from '../../training/step.ts'

export interface SamplerBenchRequest {
  readonly kernels: Kernels
  readonly split: Split
  /** in the state that negatives are drawn for */
  readonly model: EmbeddingModel
  readonly objective: { readonly definition: ObjectiveDefinition; readonly options?: unknown }
  /** by the names they have in the result */
  readonly samplers: Readonly<Record<string, SamplerChoice>>
  readonly codes: { readonly structural: Codes; readonly semantic: Codes }
  readonly batchSize: number
  /** K */
  readonly negatives: number
  /** batches that are drawn for */
  readonly batches: number
  readonly seed: number
  readonly signal?: AbortSignal
  readonly progress?: (sampler: string, done: number, total: number) => void
}

export interface SamplerFigures {
  readonly sampler: string
  /** items drawn for a positive, and drawn but refused because the user must not be shown them */
  readonly draws: number
  readonly rejections: number
  /** share of the picked items that the user meets in the validation data */
  readonly validationPositives: number
  /** mean of s(u, n) − s(u, p), as the objective compares them: larger is harder */
  readonly hardness: number
  /** mean over the batches of the length of the loss's gradient by all parameters */
  readonly gradientNorm: number
  /** time of the sampler alone, on this machine; all else is the same for a seed */
  readonly microseconds: number
}

/** @throws what the samplers throw; whatever `signal` aborts with */
export async function benchSamplers(request: SamplerBenchRequest): Promise<SamplerFigures[]> {
  const names = Object.keys(request.samplers)
  const figures: SamplerFigures[] = []
  for (const [done, sampler] of names.entries()) {
    request.progress?.(sampler, done, names.length)
    // lets Ctrl-C and the screen have their turn
    await new Promise(resolve => setImmediate(resolve))
    request.signal?.throwIfAborted()
    figures.push(request.kernels.memory.scope(() => benchOne(request, sampler)))
  }
  return figures
}

function benchOne(request: SamplerBenchRequest, name: string): SamplerFigures {
  const { kernels, model, batchSize, negatives: perPositive, seed, split } = request
  const { memory } = kernels
  const forbidden = residentPattern(memory, split.train.byUser)
  const codes = {
    structural: { ...request.codes.structural, values: memory.copy(request.codes.structural.values) },
    semantic: { ...request.codes.semantic, values: memory.copy(request.codes.semantic.values) },
  }
  const degrees = degreesOf(split.train.byItem)
  const shared = { kernels, forbidden, batchSize, perPositive, seed }
  const sampler = createSampler(request.samplers[name], { ...shared, tables: model.tables, degrees, codes })
  const { dimensions } = model.tables
  const { definition, options } = request.objective
  const objective = createObjective(definition, options, { ...shared, train: split.train, dimensions })
  const tally = createTally(heldOutTest(split.valid))
  const watched = watch(sampler)
  const gradients = createGradients({
    ...{ kernels, model, objective, batchSize, negatives: perPositive },
    sampler: watched.sampler,
    regularization: 0,
  })
  const epochs = createEpochs({ kernels, train: split.train, seed }, batchSize)
  let [positives, norms] = [0, 0]
  const batches = Math.min(request.batches, epochs.batches)
  epochs.shuffle(1)
  for (let index = 0; index < batches; index++) {
    const batch = epochs.batch(index)
    gradients.differentiate(batch, { epoch: 1, batch: index })
    tally.add(batch, watched.last(), gradients.scores)
    positives += batch.size
    norms += lengthOf(model, gradients.touched.rows.subarray(0, gradients.touched.count))
  }
  return {
    sampler: name,
    draws: sampler.stats.draws / positives,
    rejections: sampler.stats.rejections / positives,
    ...tally.means(),
    gradientNorm: norms / batches,
    microseconds: (watched.seconds() * 1e6) / positives,
  }
}

/** A sampler whose time is taken and whose last negatives are kept. */
function watch(sampler: Sampler) {
  let milliseconds = 0
  let last: Negatives | undefined
  return {
    seconds: () => milliseconds / 1000,
    last: () => last!,
    sampler: {
      ...sampler,
      sample(batch: Batch, at: BatchPosition) {
        const start = performance.now()
        const negatives = sampler.sample(batch, at)
        milliseconds += performance.now() - start
        last = negatives
        return negatives
      },
    },
  }
}

interface Tally {
  add(batch: Batch, negatives: Negatives, scores: PairValues): void
  means(): Pick<SamplerFigures, 'validationPositives' | 'hardness'>
}

function createTally(isHeldOut: (user: number, item: number) => boolean): Tally {
  let [picks, found, gaps, slots] = [0, 0, 0, 0]
  return {
    add(batch, { items, pickedHops, perPositive }, { positive, negative }) {
      for (let slot = 0; slot < batch.size * perPositive; slot++) {
        if (items[slot * pickedHops] < 0) continue
        const b = Math.floor(slot / perPositive)
        gaps += negative[slot] - positive[b]
        slots++
        for (let pick = slot * pickedHops; pick < (slot + 1) * pickedHops; pick++) {
          picks++
          if (isHeldOut(batch.users[b], items[pick])) found++
        }
      }
    },
    means: () => ({ validationPositives: found / Math.max(1, picks), hardness: gaps / Math.max(1, slots) }),
  }
}

/** Of sparse parameters only the touched rows hold the gradient of this batch. */
function lengthOf({ parameters, tables }: EmbeddingModel, touched: Int32Array): number {
  let squares = 0
  for (const { gradient, sparse } of Object.values(parameters)) {
    if (!sparse) for (const value of gradient) squares += value * value
    else {
      const columns = gradient.length / (tables.users + tables.items)
      for (const row of touched)
        for (let at = row * columns; at < (row + 1) * columns; at++) squares += gradient[at] * gradient[at]
    }
  }
  return Math.sqrt(squares)
}
