/**
 * What a sampler is: it turns a batch of observed pairs into K negatives each. A *scoring* sampler does so in three
 * steps (draw candidates, score them, pick), and the decorator `dual-tree` changes the scores between the last two.
 *
 * Arrays live in kernel memory, are allocated once in `create` and are overwritten by the next batch. Random numbers
 * are functions of (seed, epoch, batch, sample), never of what was drawn before. A sampler that remembers something names
 * it in `state`, and one that learns something in `learning`; both are optional, and go into checkpoints.
 */
import { z } from 'zod'
import type {
  Batch,
  BatchPosition,
  Codes,
  CsrPattern,
  Floats,
  Kernels,
  Negatives,
} from '../kernels/interface/kernels.ts'
import type { ModelTables, Parameter } from '../models/model.ts'
import type { OptionsSchema } from '../options.ts'
import { type Declared, type Part, parsePart, partFields, type Typed } from '../registry.ts'
import { callable, checkRequest } from '../requests.ts'

export interface SamplerContext {
  readonly kernels: Kernels
  readonly tables: ModelTables
  /** user → items never to draw: observed, and judged false negatives; in kernel memory */
  readonly forbidden: CsrPattern
  /** [I] interactions of each item in train */
  readonly degrees: Int32Array
  /** the largest batch that will come */
  readonly batchSize: number
  /** K */
  readonly perPositive: number
  readonly seed: number
  /** the two views' item codes, for those that declare `usesCodes`; in kernel memory */
  readonly codes?: { readonly structural: Codes; readonly semantic: Codes }
}

export interface Sampler {
  sample(batch: Batch, at: BatchPosition): Negatives
  /** what drawing took since the sampler was made */
  readonly stats: SamplingStats
  readonly learning?: SamplerLearning
  readonly state?: SamplerState
}

/** What a sampler keeps from batch to batch, by name. */
export type SamplerState = Readonly<Record<string, Floats | Int32Array>>

/**
 * The part of a sampler that is trained beside the model, by the same optimizer. Picks carry no gradient; `shift` and the
 * loss of `differentiate` do, for picks that are given. Needs picks hop by hop: pickedHops = H.
 */
export interface SamplerLearning {
  /** all of their rows have gradients */
  readonly parameters: Readonly<Record<string, Parameter>>
  /** [S × D] what is added to the pooled vectors of the picked negatives in the loss */
  shift?(batch: Batch, at: BatchPosition, negatives: Negatives): Floats
  /**
   * After the objective: overwrites the gradients of its parameters, and adds its own loss to each of the batch's losses
   * [B] and to `gradients.hops` in the rows of the batch's users, positives and picks.
   */
  differentiate(batch: Batch, at: BatchPosition, negatives: Negatives, gradients: SamplerGradients, loss: Floats): void
}

export interface SamplerGradients {
  /** ∂loss/∂(hop vector) [H × (U + I) × D] */
  readonly hops: Floats
  /** ∂loss/∂shift [S × D]; zeros where nothing is shifted */
  readonly shift: Floats
}

export interface SamplingStats {
  /** items drawn */
  draws: number
  /** drawn and refused, because the user must not be shown them */
  rejections: number
}

export interface ScoringSampler {
  /** N */
  readonly perSlot: number
  /** score rows a slot: H when each hop picks for itself, else 1 */
  readonly hops: number
  /** @returns candidates [S × N] */
  draw(batch: Batch, at: BatchPosition): Int32Array
  /** @returns scores [S × hops × N] */
  score(batch: Batch, candidates: Int32Array): Floats
  pick(batch: Batch, candidates: Int32Array, scores: Floats): Negatives
  /** of a sampler that draws other items than its candidates */
  readonly stats?: SamplingStats
  readonly learning?: SamplerLearning
  readonly state?: SamplerState
}

/** What an estimate of memory looks at before a run. */
export interface SamplerSizes {
  readonly users: number
  readonly items: number
  readonly dimensions: number
  /** H */
  readonly hops: number
  /** the largest batch, B */
  readonly batchSize: number
  /** K */
  readonly perPositive: number
}

interface SamplerPart extends Part {
  /** whether it needs the item codes of both trees: it then cannot be the base model's, and is trained again with new trees */
  readonly usesCodes?: boolean
  /** whether it knows users by the batch alone, their rows of the tables and of `forbidden`, and remembers nothing of them */
  readonly usersByBatch?: boolean
}

