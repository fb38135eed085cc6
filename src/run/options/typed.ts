/** The options of a run as a type: what `planRun` checks, known to the compiler as well. */
import type { z } from 'zod'
import type { sourceOptions } from '../../dataset/source.ts'
import type { enhanceOptions } from '../../enhance/enhance.ts'
import type { judgeAuditOptions } from '../../judge-audit/options.ts'
import type { judges } from '../../judges/index.ts'
import type { JudgeDefinition } from '../../judges/judge.ts'
import type { baselines } from '../../models/baselines/index.ts'
import type { models } from '../../models/index.ts'
import type { BaselineDefinition, EmbeddingDefinition } from '../../models/model.ts'
import type { objectives } from '../../objectives/index.ts'
import type { ObjectiveDefinition } from '../../objectives/objective.ts'
import type { OptionsSchema } from '../../options.ts'
import type { samplers } from '../../samplers/index.ts'
import type { SamplerDefinition } from '../../samplers/sampler.ts'
import type { trainingOptions } from '../../training/options.ts'
import type { treeOptions } from '../../trees/options.ts'
import type { runOptions } from './run-options.ts'

type PartsOf<R extends { parts: readonly unknown[] }> = R['parts'][number]

/** What a part's schema takes; nothing of a part whose type does not say. */
type InputOf<S> = S extends OptionsSchema ? (string extends keyof z.input<S> ? never : z.input<S>) : never
type OptionsOf<P> = P extends { options: infer S } ? InputOf<S> : never
type RuntimeOf<P> = P extends { runtime?: infer W } ? InputOf<NonNullable<W>> : never

type Lists<V> = V extends readonly (infer E)[] ? readonly E[] : V

/** One object with the keys of all, each of them optional. */
type Merged<U> = {
  [K in U extends unknown ? keyof U : never]?: (U extends { [key in K]?: infer V } ? Lists<V> : never) | undefined
}

type Camel<N extends string> = N extends `${infer A}-${infer B}` ? `${A}${Capitalize<Camel<B>>}` : N
type BaselineOptionsOf<P> = P extends { name: infer N extends string; options: infer S }
  ? { [K in keyof InputOf<S> & string as `${Camel<N>}${Capitalize<K>}`]?: InputOf<S>[K] }
  : never

type Named<T> = string | T

/** Parts by name or as values. */
interface Chosen {
  readonly model?: Named<EmbeddingDefinition> | undefined
  readonly objective?: Named<ObjectiveDefinition> | undefined
  readonly baseSampler?: Named<SamplerDefinition> | undefined
  readonly sampler?: Named<SamplerDefinition> | undefined
  readonly base?: Named<SamplerDefinition> | undefined
  readonly compare?: readonly Named<SamplerDefinition>[] | undefined
  readonly baselines?: readonly Named<BaselineDefinition>[] | undefined
  readonly candidateModel?: Named<BaselineDefinition> | undefined
  readonly fuseWith?: Named<BaselineDefinition> | undefined
  readonly judge?: Named<JudgeDefinition> | undefined
}

type Schemas =
  | z.input<typeof runOptions>
  | z.input<typeof sourceOptions>
  | z.input<typeof trainingOptions>
  | z.input<typeof treeOptions>
  | z.input<typeof enhanceOptions>
  | z.input<typeof judgeAuditOptions>

type BuiltIn = PartsOf<typeof models> | PartsOf<typeof samplers> | PartsOf<typeof objectives> | PartsOf<typeof judges>

export type RunOptions = Chosen &
  Omit<
    Merged<Schemas | OptionsOf<BuiltIn> | RuntimeOf<PartsOf<typeof judges>>> &
      Merged<BaselineOptionsOf<PartsOf<typeof baselines>>>,
    keyof Chosen
  >

/** Those of parts that are given as values, where their types say. */
export type OwnOptions<P> = P extends BaselineDefinition ? Merged<BaselineOptionsOf<P>> : Merged<OptionsOf<P>>
