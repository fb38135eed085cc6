/** The only epoch loop. It sees train data and a `validate` callback, never what is held out. */

import { z } from 'zod'
import { degreesOf } from '../dataset/csr.ts'
import type { Dataset } from '../dataset/dataset.ts'
import type { ItemVectors } from '../dataset/items/vectors.ts'
import { DataError, RunError, UsageError } from '../errors.ts'
import type { Codes, CsrPattern, Floats, Kernels } from '../kernels/interface/kernels.ts'
import type { Embeddings } from '../models/embeddings.ts'
import { placeItemVectors, placeWarmStart, type WarmStart } from '../models/given-vectors.ts'
import { models } from '../models/index.ts'
import type { Draw, EmbeddingDefinition } from '../models/model.ts'
import { residentPattern } from '../models/rows.ts'
import { withSideVectors } from '../models/side-vectors.ts'
import { objectives } from '../objectives/index.ts'
import { createObjective, type ObjectiveDefinition } from '../objectives/objective.ts'
import { parseOptions } from '../options.ts'
import { type Choice, chosen } from '../registry.ts'
import {
  callable,
  checkRequest,
  dataset,
  floats,
  itemVectors,
  kernels as kernelsShape,
  part,
  pattern,
  plainObject,
  seed as seedShape,
  signal as signalShape,
  viewCodes,
} from '../requests.ts'
import { createSampler, type SamplerChoice } from '../samplers/index.ts'
import { VIEWS } from '../trees/codes.ts'
import { createBreather } from './breather.ts'
import type { CheckpointStore, EpochRecord } from './checkpoint.ts'
import { createClip } from './clip.ts'
import { type Course, observe } from './early-stopping.ts'
import { createEpochs } from './epochs.ts'
import { createBest, embeddingsOf, keepBest, restore, tensorsOf } from './learner.ts'
import { checkObjective } from './loss.ts'
import { createOptimizer } from './optimizer.ts'
import { type TrainingOptions, trainingOptions } from './options.ts'
import { createUserSlots, usersLieOutside, usersOutside } from './outside-users.ts'
import { createRanked, type EmbeddingView, finalVectors } from './ranked.ts'
import { createStep, learnedParameters, type StepResult } from './step.ts'

export interface TrainRequest {
  readonly kernels: Kernels
  /** what is trained on; its weights enter the loss */
  readonly train: Dataset
  /** what the model's graph is made from; `train` when absent */
  readonly graph?: Dataset
  /** user → items never drawn as negatives; `train.byUser` when absent */
  readonly forbidden?: CsrPattern
  readonly model: Choice<EmbeddingDefinition>
  readonly sampler: SamplerChoice
  readonly objective: Choice<ObjectiveDefinition>
  /** item codes of both trees, for samplers that use them; they change nothing for others */
  readonly codes?: { readonly structural: Codes; readonly semantic: Codes }
  /** weight of each edge in the model's graph, along its `byUser.indices`; 1 when absent */
  readonly edgeWeights?: Float32Array
  /** where item vectors begin, in place of what is drawn */
  readonly initialItems?: ItemVectors | undefined
  /** added to item vectors through a learned projection */
  readonly sideItems?: ItemVectors | undefined
  /** vectors of an earlier model to begin from */
  readonly warmStart?: WarmStart | undefined
  readonly options?: Partial<TrainingOptions>
  readonly seed: number
  /** of a training that validation ended: as many epochs, and the learning rate falls where it did there; then without `validate` */
  readonly course?: Course | undefined
  /** the value to maximise (validation Recall@20), of vectors in kernel memory; larger is better */
  readonly validate?: (embeddings: EmbeddingView) => number
  readonly checkpoint?: CheckpointStore
  readonly signal?: AbortSignal
  readonly progress?: (event: TrainingEvent) => void
}

const FIELDS = {
  ...{ kernels: kernelsShape, train: dataset, graph: dataset.optional(), forbidden: pattern.optional() },
  ...{ model: part, sampler: part, objective: part, codes: viewCodes.optional(), edgeWeights: floats.optional() },
  ...{ initialItems: itemVectors.optional(), sideItems: itemVectors.optional(), warmStart: plainObject.optional() },
  ...{
    options: plainObject.optional(),
    seed: seedShape,
    course: plainObject.optional(),
    validate: callable.optional(),
  },
  checkpoint: z.object({ load: callable, save: callable }).optional(),
  ...{ signal: signalShape.optional(), progress: callable.optional() },
} satisfies Record<keyof TrainRequest, z.ZodType>

/** After every batch; `record` is there when an epoch ended. */
export interface TrainingEvent {
  readonly epoch: number
  readonly epochs: number
  readonly batch: number
  readonly batches: number
  readonly record?: EpochRecord
}

