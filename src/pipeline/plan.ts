/**
 * All options of a run in one place. A person gives them flat, as flags or as keys; `planRun` hands each to the part it
 * belongs to and fills in every default, so that `options.json` leaves nothing unsaid.
 */
import { z } from 'zod'
import { sourceOptions } from '../dataset/source.ts'
import { enhanceOptions } from '../enhance/enhance.ts'
import { UsageError } from '../errors.ts'
import { judgeAuditOptions } from '../judges/audit/options.ts'
import { judges } from '../judges/index.ts'
import { models } from '../models/index.ts'
import { didYouMean } from '../nearest.ts'
import { objectives } from '../objectives/index.ts'
import { describeOptions, type OptionInfo, type OptionsSchema, parseOptions } from '../options.ts'
import { describePartOptions, type Part } from '../registry.ts'
import { samplers, wrappedSampler } from '../samplers/index.ts'
import { trainingOptions } from '../training/options.ts'
import { treeOptions } from '../trees/options.ts'
import { presets } from './presets/index.ts'

const namesOf = (kind: 'embedding' | 'baseline') =>
  models.parts.filter(part => part.kind === kind).map(part => part.name)

/** What is run, and how it is looked at. */
export const runOptions = z.object({
  preset: z
    .enum(presets.names as [string])
    .optional()
    .describe('a named set of values for other options; what is given beside it wins'),
  seed: z
    .int()
    .min(0)
    .max(2 ** 31 - 1)
    .default(1)
    .describe('seed of everything random but the split; the same seed gives the same bytes'),
  seeds: z
    .int()
    .min(1)
    .max(100)
    .default(1)
    .describe(
      'how many seeds (seed, seed + 1, …) all that is random is repeated with; the table then has mean ± deviation',
    )
    .meta({ unit: 'seeds' }),
  threads: z
    .int()
    .min(0)
    .max(256)
    .default(0)
    .describe('threads that the kernels use, 0 for one a physical core; their number changes no result')
    .meta({ unit: 'threads' }),
  profile: z
    .boolean()
    .default(false)
    .describe('write profile.json, the time in each kernel of each stage that is made, and show it in the report'),
  model: z
    .enum(namesOf('embedding') as [string])
    .default('lightgcn')
    .describe('the base model, trained without and with judged false negatives'),
  objective: z
    .enum(objectives.names as [string])
    .default('bpr')
    .describe('the loss'),
  // a decorator needs the trees, and those need the base model
  baseSampler: z
    .enum(samplers.parts.filter(part => part.kind !== 'decorator').map(part => part.name) as [string])
    .default('mixgcf')
    .describe('negatives of the base model'),
  sampler: z
    .enum(samplers.names as [string])
    .default('dual-tree')
    .describe('negatives of DTL-NS'),
  compare: z
    .array(z.enum(samplers.names as [string]))
    .default([])
    .describe('train the base model with these negatives too'),
  baselines: z
    .array(z.enum(namesOf('baseline') as [string]))
    .default(['popularity', 'item-knn', 'ease'])
    .describe('baselines in the table'),
  judge: z
    .enum(judges.names as [string])
    .default('prefix')
    .describe('who says which candidates are false negatives'),
  candidateModel: z
    .enum(['base', ...namesOf('baseline')] as [string])
    .default('base')
    .describe('who proposes the candidates that are judged: the base model, or a baseline with its own options'),
  fuseWith: z
    .enum(['none', ...namesOf('baseline')] as [string])
    .default('none')
    .describe(
      'baseline whose scores are added to those of the base model and of DTL-NS, as further rows; validation Recall@20 chooses the share of each',
    ),
  fuseDepth: z
    .int()
    .min(20)
    .max(10_000)
    .default(300)
    .describe('with fuseWith: best items of either that are looked at')
    .meta({ unit: 'items' }),
  candidatesPerUser: z
    .int()
    .min(1)
    .max(1000)
    .default(20)
    .describe('highest-scored unobserved items of a user that are judged')
    .meta({ unit: 'items' }),
  protocol: z
    .array(z.enum(['strict', 'released']))
    .min(1)
    .default(['strict'])
    .describe(
      "released adds rows under the authors' protocol, where held-out data filters the judgements and the mask, to the strict ones",
    ),
  maskAtTest: z
    .enum(['train+valid', 'train'])
    .default('train+valid')
    .describe('interactions that cannot be recommended at test'),
  evaluateOn: z
    .enum(['test', 'valid'])
    .default('test')
    .describe(
      'held-out part that the table is of; valid leaves test closed, for whoever still has something to choose',
    ),
  cutoffs: z
    .array(z.int().min(1).max(1000))
    .min(1)
    .default([10, 20, 50])
    .describe('lengths K of the lists that metrics look at')
    .meta({ unit: 'items' }),
})

