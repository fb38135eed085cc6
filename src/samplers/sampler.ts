/**
 * What a sampler is: it turns a batch of observed pairs into K negatives each. A *scoring* sampler does so in three
 * steps (draw candidates, score them, pick), and the decorator `dual-tree` changes the scores between the last two.
 *
 * Arrays live in kernel memory, are allocated once in `create` and are overwritten by the next batch. Random numbers
 * are functions of (seed, epoch, batch, sample), never of what was drawn before.
 */
import type { z } from 'zod'
import type { Batch, Codes, CsrPattern, Floats, Kernels, Negatives, Tables } from '../kernels/kernels.ts'
import { type OptionsSchema, parseOptions } from '../options.ts'
import type { Part } from '../registry.ts'

export interface SamplerContext {
  readonly kernels: Kernels
  readonly tables: Tables
  /** user → items never to draw: observed, and judged false negatives; in kernel memory */
  readonly forbidden: CsrPattern
  /** [I] interactions of each item in train */
  readonly degrees: Int32Array
  /** the largest batch that will come */
  readonly batchSize: number
  /** K */
  readonly perPositive: number
  readonly seed: number
  /** the two views' item codes, for those that use them; in kernel memory */
  readonly codes?: { readonly structural: Codes; readonly semantic: Codes }
}

/** Which batch of which epoch is asked for. */
export interface BatchPosition {
  readonly epoch: number
  readonly batch: number
}

export interface Sampler {
  sample(batch: Batch, at: BatchPosition): Negatives
  /** what drawing took since the sampler was made */
  readonly effort: SamplingEffort
}

export interface SamplingEffort {
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
}

export interface PlainSamplerDefinition extends Part {
  readonly kind: 'plain'
  create(context: SamplerContext, options: unknown): Sampler
}

export interface ScoringSamplerDefinition extends Part {
  readonly kind: 'scoring'
  create(context: SamplerContext, options: unknown): ScoringSampler
}

/** Wraps any scoring sampler. Its option `base` names the one; options it does not know go to the base. */
export interface SamplerDecoratorDefinition extends Part {
  readonly kind: 'decorator'
  decorate(base: ScoringSampler, context: SamplerContext, options: unknown): ScoringSampler
}

export type SamplerDefinition = PlainSamplerDefinition | ScoringSamplerDefinition | SamplerDecoratorDefinition

interface Declaration<S extends OptionsSchema> {
  name: string
  summary: string
  source: string
  options: S
}

export function defineSampler<S extends OptionsSchema>(
  definition: Declaration<S> & { create(context: SamplerContext, options: z.output<S>): Sampler },
): PlainSamplerDefinition {
  return {
    ...definition,
    kind: 'plain',
    create: (context, options) => definition.create(context, parsed(definition, options)),
  }
}

export function defineScoringSampler<S extends OptionsSchema>(
  definition: Declaration<S> & { create(context: SamplerContext, options: z.output<S>): ScoringSampler },
): ScoringSamplerDefinition {
  return {
    ...definition,
    kind: 'scoring',
    create: (context, options) => definition.create(context, parsed(definition, options)),
  }
}

export function defineSamplerDecorator<S extends OptionsSchema>(
  definition: Declaration<S> & {
    decorate(base: ScoringSampler, context: SamplerContext, options: z.output<S>): ScoringSampler
  },
): SamplerDecoratorDefinition {
  return {
    ...definition,
    kind: 'decorator',
    decorate: (base, context, options) => definition.decorate(base, context, parsed(definition, options)),
  }
}

function parsed<S extends OptionsSchema>(definition: Declaration<S>, options: unknown): z.output<S> {
  return parseOptions(definition.options, options, `sampler "${definition.name}"`)
}

/** The three steps of a scoring sampler as one. */
export function sampleByScore(steps: ScoringSampler): Sampler {
  const effort = { draws: 0, rejections: 0 }
  return {
    effort,
    sample(batch, at) {
      const candidates = steps.draw(batch, at)
      effort.draws += candidates.length
      return steps.pick(batch, candidates, steps.score(batch, candidates))
    },
  }
}