export interface PlainSamplerDefinition<O = unknown> extends SamplerPart {
  readonly kind: 'plain'
  create(context: SamplerContext, options: O): Sampler
}

export interface ScoringSamplerDefinition<O = unknown> extends SamplerPart {
  readonly kind: 'scoring'
  /** kernel memory in bytes that it takes beside candidates and their scores; none worth a mention when absent */
  footprint?(sizes: SamplerSizes, options: O): number
  create(context: SamplerContext, options: O): ScoringSampler
}

/** Wraps any scoring sampler. Its option `base` names the one; options it does not know go to the base. */
export interface SamplerDecoratorDefinition<O = unknown> extends SamplerPart {
  readonly kind: 'decorator'
  decorate(base: ScoringSampler, context: SamplerContext, options: O): ScoringSampler
}

export type SamplerDefinition = PlainSamplerDefinition | ScoringSamplerDefinition | SamplerDecoratorDefinition

/** Of every decorator. */
export const baseOption = z.string().default('mixgcf').describe('the wrapped scoring sampler; give its options too')

const PART = { ...partFields, usesCodes: z.boolean().optional(), usersByBatch: z.boolean().optional() }
const PLAIN = { ...PART, create: callable } satisfies Record<keyof Omit<PlainSamplerDefinition, 'kind'>, z.ZodType>
const SCORING = {
  ...{ ...PLAIN, footprint: callable.optional() },
} satisfies Record<keyof Omit<ScoringSamplerDefinition, 'kind'>, z.ZodType>
const DECORATOR = {
  ...{ ...PART, decorate: callable },
} satisfies Record<keyof Omit<SamplerDecoratorDefinition, 'kind'>, z.ZodType>

/** Declares a sampler of one step. @throws UsageError for a field that is missing or misspelt */
export function defineSampler<S extends OptionsSchema>(
  definition: Declared<PlainSamplerDefinition<z.output<S>>, S>,
): Typed<PlainSamplerDefinition, S> {
  checkRequest('defineSampler', PLAIN, definition)
  return {
    ...definition,
    kind: 'plain',
    create: (context, options) => definition.create(context, parsePart('sampler', definition, options)),
  }
}

/** Declares one of three steps. @throws UsageError for a field that is missing or misspelt */
export function defineScoringSampler<S extends OptionsSchema>(
  definition: Declared<ScoringSamplerDefinition<z.output<S>>, S>,
): Typed<ScoringSamplerDefinition, S> {
  checkRequest('defineScoringSampler', SCORING, definition)
  const { footprint } = definition
  return {
    ...definition,
    kind: 'scoring',
    ...(footprint && { footprint: (sizes, options) => footprint(sizes, parsePart('sampler', definition, options)) }),
    create: (context, options) => definition.create(context, parsePart('sampler', definition, options)),
  }
}

/** Declares what wraps one. @throws UsageError for a field that is missing or misspelt */
export function defineSamplerDecorator<S extends OptionsSchema>(
  definition: Declared<SamplerDecoratorDefinition<z.output<S>>, S>,
): Typed<SamplerDecoratorDefinition, S> {
  checkRequest('defineSamplerDecorator', DECORATOR, definition)
  return {
    ...definition,
    kind: 'decorator',
    decorate: (base, context, options) => definition.decorate(base, context, parsePart('sampler', definition, options)),
  }
}

/** Picks the candidate with the largest score for each slot, and each hop where these pick for themselves. */
export function largestPicker({ kernels, batchSize, perPositive }: SamplerContext, perSlot: number, hops: number) {
  const picked = kernels.memory.ints(batchSize * perPositive * hops)
  return (batch: Batch, candidates: Int32Array, scores: Floats): Negatives => {
    const slots = batch.size * perPositive
    const items = picked.subarray(0, slots * hops)
    kernels.pickLargest(candidates, scores, slots, hops, perSlot, items)
    return { perPositive, pickedHops: hops, items }
  }
}

/** The three steps of a scoring sampler as one. */
export function sampleByScore(steps: ScoringSampler): Sampler {
  const { learning, state } = steps
  const stats = steps.stats ?? { draws: 0, rejections: 0 }
  return {
    stats,
    ...(learning && { learning }),
    ...(state && { state }),
    sample(batch, at) {
      const candidates = steps.draw(batch, at)
      if (!steps.stats) stats.draws += candidates.length
      return steps.pick(batch, candidates, steps.score(batch, candidates))
    },
  }
}