/** A part by name with all its options. */
export interface PartChoice {
  readonly name: string
  readonly options: Record<string, unknown>
}

/** A judge, and how it goes about it. */
export interface JudgeChoice extends PartChoice {
  readonly work: Record<string, unknown>
}

export interface RunPlan {
  readonly source: z.output<typeof sourceOptions>
  readonly run: Omit<
    z.output<typeof runOptions>,
    | 'preset'
    | 'model'
    | 'objective'
    | 'baseSampler'
    | 'sampler'
    | 'compare'
    | 'baselines'
    | 'candidateModel'
    | 'fuseWith'
    | 'fuseDepth'
    | 'judge'
  >
  readonly model: PartChoice
  readonly objective: PartChoice
  readonly baseSampler: PartChoice
  readonly sampler: PartChoice
  readonly compare: readonly PartChoice[]
  readonly baselines: readonly PartChoice[]
  /** the baseline that proposes candidates; the base model when absent */
  readonly proposer?: PartChoice
  /** the baseline that trained models are fused with, and how many of their best items that looks at */
  readonly fusion?: { readonly baseline: PartChoice; readonly depth: number }
  readonly judge: PartChoice
  /** how the judge goes about it; changes no verdict */
  readonly judgeWork: Record<string, unknown>
  readonly training: z.output<typeof trainingOptions>
  readonly trees: z.output<typeof treeOptions>
  readonly enhance: z.output<typeof enhanceOptions>
  readonly audit: Omit<z.output<typeof judgeAuditOptions>, 'auditJudges'> & { readonly judges: readonly JudgeChoice[] }
}

/** Options of one group of flags; `partsOf` says which parts know an option. */
export interface OptionGroup {
  readonly title: string
  readonly options: readonly (OptionInfo & { readonly parts?: readonly string[] })[]
}

/** Every option there is, in the groups that help texts show. Keys are unique over all groups. */
export function optionGroups(): OptionGroup[] {
  const plain = (title: string, schema: OptionsSchema) => ({ title, options: describeOptions(schema) })
  return [
    plain('Run', runOptions),
    plain('Data', sourceOptions),
    plain('Training', trainingOptions),
    partGroup(
      'Model',
      models.parts.filter(part => part.kind === 'embedding'),
    ),
    partGroup('Sampler', samplers.parts),
    partGroup('Objective', objectives.parts),
    plain('Trees', treeOptions),
    partGroup('Judge', judges.parts),
    plain('Judgements', enhanceOptions),
    plain('Audit', judgeAuditOptions),
    ...models.parts
      .filter(part => part.kind === 'baseline')
      .map(part => ({
        title: `Baseline ${part.name}`,
        options: describeOptions(part.options).map(option => ({
          ...option,
          name: baselineKey(part.name, option.name),
          parts: [part.name],
        })),
      })),
  ].filter(group => group.options.length > 0)
}

/** The options of several parts, one row for those that share a name. */
function partGroup(title: string, parts: readonly Part[]): OptionGroup {
  const rows = new Map<string, OptionInfo & { parts: string[] }>()
  for (const part of parts) {
    for (const option of describePartOptions(part)) {
      const row = rows.get(option.name)
      if (row) row.parts.push(part.name)
      else rows.set(option.name, { ...option, parts: [part.name] })
    }
  }
  return { title, options: [...rows.values()] }
}

/** Baselines' options carry the baseline's name: `easeRegularization`. */
function baselineKey(baseline: string, option: string): string {
  const camel = baseline.replace(/-(\w)/g, (_, letter: string) => letter.toUpperCase())
  return camel + option[0].toUpperCase() + option.slice(1)
}

/**
 * @param given flat options by their keys, on top of those of the preset it may name; undefined values count as absent
 * @throws UsageError for an option that is unknown (with the nearest), out of range, or of a part that was not chosen
 */
