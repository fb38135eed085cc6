import { UsageError } from '../errors.ts'
import { splitOptions } from '../options.ts'
import { type Choice, chosen, createRegistry, parsePart } from '../registry.ts'
import { ahns } from './ahns.ts'
import { ans } from './ans/ans.ts'
import { dens } from './dens/dens.ts'
import { dns } from './dns.ts'
import { dnsMn } from './dns-mn.ts'
import { dualTree } from './dual-tree.ts'
import { gdns } from './gdns.ts'
import { mcns } from './mcns.ts'
import { mixgcf } from './mixgcf.ts'
import { popularity } from './popularity.ts'
import { realhns } from './realhns.ts'
import { recns } from './recns.ts'
import {
  type Sampler,
  type SamplerContext,
  type SamplerDecoratorDefinition,
  type SamplerDefinition,
  type ScoringSampler,
  type ScoringSamplerDefinition,
  sampleByScore,
} from './sampler.ts'
import { srns } from './srns/srns.ts'
import { uniform } from './uniform.ts'

export const samplers = createRegistry('sampler', [
  uniform,
  popularity,
  dns,
  dnsMn,
  srns,
  mixgcf,
  dens,
  ans,
  ahns,
  gdns,
  mcns,
  recns,
  dualTree,
  realhns,
])

export type SamplerChoice = Choice<SamplerDefinition>

/** @throws UsageError for an unknown name, an option out of range, or a decorator around a sampler without scores */
export function createSampler(choice: SamplerChoice, context: SamplerContext): Sampler {
  const { definition, options } = chosen(samplers, choice)
  if (definition.kind === 'plain') return definition.create(context, options)
  return sampleByScore(createScoringSampler(definition, options, context))
}

function createScoringSampler(
  definition: Exclude<SamplerDefinition, { kind: 'plain' }>,
  options: Readonly<Record<string, unknown>>,
  context: SamplerContext,
): ScoringSampler {
  if (definition.kind === 'scoring') return definition.create(context, options)
  const { own, rest } = splitOptions(definition.options, options)
  const base = wrappedSampler(definition, own)
  return definition.decorate(createScoringSampler(base, rest, context), context, own)
}

/**
 * The sampler that a decorator's option `base` names.
 * @throws UsageError when that one is no scoring sampler
 */
export function wrappedSampler(decorator: SamplerDecoratorDefinition, options: unknown): ScoringSamplerDefinition {
  const { base: name } = parsePart('sampler', decorator, options)
  const base = samplers.get(name as string)
  if (base.kind === 'scoring') return base
  const scoring = samplers.parts.filter(part => part.kind === 'scoring').map(part => part.name)
  throw new UsageError(
    `sampler "${decorator.name}" cannot wrap "${base.name}", which is no scoring sampler: wrap one of ${scoring.join(', ')}`,
  )
}

/** Whether a sampler, or the one that it wraps, needs the item codes of both trees. */
export const usesCodes = (choice: SamplerChoice) => withWrapped(choice).some(part => part.usesCodes)

/** Whether a sampler, and the one that it wraps, knows users by the batch alone. */
export const knowsUsersByBatch = (choice: SamplerChoice) => withWrapped(choice).every(part => part.usersByBatch)

function* withWrapped(choice: SamplerChoice): Generator<SamplerDefinition, void> {
  const { definition, options } = chosen(samplers, choice)
  yield definition
  if (definition.kind === 'decorator') yield wrappedSampler(definition, splitOptions(definition.options, options).own)
}