export interface TrainResult extends Course {
  /** of the best epoch */
  readonly embeddings: Embeddings
  readonly history: readonly EpochRecord[]
  /** spent in earlier sessions, which this one resumed */
  readonly earlierSeconds: number
}

/**
 * Trains until validation stops getting better, and returns the vectors of the best epoch (of the last one when there
 * is no `validate`).
 * @throws UsageError for what does not fit together; DataError without interactions; RunError when the loss is not finite, with epoch, batch and remedy; whatever `signal` aborts with
 */
export async function train(request: TrainRequest): Promise<TrainResult> {
  checkRequest('train', FIELDS, request)
  checkSizes(request)
  return request.kernels.memory.scope(() => trainInScope(request))
}

function checkSizes({
  train,
  graph = train,
  forbidden,
  edgeWeights,
  codes,
  initialItems,
  sideItems,
}: TrainRequest): void {
  if (train.interactions === 0) throw new DataError('train: train: expected at least one interaction, got none')
  const check = (name: string, found: number | undefined, expected: number, what: string) => {
    if (found !== undefined && found !== expected)
      throw new UsageError(`train: ${name}: expected ${expected} ${what}, got ${found}`)
  }
  check('graph', graph.users, train.users, 'users, as train has')
  check('graph', graph.items, train.items, 'items, as train has')
  check('forbidden', forbidden && forbidden.offsets.length - 1, train.users, 'rows, one for each user')
  check(
    'edgeWeights',
    edgeWeights?.length,
    graph.interactions,
    "weights, one for each interaction of the model's graph",
  )
  for (const view of VIEWS) {
    const own = codes?.[view]
    check(`codes.${view}`, own?.values.length, train.items * (own?.depth ?? 0), `steps, ${own?.depth} for each item`)
  }
  for (const [name, own] of Object.entries({ initialItems, sideItems }))
    check(name, own?.values.length, train.items * (own?.dimensions ?? 0), 'numbers, a vector for each item')
}

async function trainInScope(request: TrainRequest): Promise<TrainResult> {
  const { validate, course, checkpoint, signal, progress } = request
  const options = parseOptions(
    trainingOptions,
    { ...request.options, ...(course && { epochs: course.bestEpoch }) },
    'training',
  )
  const { step, ...parts } = assemble(request, options)
  const { model, vectors } = parts
  const epochData = createEpochs(request, options.batchSize, options.positives)
  const best = createBest(model, vectors, validate === undefined)
  const ranked = createRanked(vectors, request.kernels, options.rankBy)
  const learner = { ...parts, best }
  let state = restore(await checkpoint?.load(), learner)
  const earlierSeconds = state.seconds
  const start = performance.now()
  let steps = state.step
  const wait = createBreather()

  while (state.epoch < options.epochs && state.stopping.waited < options.patience) {
    const epoch = state.epoch + 1
    const totals = { loss: 0, correct: 0, skipped: 0 }
    const { drops } = course ?? state.stopping
    parts.optimizer.setLearningRate(options.learningRate * 0.1 ** drops.filter(drop => drop < epoch).length)
    epochData.shuffle(epoch)
    for (let batch = 0; batch < epochData.batches; batch++) {
      signal?.throwIfAborted()
      const result = step(epochData.batch(batch), { epoch, batch }, ++steps)
      if (!Number.isFinite(result.loss)) throw notFinite(epoch, batch, options)
      addTo(totals, result)
      progress?.({ epoch, epochs: options.epochs, batch: batch + 1, batches: epochData.batches })
      await wait()
    }
    const last = epoch === options.epochs
    const look = validate !== undefined && (epoch % options.validateEvery === 0 || last)
    let { stopping } = state
    let validation: number | undefined
    if (look) {
      model.forward()
      validation = validate(ranked.view())
      stopping = observe(stopping, epoch, validation, options)
    }
    if (look ? stopping.bestEpoch === epoch : validate === undefined && last) {
      if (!look) model.forward()
      keepBest(best, model, vectors)
      ranked.keep(best.itemVectors)
    }
    const positives = request.train.interactions
    const record: EpochRecord = {
      epoch,
      loss: totals.loss / positives,
      accuracy: totals.correct / Math.max(1, (positives - totals.skipped) * options.negatives),
      skipped: totals.skipped,
      ...(validation !== undefined && { validation }),
    }
    const seconds = earlierSeconds + (performance.now() - start) / 1000
    state = { epoch, step: steps, stopping, seconds, history: [...state.history, record] }
    progress?.({ epoch, epochs: options.epochs, batch: epochData.batches, batches: epochData.batches, record })
    if (checkpoint && epoch % options.checkpointEvery === 0)
      await checkpoint.save({ ...state, tensors: tensorsOf(learner) })
  }
  return {
    embeddings: embeddingsOf(best, vectors, chosen(models, request.model).definition),
    history: state.history,
    ...(validate
      ? { bestEpoch: state.stopping.bestEpoch, drops: state.stopping.drops }
      : { bestEpoch: state.epoch, drops: course?.drops ?? [] }),
    earlierSeconds,
  }
}