export function planRun(given: Readonly<Record<string, unknown>>): RunPlan {
  const { plan, unused } = divide(given)
  for (const key of unused) throw unusedOption(key)
  return plan
}

/**
 * Given options that belong to parts which are not chosen, or to none.
 * @throws UsageError for an option out of range
 */
export function unusedOptions(given: Readonly<Record<string, unknown>>): string[] {
  return divide(given).unused
}

/** Hands each option to its owner; `unused` are those that found none. */
function divide(given: Readonly<Record<string, unknown>>): { plan: RunPlan; unused: string[] } {
  const own = Object.entries(given).filter(([, value]) => value !== undefined)
  const left = new Map([...presetValues(given.preset), ...own])
  const used = new Set<string>()
  /** The given options among `keys`, under the names the owner knows. */
  const take = (keys: readonly string[], nameOf = (key: string) => key) => {
    const taken: Record<string, unknown> = {}
    for (const key of keys) {
      if (!left.has(nameOf(key))) continue
      used.add(nameOf(key))
      taken[key] = left.get(nameOf(key))
    }
    return taken
  }
  const section = <S extends OptionsSchema>(schema: S, owner: string) =>
    parseOptions(schema, take(Object.keys(schema.shape)), owner)
  const choice = (part: Part, kind: string, nameOf?: (key: string) => string): PartChoice => ({
    name: part.name,
    options: parseOptions(part.options, take(Object.keys(part.options.shape), nameOf), `${kind} "${part.name}"`),
  })
  const baselineChoice = (name: string) => choice(models.get(name), 'model', key => baselineKey(name, key))
  const samplerChoice = (name: string): PartChoice => {
    const part = samplers.get(name)
    const own = choice(part, 'sampler')
    if (part.kind !== 'decorator') return own
    const base = wrappedSampler(part, own.options)
    return { name, options: { ...samplerChoice(base.name).options, ...own.options } }
  }

  const {
    preset: _,
    model,
    objective,
    baseSampler,
    sampler,
    compare,
    baselines,
    candidateModel,
    fuseWith,
    fuseDepth,
    judge,
    ...run
  } = section(runOptions, 'run')
  const judgeWork = (name: string) => section(judges.get(name).work ?? z.object({}), `judge "${name}"`)
  const auditedJudge = (name: string): JudgeChoice => ({ ...choice(judges.get(name), 'judge'), work: judgeWork(name) })
  const { auditJudges, ...audit } = section(judgeAuditOptions, 'audit')
  const plan: RunPlan = {
    source: section(sourceOptions, 'data'),
    run,
    model: choice(models.get(model), 'model'),
    objective: choice(objectives.get(objective), 'objective'),
    baseSampler: samplerChoice(baseSampler),
    sampler: samplerChoice(sampler),
    compare: compare.map(samplerChoice),
    baselines: baselines.map(baselineChoice),
    ...(candidateModel !== 'base' && { proposer: baselineChoice(candidateModel) }),
    ...(fuseWith !== 'none' && { fusion: { baseline: baselineChoice(fuseWith), depth: fuseDepth } }),
    judge: choice(judges.get(judge), 'judge'),
    judgeWork: judgeWork(judge),
    training: section(trainingOptions, 'training'),
    trees: section(treeOptions, 'trees'),
    enhance: section(enhanceOptions, 'judgements'),
    audit: { ...audit, judges: auditJudges.map(auditedJudge) },
  }
  // a preset may speak of parts that were chosen away
  return { plan, unused: own.flatMap(([key]) => (used.has(key) ? [] : [key])) }
}

function presetValues(name: unknown): [string, unknown][] {
  const { preset } = parseOptions(runOptions.pick({ preset: true }), { preset: name }, 'run')
  return preset === undefined ? [] : Object.entries(presets.get(preset).values)
}

function unusedOption(key: string): UsageError {
  const all = optionGroups().flatMap(group => group.options)
  const known = all.find(option => option.name === key)
  if (known?.parts)
    return new UsageError(`option "${key}" is one of ${known.parts.join(', ')}, which this run does not use`)
  const names = all.map(option => option.name)
  return new UsageError(`unknown option "${key}"${didYouMean(key, names)}`)
}
