/** From interactions to a model that recommends, in one call: nothing is measured, and nothing is written. */

import { buildCsr } from '../dataset/csr.ts'
import { createDataset, createVocabulary, type Dataset, type ExternalId, pairsOf, sortIds } from '../dataset/dataset.ts'
import { loadDataset } from '../dataset/load.ts'
import { type SourceOptions, sourceOptions } from '../dataset/source.ts'
import { createSplit } from '../dataset/split.ts'
import { holdOut } from '../dataset/splits/holdout.ts'
import { sealTruth } from '../dataset/truth.ts'
import { DataError, UsageError } from '../errors.ts'
import { createValidation } from '../evaluation/validation.ts'
import type { Kernels } from '../kernels/interface/kernels.ts'
import { physicalCores } from '../kernels/wasm/pool.ts'
import { createKernels } from '../kernels/wasm/wasm.ts'
import { fitInSteps } from '../models/baselines/fit-in-steps.ts'
import { baselines } from '../models/baselines/index.ts'
import { embeddingRecommender } from '../models/embeddings.ts'
import { models } from '../models/index.ts'
import type { BaselineDefinition, EmbeddingDefinition } from '../models/model.ts'
import type { Recommender } from '../models/recommender.ts'
import { didYouMean } from '../nearest.ts'
import { integer, parseOptions, shown } from '../options.ts'
import { type Choice, chosen } from '../registry.ts'
import { checkRequest, part, plainObject, signal } from '../requests.ts'
import { type TrainRequest, train } from '../training/trainer.ts'
import { version } from '../version.ts'
import { openCatalogue } from './items/catalogue.ts'
import { describeContent } from './model/content.ts'
import { createServingModel } from './model/create-model.ts'
import type { ServingModel } from './model/serving-model.ts'

type Model = BaselineDefinition | EmbeddingDefinition

export interface FitOptions {
  /** any baseline or embedding model; rp3beta when absent */
  readonly model?: Choice<Model>
  /** of an embedding model; as in `train` */
  readonly sampler?: TrainRequest['sampler']
  readonly objective?: TrainRequest['objective']
  readonly training?: TrainRequest['options']
  /** how a file is read */
  readonly data?: Partial<SourceOptions>
  /** 1 when absent */
  readonly seed?: number
  /** 0 for one a physical core, as when absent */
  readonly threads?: number
  readonly signal?: AbortSignal
}

const FIELDS = {
  ...{ model: part.optional(), sampler: part.optional(), objective: part.optional() },
  ...{ training: plainObject.optional(), data: plainObject.optional(), signal: signal.optional() },
  seed: integer(0).optional(),
  threads: integer(0, 1024).optional(),
}

/** Share of the interactions that choose the number of epochs of an embedding model. */
const VALIDATION = 0.1

/**
 * Fits a model on all interactions. An embedding model is trained twice: without a tenth of them, which say after how many
 * epochs to stop, then on everything for as many. Close the model when it is not needed any more.
 * @param source a file, a glob or a directory of interactions, or pairs of a user and an item
 * @throws UsageError for a model or an option that there is not; DataError for data that cannot be used
 */
export async function fit(
  source: string | Iterable<readonly [user: ExternalId, item: ExternalId]>,
  options: FitOptions = {},
): Promise<ServingModel> {
  checkRequest('fit', FIELDS, options)
  const { seed = 1, threads = 0, signal } = options
  const { definition, options: own } = chosen(modelRegistry, options.model ?? 'rp3beta')
  const trained = (['sampler', 'objective', 'training'] as const).find(key => options[key] !== undefined)
  if (trained !== undefined && definition.kind === 'baseline')
    throw new UsageError(
      `fit: "${trained}" is of models that are trained, and ${definition.name} is a baseline; leave it out`,
    )
  const data = await datasetFrom(source, options)
  const kernels = createKernels({ threads: threads || physicalCores() })
  try {
    signal?.throwIfAborted()
    const recommender =
      definition.kind === 'baseline'
        ? await fitBaseline(definition, own, data, kernels, seed, signal)
        : await trainOnAll({ part: definition, options: own }, data, kernels, seed, options)
    const nothing = { offsets: new Int32Array(data.users + 1), indices: new Int32Array(0) }
    const dataHash = createSplit(data, nothing, nothing).hash
    const content = describeContent({ method: definition.name, fittedOn: 'all', data, dataHash, seed, metrics: {} })
    const { seed: _, ...made } = content.made
    const info = { ...made, id: `${definition.name}@${dataHash.slice(0, 8)}`, version, attributes: [] }
    return createServingModel({ kernels, info, recommender, catalogue: openCatalogue(content) })
  } catch (error) {
    kernels.close()
    throw error
  }
}