function assemble(request: TrainRequest, options: TrainingOptions) {
  const { kernels, train: data, graph = data, seed, edgeWeights, codes } = request
  const { memory } = kernels
  const { batchSize, negatives, regularization, regularized } = options
  const chosenModel = chosen(models, request.model)
  const chosenObjective = chosen(objectives, request.objective)
  checkObjective(chosenModel.definition, chosenObjective.definition)
  const allForbidden = request.forbidden ?? data.byUser
  const slots = usersLieOutside(request, options) && createUserSlots(memory, data.users, allForbidden, batchSize)
  const forbidden = slots ? slots.forbidden : residentPattern(memory, allForbidden)
  const nodes = slots ? { ...graph, users: slots.count } : graph
  const draw = { seed, initialDeviation: options.initialDeviation }
  const context = { ...draw, train: nodes, kernels, batchSize, ...(edgeWeights && { edgeWeights }) }
  const plain = chosenModel.definition.create(context, chosenModel.options)
  const model = request.sideItems ? withSideVectors(plain, request.sideItems, kernels) : plain
  const { values } = model.parameters.embeddings
  const rows = model.tables.users + model.tables.items
  const length = values.length / rows
  placeItems(request, values.subarray(model.tables.users * length), length, draw)
  if (!slots) placeUsers(request, values, length)
  const inMemory = ({ depth, values }: Codes) => ({ depth, values: memory.copy(values) })
  const sampler = createSampler(request.sampler, {
    kernels,
    tables: model.tables,
    forbidden,
    degrees: degreesOf(data.byItem),
    batchSize,
    perPositive: negatives,
    seed,
    ...(codes && { codes: { structural: inMemory(codes.structural), semantic: inMemory(codes.semantic) } }),
  })
  const { dimensions } = model.tables
  const objective = createObjective(chosenObjective.definition, chosenObjective.options, {
    ...{ kernels, train: data, forbidden, dimensions, batchSize, perPositive: negatives, seed },
  })
  const learned = learnedParameters(model, sampler)
  // a term on all vectors gives all of them a gradient
  const whole = regularized === 'all' && regularization > 0
  const moved = whole ? { ...learned, embeddings: { ...learned.embeddings, sparse: false } } : learned
  const optimizer = createOptimizer(options, moved, rows, kernels)
  const clip =
    options.maxGradientNorm > 0
      ? createClip(Object.values(moved), dimensions, options.maxGradientNorm, kernels)
      : undefined
  const inside = createStep({
    ...{ kernels, model, sampler, objective, optimizer, clip, batchSize, negatives },
    ...{ regularization, regularized },
  })
  const outside = slots ? usersOutside(slots, data.users, model, optimizer, draw) : undefined
  if (outside) placeUsers(request, outside.arrays.embeddings, length)
  const step: typeof inside = outside
    ? (batch, at, count) => {
        const result = inside(outside.bring(batch), at, count)
        outside.putBack()
        return result
      }
    : inside
  return { model, sampler, optimizer, outside, vectors: finalVectors(model, data.users, outside), step }
}

/** Lets vectors begin where the request says; those of users in `users` [U × D]. */
function placeUsers({ warmStart }: TrainRequest, users: Floats, length: number): void {
  if (warmStart) placeWarmStart(users, length, warmStart, 'users')
}

function placeItems({ initialItems, warmStart }: TrainRequest, items: Floats, length: number, draw: Draw): void {
  if (initialItems) placeItemVectors(items, length, initialItems, draw)
  if (warmStart) placeWarmStart(items, length, warmStart, 'items')
}

function addTo(totals: { loss: number; correct: number; skipped: number }, result: StepResult): void {
  totals.loss += result.loss
  totals.correct += result.correct
  totals.skipped += result.skipped
}

function notFinite(
  epoch: number,
  batch: number,
  { learningRate, regularization, batchSize }: TrainingOptions,
): RunError {
  return new RunError(
    `the loss is not a finite number at epoch ${epoch}, batch ${batch + 1} (--learning-rate ${learningRate}, ` +
      `--regularization ${regularization}, --batch-size ${batchSize}): lower --learning-rate, the usual cause`,
  )
}
