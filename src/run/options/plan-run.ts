/**
 * All options of a run in one place. A person gives them flat, as flags or as keys; `planRun` hands each to the part it
 * belongs to and fills in every default, so that `options.json` leaves nothing unsaid.
 */
import { z } from 'zod'
import { itemOptions } from '../../dataset/items/texts.ts'
import { sourceOptions } from '../../dataset/source.ts'
import { enhanceOptions } from '../../enhance/enhance.ts'
import { UsageError } from '../../errors.ts'
import { sha256 } from '../../files.ts'
import { judgeAuditOptions } from '../../judge-audit/options.ts'
import { consultedBy } from '../../judges/consulting.ts'
import { judges } from '../../judges/index.ts'
import { baselineKey } from '../../models/baselines/baseline.ts'
import { baselines as baselineParts } from '../../models/baselines/index.ts'
import { models } from '../../models/index.ts'
import { didYouMean } from '../../nearest.ts'
import { objectives } from '../../objectives/index.ts'
import { flagName, kebab, type OptionsSchema, parseOptions } from '../../options.ts'
import { describePartOptions, type Part } from '../../registry.ts'
import { samplers, wrappedSampler } from '../../samplers/index.ts'
import { checkObjective } from '../../training/loss.ts'
import { trainingOptions } from '../../training/options.ts'
import { treeOptions } from '../../trees/options.ts'
import { optionGroups } from './groups.ts'
import type { ChosenJudge, JudgeChoice, PartChoice, RunPlan } from './plan.ts'
import { presets } from './presets/index.ts'
import { runOptions } from './run-options.ts'

/**
 * @param given flat options by their keys, on top of those of the preset it may name; undefined values count as absent
 * @throws UsageError for an option that is unknown (with the nearest), out of range, or of a part that was not chosen
 */
export function planRun(given: Readonly<Record<string, unknown>>): RunPlan {
  const { plan, unused } = divide(given)
  if (unused.length > 0) throw unusedOption(unused[0])
  return plan
}

/**
 * Given options that belong to parts which are not chosen, or to none.
 * @throws UsageError for an option out of range
 */
export function unusedOptions(given: Readonly<Record<string, unknown>>): string[] {
  return divide(given).unused
}

/**
 * What a run directory remembers, with what is asked now on top. When that chooses other parts, options of the old ones,
 * which nobody knows any more, are set aside.
 * @throws UsageError for an option out of range
 */
export function recallOptions(
  remembered: Readonly<Record<string, unknown>>,
  asked: Readonly<Record<string, unknown>>,
): { given: Record<string, unknown>; aside: string[] } {
  const all = { ...remembered, ...asked }
  const ofParts = new Set(
    optionGroups().flatMap(({ options }) => options.filter(own => own.parts).map(own => own.name)),
  )
  const aside = unusedOptions(all).filter(key => ofParts.has(key) && asked[key] === undefined)
  return { given: withoutOptions(all, aside), aside }
}

/** Whether an option has this name. */
export function isOption(name: string): boolean {
  return optionGroups().some(({ options }) => options.some(option => option.name === name))
}

/** @throws UsageError for a name that no option has, with the nearest that there are */
export function checkOptionNames(names: Iterable<string>): void {
  for (const name of names) if (!isOption(name)) throw unusedOption(name)
}