/** Both kinds of models under one roof. */
const modelRegistry = {
  get(name: string): Model {
    const parts: readonly Model[] = [...models.parts, ...baselines.parts]
    const found = parts.find(part => part.name === name)
    if (found) return found
    const names = parts.map(part => part.name)
    throw new UsageError(`unknown model "${name}": known are ${names.join(', ')}${didYouMean(name, names)}`)
  },
}

async function datasetFrom(source: Parameters<typeof fit>[0], { data, signal }: FitOptions): Promise<Dataset> {
  if (typeof source === 'string') return (await loadDataset(source, data, signal && { signal })).dataset
  if (!(source instanceof Object && Symbol.iterator in source))
    throw new UsageError(`fit: source: expected a path, or pairs of a user and an item, got ${shown(source)}`)
  if (data !== undefined)
    throw new UsageError('fit: "data" says how a file is read, and pairs were given; leave it out')
  const pairs = [...source]
  const wrong = pairs.findIndex(pair => !Array.isArray(pair) || pair.length !== 2 || !pair.every(isId))
  if (wrong >= 0)
    throw new DataError(
      `pair ${wrong}: expected a user and an item, each a string or an integer, such as ["u1", 7], got ${shown(pairs[wrong])}`,
    )
  if (pairs.length === 0) throw new DataError('fit: source: there are no pairs to fit a model on')
  const [users, items] = [0, 1].map(column => createVocabulary(sortIds(new Set(pairs.map(pair => pair[column])))))
  const codes = (column: 0 | 1, { indexOf }: typeof users) => Int32Array.from(pairs, pair => indexOf(pair[column]))
  return createDataset({ users: codes(0, users), items: codes(1, items) }, users, items)
}

const isId = (value: unknown) => (typeof value === 'string' && value.trim() !== '') || Number.isSafeInteger(value)

function fitBaseline(
  definition: BaselineDefinition,
  options: unknown,
  data: Dataset,
  kernels: Kernels,
  seed: number,
  signal: AbortSignal | undefined,
): Promise<Recommender> {
  const reason = definition.unsupportedReason?.(data, options)
  if (reason !== undefined) throw new UsageError(reason)
  return fitInSteps(definition, { train: data, kernels, seed }, options, { signal })
}

async function trainOnAll(
  model: Choice<EmbeddingDefinition>,
  data: Dataset,
  kernels: Kernels,
  seed: number,
  { sampler = 'mixgcf', objective = 'bpr', training = {}, signal }: FitOptions,
): Promise<Recommender> {
  const settings = { ...parseOptions(sourceOptions, {}, 'data'), validShare: VALIDATION, testShare: 0, splitSeed: seed }
  const { users, items } = pairsOf(data)
  const parts = holdOut('data', { users, items }, undefined, 'random', settings, () => {})
  if (parts.valid.users.length === 0)
    throw new DataError(
      `fit: source: ${data.interactions} interactions are too few to train on: a tenth of them chooses the number of epochs; give more, or choose a baseline as "model"`,
    )
  const common = { ...{ kernels, model, sampler, objective, seed }, ...(signal && { signal }) }
  const learned = createDataset(parts.train, data.userIds, data.itemIds)
  const { pattern } = buildCsr(parts.valid.users, parts.valid.items, data.users, data.items)
  const validate = createValidation(kernels, { truth: sealTruth(pattern, data.items), seen: learned.byUser, seed })
  const course = await train({ ...common, train: learned, options: training, validate })
  const { embeddings } = await train({ ...common, train: data, options: training, course })
  return embeddingRecommender(embeddings, kernels, data)
}
