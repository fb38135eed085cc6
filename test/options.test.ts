import { readdirSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { comparisonOptions } from '../src/comparison/compare.ts'
import { rescoreOptions } from '../src/comparison/rescore.ts'
import { compareRunsOptions } from '../src/comparison/runs.ts'
import { sourceOptions } from '../src/dataset/source.ts'
import { candidateOptions } from '../src/enhance/candidates.ts'
import { enhanceOptions } from '../src/enhance/enhance.ts'
import { UsageError } from '../src/errors.ts'
import { judgeAuditOptions } from '../src/judge-audit/options.ts'
import { judges } from '../src/judges/index.ts'
import { leakageFiles, leakageOptions } from '../src/leakage/data.ts'
import { shardOptions } from '../src/llm/job-folder.ts'
import { baselines } from '../src/models/baselines/index.ts'
import { models } from '../src/models/index.ts'
import { nearest } from '../src/nearest.ts'
import { objectives } from '../src/objectives/index.ts'
import {
  choice,
  describeOptions,
  describeRange,
  flag,
  flagName,
  integer,
  number,
  type OptionInfo,
  type OptionsSchema,
  parseOptions,
  positive,
  text,
} from '../src/options.ts'
import { sweepOptions } from '../src/research/sweeps/options.ts'
import { optionGroups } from '../src/run/options/groups.ts'
import { planRun } from '../src/run/options/plan-run.ts'
import { runOptions } from '../src/run/options/run-options.ts'
import { samplers } from '../src/samplers/index.ts'
import { trainingOptions } from '../src/training/options.ts'
import { treeOptions } from '../src/trees/options.ts'

const schema = z.object({
  width: z.int().min(2).max(8).default(4).describe('how wide').meta({ unit: 'cm' }),
  rate: z.number().min(0).optional().describe('how often'),
  shape: z.enum(['round', 'square']).default('round').describe('which shape'),
  bright: z.boolean().default(false).describe('with a lamp'),
  sizes: z.array(z.int().min(1)).default([1, 2]).describe('which sizes'),
})

describe('parseOptions', () => {
  it('fills in every default, and leaves what has none absent', () => {
    const defaults = { width: 4, shape: 'round', bright: false, sizes: [1, 2] }
    expect(parseOptions(schema, undefined, 'box')).toEqual(defaults)
    expect(parseOptions(schema, { rate: 0.5, width: 8 }, 'box')).toEqual({ ...defaults, rate: 0.5, width: 8 })
  })

  const cases: [given: object, message: RegExp][] = [
    [{ width: 9 }, /^box: --width: expected at most 8, got 9 \(default 4; 2 to 8; in cm\)$/],
    [{ width: 2.5 }, /^box: --width: expected an integer, got 2\.5 \(default 4; 2 to 8; in cm\)$/],
    [{ width: '4' }, /^box: --width: .*got "4" /],
    [{ rate: -1 }, /^box: --rate: expected at least 0, got -1 \(at least 0\)$/],
    [{ shape: 'oval' }, /^box: --shape: expected one of round, square, got "oval" \(default "round"\)$/],
    [{ sizes: [1, 0] }, /^box: --sizes: .*got 0 \(default \[1,2\]\)$/],
    [
      { widht: 3 },
      /^box: unknown option --widht; known are --width, --rate, --shape, --bright, --sizes; did you mean --width\?$/,
    ],
    [{ luminosity: 3 }, /^box: unknown option --luminosity; known are --width, --rate, --shape, --bright, --sizes$/],
    [{ width: 9, widht: 1 }, /^box: /],
  ]
  it.each(cases)('refuses %j', (given, message) => {
    expect(() => parseOptions(schema, given, 'box')).toThrow(UsageError)
    expect(() => parseOptions(schema, given, 'box')).toThrow(message)
  })

  it('says what an option is that has no default and is not given', () => {
    const lamp = z.object({ bulb: z.string().describe('kind of bulb') })
    expect(() => parseOptions(lamp, {}, 'lamp')).toThrow(/^lamp: --bulb must be given: kind of bulb$/)
  })

  it('refuses what is no object, and says when there are no options at all', () => {
    expect(() => parseOptions(schema, 7, 'box')).toThrow(/^box: options: .*got 7$/)
    expect(() => parseOptions(z.object({}), { width: 1 }, 'bag')).toThrow('bag: unknown option --width; it has none')
  })
})

it('describeOptions: parts that come and go are not remembered, in a list neither', () => {
  const names = ['a']
  const part = z.string().meta({
    get choices() {
      return [...names]
    },
  })
  const own = z.object({ one: part, several: z.array(part).default(() => [...names]) })
  const lists = z.object({ several: z.array(part).default(() => [...names]) })
  expect(describeOptions(lists)).toMatchObject([{ default: ['a'] }])
  describeOptions(own)
  names.push('b')
  expect(describeOptions(lists)).toMatchObject([{ default: ['a', 'b'] }])
  expect(describeOptions(own)).toMatchObject([{ choices: ['a', 'b'] }, { default: ['a', 'b'] }])
})

it('kinds of options: range and unit stay through a default, and both ends are allowed', () => {
  const own = z.object({
    steps: integer(1, 9, 'steps').default(3).describe('how far'),
    share: number(0, 1).optional(),
    least: integer(-2).optional(),
    name: text.default('a'),
    rate: positive(2, 'per day').optional(),
    shape: choice(['round', 'square']),
    bright: flag,
  })
  expect(describeOptions(own)).toEqual([
    { name: 'steps', type: 'integer', help: 'how far', unit: 'steps', default: 3, minimum: 1, maximum: 9 },
    { name: 'share', type: 'number', help: '', minimum: 0, maximum: 1 },
    { name: 'least', type: 'integer', help: '', minimum: -2 },
    { name: 'name', type: 'string', help: '', default: 'a' },
    { name: 'rate', type: 'number', help: '', unit: 'per day', minimum: 0, exclusive: true, maximum: 2 },
    { name: 'shape', type: 'string', help: '', default: 'round', choices: ['round', 'square'] },
    { name: 'bright', type: 'boolean', help: '', default: false },
  ])
  expect(parseOptions(own, { steps: 9, share: 0.5, least: -2 }, 'box')).toMatchObject({ steps: 9, share: 0.5 })
  for (const wrong of [
    { steps: 0 },
    { steps: 10 },
    { steps: 1.5 },
    { share: 1.1 },
    { name: '' },
    { rate: 0 },
    { shape: 'flat' },
  ])
    expect(() => parseOptions(own, wrong, 'box')).toThrow(/^box: --/)
})

it('describeOptions: what help texts, flags and docs need, in order', () => {
  expect(describeOptions(schema)).toEqual([
    { name: 'width', type: 'integer', help: 'how wide', unit: 'cm', default: 4, minimum: 2, maximum: 8 },
    { name: 'rate', type: 'number', help: 'how often', minimum: 0 },
    { name: 'shape', type: 'string', help: 'which shape', default: 'round', choices: ['round', 'square'] },
    { name: 'bright', type: 'boolean', help: 'with a lamp', default: false },
    { name: 'sizes', type: 'array', help: 'which sizes', default: [1, 2] },
  ])
  expect(describeOptions(schema).map(describeRange)).toEqual([
    'default 4; 2 to 8; in cm',
    'at least 0',
    'default "round"; one of round, square',
    'default false',
    'default [1,2]',
  ])
})

it('nearest: a few letters away, whatever their case; nothing when all are far', () => {
  const names = ['dimensions', 'layers', 'k']
  expect(nearest('dimension', names)).toBe('dimensions')
  expect(nearest('Layer', names)).toBe('layers')
  expect(nearest('temperature', names)).toBeUndefined()
  expect(nearest('anything', [])).toBeUndefined()
})

/** Every schema there is, by its owner. */
const schemas: readonly (readonly [string, OptionsSchema])[] = [
  ['run', runOptions],
  ['data', sourceOptions],
  ['training', trainingOptions],
  ['trees', treeOptions],
  ['judgements', enhanceOptions],
  ['candidates', candidateOptions],
  ...[models, baselines, samplers, objectives, judges].flatMap(registry =>
    registry.parts.map(({ name, options }) => [`${registry.kind} ${name}`, options] as const),
  ),
]
const every = schemas.flatMap(([owner, options]) =>
  describeOptions(options).map(info => [`${owner}: ${info.name}`, info, options] as const),
)

describe.each(every)('option %s', (_title, info, options) => {
  const { name, type, help, minimum, exclusive, maximum, choices } = info
  const accepts = (value: unknown) => options.shape[name].safeParse(value).success

  it('has a camelCase name and a help text without full stop', () => {
    expect(name).toMatch(/^[a-z]+([A-Z][a-z]*)*$/)
    expect(help.length).toBeGreaterThan(5)
    expect(help).not.toMatch(/[.\n]$|\n|^ | $/)
  })

  it('is accepted at its default, and within the range that its description states', () => {
    if (info.default !== undefined) expect(accepts(info.default)).toBe(true)
    if (type === 'boolean') expect([accepts(true), accepts(false), accepts('true')]).toEqual([true, true, false])
    if (choices) {
      expect(choices.every(accepts)).toBe(true)
      expect(accepts('no such choice')).toBe(false)
    }
    if (type !== 'integer' && type !== 'number') return
    // a number says its range or its unit; of what is a seed there is nothing to say
    if (!/seed/i.test(name)) expect(describeRange({ ...info, default: undefined })).not.toBe('')
    const step = type === 'integer' ? 1 : 0.01
    if (minimum !== undefined) {
      expect(accepts(minimum)).toBe(!exclusive)
      if (exclusive) expect(accepts(minimum + step)).toBe(true)
      expect(accepts(minimum - step)).toBe(false)
    }
    if (maximum !== undefined) expect([accepts(maximum), accepts(maximum + step)]).toEqual([true, false])
    if (type === 'integer') expect(accepts((minimum ?? 0) + 0.5)).toBe(false)
    expect([Number.NaN, Number.POSITIVE_INFINITY, '1', null].filter(accepts)).toEqual([])
  })
})

describe('optionGroups', () => {
  const groups = optionGroups()
  const options = groups.flatMap(group => group.options)

  it('keys are unique over all groups, and none is a flag of the command line itself', () => {
    const names = options.map(({ name }) => name)
    expect(names.filter((name, at) => names.indexOf(name) !== at)).toEqual([])
    const lower = names.map(name => name.toLowerCase())
    expect(new Set(lower).size, 'apart by more than their case').toBe(names.length)
    const taken = ['out', 'json', 'quiet', 'debug', 'help', 'version']
    expect(names.filter(name => taken.includes(name))).toEqual([])
  })

  it('hold every option of every schema of a run', () => {
    const shared = new Set(options.map(({ name }) => name))
    for (const { kind, parts } of [models, baselines, samplers, objectives, judges])
      for (const part of parts)
        for (const name of Object.keys(part.options.shape)) {
          const baseline = kind === baselines.kind
          const camel = part.name.replace(/-(\w)/g, (_, letter: string) => letter.toUpperCase())
          const key = baseline ? camel + name[0].toUpperCase() + name.slice(1) : name
          expect(shared, `${kind} ${part.name}`).toContain(key)
        }
    for (const plain of [runOptions, sourceOptions, trainingOptions, treeOptions, enhanceOptions])
      for (const name of Object.keys(plain.shape)) expect(shared).toContain(name)
  })

  it('of parts that share a name, all mean the same by it: one row of help is true for each', () => {
    for (const { kind, parts } of [models, samplers, objectives, judges]) {
      const byName = new Map<string, OptionInfo>()
      for (const part of parts) {
        for (const option of describeOptions(part.options)) {
          const other = byName.get(option.name) ?? option
          expect(option, `${kind} ${part.name}: ${option.name}`).toEqual(other)
          byName.set(option.name, option)
        }
      }
    }
  })

  it('say which parts know an option, and leave out groups without any', () => {
    const find = (name: string) => options.find(option => option.name === name)
    for (const [name, parts] of [
      ['layers', models.parts],
      ['candidateNegatives', samplers.parts],
    ] as const)
      expect(find(name)?.parts).toEqual(parts.filter(part => name in part.options.shape).map(part => part.name))
    expect(find('easeRegularization')?.parts).toEqual(['ease'])
    expect(find('seed')?.parts).toBeUndefined()
    expect(groups.every(group => group.options.length > 0)).toBe(true)
    expect(new Set(groups.map(({ title }) => title)).size).toBe(groups.length)
  })
})

describe('planRun', () => {
  it('without options says every default', () => {
    const plan = planRun({})
    expect(plan.model).toEqual({
      name: 'lightgcn',
      options: {
        ...{ dimensions: 64, layers: 3 },
        ...{ itemGraphWeight: 0, itemGraphNeighbors: 20, itemGraphShrinkage: 0 },
      },
    })
    expect(plan.objective).toEqual({ name: 'bpr', options: { pairLosses: 'log-sum' } })
    expect(plan.baseSampler).toEqual({ name: 'mixgcf', options: { candidateNegatives: 10 } })
    expect(plan.sampler).toEqual({
      name: 'dual-tree',
      options: { base: 'mixgcf', structuralWeight: 0.1, semanticWeight: 0.3, candidateNegatives: 10 },
    })
    expect(plan.compare).toEqual([])
    expect(plan.baselines.map(({ name }) => name)).toEqual(['popularity', 'item-knn', 'ease'])
    expect(plan.judge).toEqual({ name: 'prefix', options: { views: 'both', flips: 0 } })
    expect(plan.training).toEqual(trainingOptions.parse({}))
    expect(plan.trees).toEqual(treeOptions.parse({}))
    expect(plan.enhance).toEqual(enhanceOptions.parse({}))
    expect(plan.source).toEqual(sourceOptions.parse({}))
    expect(plan.run).toEqual({
      seed: 1,
      seeds: 1,
      rerank: 'none',
      rerankConsult: 'none',
      rerankUsers: 2000,
      final: 'dtl-ns',
      candidatesPerUser: 20,
      protocol: ['strict'],
      maskAtTest: 'train+valid',
      historyAtTest: 'observed',
      refit: 'all',
      decay: 1,
      halfLife: 0,
      evaluateOn: 'test',
      cutoffs: [10, 20, 50],
      threads: 0,
      profile: false,
    })
    expect(JSON.parse(JSON.stringify(plan))).toEqual(plan)
  })

  it('hands each option to the part it belongs to', () => {
    const given = { model: 'mf', dimensions: 32, epochs: 7, leafSize: 5, judge: 'random', rate: 0.2, use: 'positives', kCore: 3, seed: 9 } // biome-ignore format: one line
    const before = structuredClone(given)
    const plan = planRun(given)
    expect(given).toEqual(before)
    expect(plan).toMatchObject({
      model: { name: 'mf', options: { dimensions: 32 } },
      training: { epochs: 7 },
      trees: { leafSize: 5 },
      judge: { name: 'random', options: { rate: 0.2 } },
      enhance: { use: 'positives' },
      source: { kCore: 3 },
      run: { seed: 9 },
    })
  })

  it('an undefined value is as none', () => {
    expect(planRun({ epochs: undefined, layers: undefined, nonsense: undefined })).toEqual(planRun({}))
  })

  it("merges a decorator's options with those of what it wraps, and gives shared ones to all samplers", () => {
    const plan = planRun({ base: 'dns', semanticWeight: 0.5, candidateNegatives: 32, compare: ['uniform', 'dns'] })
    expect(plan.sampler).toEqual({
      name: 'dual-tree',
      options: { base: 'dns', structuralWeight: 0.1, semanticWeight: 0.5, candidateNegatives: 32 },
    })
    expect(plan.baseSampler.options).toEqual({ candidateNegatives: 32 })
    expect(plan.compare).toEqual([
      { name: 'uniform', options: {} },
      { name: 'dns', options: { candidateNegatives: 32 } },
    ])
  })

  it("gives baselines the options that carry their name, and the model's to the model", () => {
    const plan = planRun({ easeRegularization: 7, itemKnnNeighbors: 3, regularization: 0.01 })
    const optionsOf = (name: string) => plan.baselines.find(baseline => baseline.name === name)?.options
    const recency = { decay: 1, halfLife: 0 }
    expect(optionsOf('ease')).toEqual({ regularization: 7, maxItems: 20_000, ...recency })
    expect(optionsOf('item-knn')).toEqual({ neighbors: 3, shrinkage: 0, power: 1, normalize: false, ...recency })
    expect(plan.training.regularization).toBe(0.01)
  })

  it('a baseline that proposes candidates has its options, whether it is in the table or not', () => {
    const given = { candidateModel: 'item-knn', itemKnnShrinkage: 20 }
    const options = { neighbors: 0, shrinkage: 20, power: 1, normalize: false, decay: 1, halfLife: 0 }
    const proposer = { name: 'item-knn', options }
    expect(planRun(given)).toMatchObject({ proposer, baselines: expect.arrayContaining([proposer]) })
    expect(planRun({ ...given, baselines: [] })).toMatchObject({ proposer, baselines: [] })
    expect(planRun({}).proposer).toBeUndefined()
  })

  const refused: [given: Record<string, unknown>, message: RegExp][] = [
    [{ dimension: 8 }, /^unknown option --dimension; did you mean --dimensions\?$/],
    [{ fooBarBazQux: 8 }, /^unknown option --foo-bar-baz-qux$/],
    [{ easeRegularisation: 8 }, /^unknown option --ease-regularisation; did you mean --ease-regularization\?$/],
    [{ model: 'mf', layers: 2 }, /^--layers is an option of .*lightgcn.*, which this run does not use$/],
    [{ rate: 0.2 }, /^--rate is an option of random, which this run does not use$/],
    [{ sampler: 'uniform', semanticWeight: 0.2 }, /^--semantic-weight is an option of dual-tree, which this run does not use$/],
    [{ sampler: 'uniform', baseSampler: 'uniform', candidateNegatives: 4 }, /^--candidate-negatives is an option of .*dns, .*mixgcf.*, which this run does not use$/],
    [{ baselines: ['popularity'], easeMaxItems: 5 }, /^--ease-max-items is an option of ease, which this run does not use$/],
    [{ epochs: 0 }, /^training: --epochs: .*got 0 /],
    [{ model: 'ease' }, /^run: --model: expected one of mf, .*lightgcn, .*got "ease" \(default "lightgcn"\)$/],
    [{ baselines: ['eas'] }, /^run: --baselines: .*got "eas"/],
    [{ dimensions: 30 }, /^model "lightgcn": --dimensions: .*got 30 /],
    [{ easeRegularization: -1 }, /^baseline "ease": --ease-regularization: .*got -1 /],
    [{ base: 'uniform' }, /^sampler "dual-tree" cannot wrap "uniform", which is no scoring sampler: wrap one of .*\bdns, .*mixgcf/],
    [{ base: 'dual-tree' }, /^sampler "dual-tree" cannot wrap "dual-tree", which is no scoring sampler/],
    [{ base: 'mixgfc' }, /^unknown sampler "mixgfc": .*did you mean "mixgcf"\?$/],
  ] // biome-ignore format: a table
  it.each(refused)('refuses %j', (given, message) => {
    expect(() => planRun(given)).toThrow(UsageError)
    expect(() => planRun(given)).toThrow(message)
  })
})

describe('messages name flags, not the keys of JSON', () => {
  const others = {
    comparisonOptions,
    compareRunsOptions,
    rescoreOptions,
    sweepOptions,
    leakageFiles,
    leakageOptions,
    shardOptions,
  }
  const all: readonly (readonly [string, OptionsSchema])[] = [
    ...schemas,
    ...Object.entries(others),
    ['judge audit', judgeAuditOptions] as const,
  ]
  const keys = [...new Set(all.flatMap(([, own]) => Object.keys(own.shape)))].filter(key => /[A-Z]/.test(key))
  const aKey = new RegExp(`(?<![\\w$.{-])(${keys.join('|')})(?![\\w(])`)

  it.each(all)('%s: whatever is wrong with an option', (owner, own) => {
    for (const { name } of describeOptions(own)) {
      const message = (() => {
        try {
          parseOptions(z.object({ [name]: own.shape[name] }), { [name]: Symbol.iterator }, owner)
        } catch (error) {
          return (error as Error).message
        }
      })()
      expect(message).toContain(`: ${flagName(name)}: expected `)
      expect(message).not.toMatch(aKey)
    }
    const unknown = () => parseOptions(own.partial(), { fooBarBaz: 1 }, owner)
    expect(unknown).toThrow(`${owner}: unknown option --foo-bar-baz; `)
    expect(unknown).not.toThrow(aKey)
  })

  it('help texts', () => {
    for (const [, own] of all) for (const { help } of describeOptions(own)) expect(help).not.toMatch(aKey)
  })

  it('errors and messages all over the sources', () => {
    const root = resolve(import.meta.dirname, '../src')
    const files = readdirSync(root, { recursive: true, encoding: 'utf8' }).filter(path => path.endsWith('.ts'))
    const wrong = files.flatMap(path =>
      spoken(readFileSync(join(root, path), 'utf8'))
        .filter(text => aKey.test(text))
        .map(text => `${path}: ${text}`),
    )
    // the file of a search space is JSON, and named so
    expect(wrong.filter(text => !text.includes('not JSON'))).toEqual([])
    // biome-ignore lint/suspicious/noTemplateCurlyInString: it is source text
    expect(spoken('throw new UsageError(`kCore ${kCore} of ${f(1)}`, { cause })')).toEqual(['kCore  of '])
  })
})

/** The literal text of what is thrown or reported. */
function spoken(source: string): string[] {
  const calls = [
    ...source.matchAll(/(?:Error|\.message)\(\s*((?:'(?:[^'\\]|\\.)*'|`(?:[^`\\]|\\.)*`|"[^"]*"|\s|\+)+)/g),
  ]
  return calls.map(([, text]) => text.slice(1, -1).replaceAll(/\$\{[^}]*\}/g, ''))
}