export function withoutOptions(
  given: Readonly<Record<string, unknown>>,
  names: readonly string[],
): Record<string, unknown> {
  return Object.fromEntries(Object.entries(given).filter(([name]) => !names.includes(name)))
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
  /** @param own values that win */
  const section = <S extends OptionsSchema>(schema: S, owner: string, own: Readonly<Record<string, unknown>> = {}) => {
    const keys = Object.keys(schema.shape)
    const ownKeys = Object.keys(own).filter(key => keys.includes(key))
    return parseOptions(schema, { ...take(keys), ...Object.fromEntries(ownKeys.map(key => [key, own[key]])) }, owner)
  }
  const versioned = (...versions: (string | undefined)[]) => {
    const version = versions.filter(own => own !== undefined).join(' ')
    return version === '' ? {} : { version }
  }
  const choice = (part: Part, kind: string, nameOf?: (key: string) => string): PartChoice => ({
    name: part.name,
    ...versioned(part.version),
    options: parseOptions(
      part.options,
      take(Object.keys(part.options.shape), nameOf),
      `${kind} "${part.name}"`,
      nameOf,
    ),
  })
  const baselineChoice = (name: string) => choice(baselineParts.get(name), 'baseline', key => baselineKey(name, key))
  const samplerChoice = (name: string): PartChoice => {
    const part = samplers.get(name)
    const own = choice(part, 'sampler')
    if (part.kind !== 'decorator') return own
    const base = samplerChoice(wrappedSampler(part, own.options).name)
    return { name, options: { ...base.options, ...own.options }, ...versioned(own.version, base.version) }
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
    tune,
    judge,
    ...run
  } = section(runOptions, 'run')
  checkObjective(models.get(model), objectives.get(objective))
  const judgeChoice = (name: string, own: Readonly<Record<string, unknown>> = {}): ChosenJudge => {
    const part = judges.get(name)
    const known = section(part.options, `judge "${name}"`, own)
    const other = consultedBy(part, known)
    const consulted = other === undefined ? undefined : judges.get(other)
    checkKnown([part, ...(consulted ? [consulted] : [])], own)
    const { name: asked, runtime = z.object({}) } = consulted ?? part
    return {
      name,
      ...versioned(part.version, consulted?.version),
      options: { ...(consulted && section(consulted.options, `judge "${asked}"`, own)), ...known },
      runtime: section(runtime, `judge "${asked}"`, own),
    }
  }
  const auditedJudge = (asked: z.output<typeof judgeAuditOptions>['auditJudges'][number]): JudgeChoice => {
    const { judge: name, ...own } = typeof asked === 'string' ? { judge: asked } : asked
    const { options, ...choice } = judgeChoice(name, own)
    const id = typeof asked === 'string' ? name : `${name}-${sha256(JSON.stringify(options)).slice(0, 8)}`
    return { id, ...choice, options }
  }
  const { runtime: judgeRuntime, ...chosenJudge } = judgeChoice(judge)
  const { rerank, rerankConsult } = run
  if (rerankConsult !== 'none' && rerank !== 'learned')
    throw new UsageError('--rerank-consult needs --rerank learned: give both')
  if (run.final === 'base' && run.protocol.includes('released'))
    throw new UsageError('--protocol released is about DTL-NS, and --final base leaves it out: give --final dtl-ns')
  const byVerdicts = rerank === 'learned' ? rerankConsult : rerank
  const { auditJudges, ...audit } = section(judgeAuditOptions, 'audit')
  if (tune.length === 0 && [fuseWith, candidateModel].includes('tuned'))
    throw new UsageError('"tuned" is the best of the baselines that are searched: name some with --tune')
  const ownKeys = new Set(own.map(([key]) => key))
  const fixedOf = (name: string) =>
    Object.keys(baselineParts.get(name).options.shape).filter(key => ownKeys.has(baselineKey(name, key)))
  // until they are searched, the first stands for the best
  const named = (name: string) => (name === 'tuned' ? tune[0] : name)
  const plan: RunPlan = {
    source: section(sourceOptions, 'data'),
    run,
    model: choice(models.get(model), 'model'),
    objective: choice(objectives.get(objective), 'objective'),
    baseSampler: samplerChoice(baseSampler),
    sampler: samplerChoice(sampler),
    compare: withOwn(compare, samplers.own, [sampler, baseSampler]).map(samplerChoice),
    baselines: withOwn(baselines, baselineParts.own).map(baselineChoice),
    ...(tune.length > 0 && {
      tuning: {
        baselines: tune.map(name => ({ ...baselineChoice(name), fixed: fixedOf(name) })),
        fuse: fuseWith === 'tuned',
        propose: candidateModel === 'tuned',
      },
    }),
    ...(candidateModel !== 'base' && { proposer: baselineChoice(named(candidateModel)) }),
    ...(fuseWith !== 'none' && { fusion: { baseline: baselineChoice(named(fuseWith)), depth: fuseDepth } }),
    judge: chosenJudge,
    judgeRuntime,
    ...(byVerdicts !== 'none' && { rerankJudge: judgeChoice(byVerdicts) }),
    training: section(trainingOptions, 'training'),
    trees: section(treeOptions, 'trees'),
    items: section(itemOptions, 'items'),
    enhance: section(enhanceOptions, 'judgements'),
    audit: { ...audit, judges: auditJudges.map(auditedJudge) },
  }
  // a preset may speak of parts that were chosen away
  return { plan, unused: own.flatMap(([key]) => (used.has(key) ? [] : [key])) }
}

/** Parts that were given as values have rows of their own, unless they are somewhere in the table already. */
function withOwn(chosen: readonly string[], own: readonly Part[], elsewhere: readonly string[] = []): string[] {
  const there = [...chosen, ...elsewhere]
  return [...chosen, ...own.map(({ name }) => name).filter(name => !there.includes(name))]
}

/** @throws UsageError for an option of its own that neither the judge nor the one that it consults has */
function checkKnown(parts: readonly Part[], own: Readonly<Record<string, unknown>>): void {
  const known = parts.flatMap(part => describePartOptions(part).map(({ name }) => name))
  const key = Object.keys(own).find(name => !known.includes(name))
  if (key !== undefined)
    throw new UsageError(
      `--audit-judges: judge "${parts[0].name}" has no option ${flagName(key)}${didYouMean(key, known, flagName)}`,
    )
}

function presetValues(name: unknown): [string, unknown][] {
  const { preset } = parseOptions(runOptions.pick({ preset: true }), { preset: name }, 'run')
  return preset === undefined ? [] : Object.entries(presets.get(preset).values)
}

function unusedOption(key: string): UsageError {
  const all = optionGroups().flatMap(group => group.options)
  const known = all.find(option => option.name === key)
  if (known?.parts)
    return new UsageError(`${flagName(key)} is an option of ${known.parts.join(', ')}, which this run does not use`)
  const names = all.map(option => option.name)
  const written = names.find(name => kebab(name) === key)
  if (written !== undefined) return new UsageError(`unknown option "${key}": in a program it is "${written}"`)
  return new UsageError(`unknown option ${flagName(key)}${didYouMean(key, names, flagName)}`)
}
