import { expect, it } from 'vitest'
import { buildCsr } from '../../src/dataset/csr.ts'
import type { Batch, BatchPosition, CsrPattern, Kernels, Negatives } from '../../src/kernels/interface/kernels.ts'
import { createReferenceKernels } from '../../src/kernels/reference/reference.ts'
import { createKernels } from '../../src/kernels/wasm/wasm.ts'
import { residentPattern } from '../../src/models/rows.ts'
import { describeOptions } from '../../src/options.ts'
import { createSampler, samplers } from '../../src/samplers/index.ts'
import type { SamplerContext, SamplerDefinition, ScoringSampler } from '../../src/samplers/sampler.ts'
import { packCodes } from '../../src/trees/codes.ts'
import { randomInts, randomTables } from '../support/toy.ts'
import { contract, type Skip, type Test } from './contract.ts'
import { otherValue } from './perturb.ts'

export interface Expectations {
  /** tests that do not apply, and why */
  readonly skip?: readonly Skip[]
  /** for an option that has no other value by itself, one that must change the negatives */
  readonly changes?: Readonly<Record<string, unknown>>
  /** options that change no negative of a first batch, and why: test/contracts/dead-options.test.ts sees what they change */
  readonly later?: Readonly<Record<string, string>>
  /** options that suit the few items here */
  readonly options?: Readonly<Record<string, unknown>>
}

/** A sampler with its options: a decorator needs to know what it wraps. */
export interface Variant {
  readonly definition: SamplerDefinition
  readonly options: Readonly<Record<string, unknown>>
  readonly title: string
}

/** A sampler by itself; a decorator once around each scoring sampler there is. */
export function variantsOf(definition: SamplerDefinition): Variant[] {
  if (definition.kind !== 'decorator') return [{ definition, options: {}, title: definition.name }]
  return samplers.parts
    .filter(({ kind }) => kind === 'scoring')
    .map(({ name }) => ({ definition, options: { base: name }, title: `${definition.name} around ${name}` }))
}

export const USERS = 8
export const ITEMS = 13
export const HOPS = 3
/** User 0 has met everything, user 1 all but item 6, user 2 nothing; the others every third item from their number on. */
export const FULL_USER = 0
export const isForbidden = (user: number, item: number) =>
  user === FULL_USER || (user === 1 && item !== 6) || (user > 2 && item % 3 === user % 3)
const allItems = Array.from({ length: ITEMS }, (_, item) => item)
export const allowedItems = (user: number) => allItems.filter(item => !isForbidden(user, item))

const forbidden: CsrPattern = (() => {
  const pairs = Array.from({ length: USERS }, (_, user) => user).flatMap(user =>
    allItems.filter(item => isForbidden(user, item)).map(item => [user, item]),
  )
  const column = (at: number) => pairs.map(pair => pair[at])
  return buildCsr(column(0), column(1), USERS, ITEMS).pattern
})()

/** Codes of `depth` steps each, below 3. */
function codes(kernels: Kernels, depth: number, seed: number) {
  const steps = randomInts(kernels, ITEMS * depth, 3, seed)
  const { values } = packCodes(allItems.map(item => steps.subarray(item * depth, (item + 1) * depth)))
  return { depth, values: kernels.memory.copy(values) }
}

/** All that a sampler is given, on random tables. */
export function samplerContext(kernels: Kernels, changes: Partial<SamplerContext> = {}): SamplerContext {
  return {
    kernels,
    tables: randomTables(kernels, USERS, ITEMS, 8, HOPS),
    forbidden: residentPattern(kernels.memory, forbidden),
    degrees: Int32Array.from({ length: ITEMS }, (_, item) => 1 + (item % 4)),
    batchSize: 24,
    perPositive: 1,
    seed: 4,
    codes: { structural: codes(kernels, 4, 1), semantic: codes(kernels, 4, 2) },
    ...changes,
  }
}

/** Every user three times, with different positives. */
export function batchOf(kernels: Kernels, size = 24): Batch {
  const users = Int32Array.from({ length: size }, (_, b) => b % USERS)
  const positives = Int32Array.from({ length: size }, (_, b) => (b * 5 + 2) % ITEMS)
  return { size, users: kernels.memory.copy(users), positives: kernels.memory.copy(positives) }
}

const AT: BatchPosition = { epoch: 2, batch: 3 }

/** Negatives in ordinary memory, which the next batch does not overwrite. */
const kept = ({ items, mix, ...rest }: Negatives) => ({
  ...rest,
  items: Array.from(items),
  ...(mix && { mix: Array.from(mix) }),
})

interface Setting extends Partial<SamplerContext> {
  readonly options?: Readonly<Record<string, unknown>>
  readonly at?: BatchPosition
  readonly size?: number
}

/** One batch drawn by a new sampler on a new backend. */
function sample({ definition, options }: Variant, setting: Setting = {}, kernels = createKernels()) {
  const { at = AT, size = 24, options: own, ...changes } = setting
  const choice = { part: definition, options: { ...options, ...own } }
  const sampler = createSampler(choice, samplerContext(kernels, changes))
  return kept(sampler.sample(batchOf(kernels, size), at))
}

/** The steps of a scoring sampler, a decorator's around its base. */
export function scoringSteps({ definition, options }: Variant, context: SamplerContext): ScoringSampler {
  if (definition.kind === 'plain') throw new Error(`sampler "${definition.name}" has no steps`)
  if (definition.kind === 'scoring') return definition.create(context, options)
  const pick = (wanted: boolean) =>
    Object.fromEntries(Object.entries(options).filter(([name]) => name in definition.options.shape === wanted))
  const [own, rest] = [pick(true), pick(false)]
  const base = { definition: samplers.get(own.base as string), title: '', options: rest }
  return definition.decorate(scoringSteps(base, context), context, own)
}

/** What every sampler must do. */
export function samplerContract(
  definition: SamplerDefinition,
  expectationsOf: Readonly<Record<string, Expectations>>,
): void {
  for (const variant of variantsOf(definition)) {
    // a decorator remembers and learns what its base does
    const expectations = expectationsOf[(variant.options.base as string) ?? definition.name] ?? {}
    const own = { ...variant, options: { ...variant.options, ...expectations.options } }
    contract(`sampler "${variant.title}"`, expectations.skip ?? [], test => declare(test, own, expectations))
  }
}

function declare(test: Test, variant: Variant, { changes = {}, later = {} }: Expectations): void {
  const { definition } = variant

  test('K negatives a positive, of one kind, in kernel memory', () => {
    for (const perPositive of [1, 3]) {
      const kernels = createKernels()
      const context = samplerContext(kernels, { perPositive })
      const batch = batchOf(kernels)
      const sampler = createSampler({ part: definition, options: variant.options }, context)
      const negatives = sampler.sample(batch, AT)
      const slots = batch.size * perPositive
      expect(negatives.perPositive).toBe(perPositive)
      expect([1, HOPS]).toContain(negatives.pickedHops)
      expect(negatives.items).toHaveLength(slots * negatives.pickedHops)
      if (negatives.mix) {
        expect(negatives.pickedHops).toBe(HOPS)
        expect(negatives.mix).toHaveLength(slots * HOPS)
        expect(Math.min(...negatives.mix)).toBeGreaterThanOrEqual(0)
        expect(Math.max(...negatives.mix)).toBeLessThan(1)
      }
      // an array from elsewhere throws
      const { memory } = kernels
      kernels.scorePairs(context.tables, batch, negatives, memory.floats(batch.size), memory.floats(slots))
    }
  })

  test('K negatives of a positive are drawn apart', () => {
    const { items, pickedHops } = sample(variant, { perPositive: 4 })
    const ofUser2 = items.slice(2 * 4 * pickedHops, 3 * 4 * pickedHops)
    expect(new Set(ofUser2).size).toBeGreaterThan(1)
  })

  test('never draws a forbidden item', () => {
    for (let epoch = 1; epoch <= 30; epoch++) {
      const { items, pickedHops } = sample(variant, { at: { epoch, batch: epoch % 4 }, perPositive: 2 })
      const usersOfItems = items.map((_, at) => Math.floor(at / (2 * pickedHops)) % USERS)
      const wrong = items.filter((item, at) => item >= 0 && isForbidden(usersOfItems[at], item))
      expect(wrong).toEqual([])
      expect(items.every(item => item >= -1 && item < ITEMS)).toBe(true)
    }
  })

  test('can draw every allowed item', () => {
    const kernels = createKernels()
    const context = samplerContext(kernels)
    const batch = batchOf(kernels)
    // what is drawn by a scoring sampler is its candidates: a bad one may never be picked
    const draw =
      definition.kind === 'plain'
        ? (at: BatchPosition) =>
            createSampler({ part: definition, options: variant.options }, context).sample(batch, at).items
        : (at: BatchPosition) => scoringSteps(variant, context).draw(batch, at)
    const drawn = Array.from({ length: USERS }, () => new Set<number>())
    for (let epoch = 1; epoch <= 60; epoch++) {
      const items = kernels.memory.scope(() => Array.from(draw({ epoch, batch: 0 })))
      const perSample = items.length / batch.size
      for (const [at, item] of items.entries()) if (item >= 0) drawn[Math.floor(at / perSample) % USERS].add(item)
    }
    expect(drawn.map(items => [...items].sort((a, b) => a - b))).toEqual(drawn.map((_, user) => allowedItems(user)))
  })

  test('-1 for a user with no item left, and for no other', () => {
    const { items, pickedHops } = sample(variant, { perPositive: 3 })
    items.forEach((item, at) => {
      const user = Math.floor(at / (3 * pickedHops)) % USERS
      expect(item === -1, `place ${at}`).toBe(user === FULL_USER)
    })
  })

  test('the same negatives for the same seed, epoch and batch', () => {
    expect(sample(variant)).toEqual(sample(variant))
  })

  test('other negatives for another seed, epoch or batch', () => {
    const usual = sample(variant)
    const others: Setting[] = [
      { seed: 5 },
      { at: { ...AT, epoch: 3 } },
      { at: { ...AT, batch: 4 } },
      // epoch and batch are not interchangeable
      { at: { epoch: AT.batch, batch: AT.epoch } },
    ]
    for (const setting of others) {
      const { items, mix } = sample(variant, setting)
      expect(items).not.toEqual(usual.items)
      if (mix) expect(mix).not.toEqual(usual.mix)
    }
  })

  test('what came before does not matter', () => {
    const kernels = createKernels()
    const choice = { part: definition, options: variant.options }
    const sampler = createSampler(choice, samplerContext(kernels))
    const batch = batchOf(kernels)
    for (const at of [{ epoch: 7, batch: 0 }, { epoch: 1, batch: 9 }]) sampler.sample(batch, at) // biome-ignore format: a list
    expect(kept(sampler.sample(batch, AT))).toEqual(sample(variant))
  })

  test('a smaller last batch gets the beginning of what a whole one gets', () => {
    const whole = sample(variant, { perPositive: 2 })
    for (const size of [1, 5]) {
      const part = sample(variant, { perPositive: 2, size })
      expect(part.items).toHaveLength(size * 2 * whole.pickedHops)
      expect(part.items).toEqual(whole.items.slice(0, part.items.length))
      expect(part.mix).toEqual(whole.mix?.slice(0, part.mix?.length))
    }
  })

  test('both backends pick the same', () => {
    for (const epoch of [1, 2, 3]) {
      const setting = { at: { epoch, batch: 1 }, perPositive: 2 }
      const expected = sample(variant, setting, createReferenceKernels('f32'))
      expect(sample(variant, setting)).toEqual(expected)
    }
  })

  test('every option does something', () => {
    const outcome = (options: object) => [1, 2, 3, 4].map(epoch => sample(variant, { options: { ...options }, at: { epoch, batch: 0 } })) // biome-ignore format: one call
    const usual = outcome({})
    const own = describeOptions(definition.options).filter(({ name }) => name !== 'base' && !(name in later))
    for (const option of own) {
      const value = changes[option.name] ?? otherValue(option, variant.options[option.name] ?? option.default)
      expect(outcome({ [option.name]: value }), option.name).not.toEqual(usual)
    }
  })

  test('unknown options are refused', () => {
    expect(() => sample(variant, { options: { candidateNegativs: 3 } })).toThrow(
      /^sampler ".+": unknown option --candidate-negativs/,
    )
  })
}

/** What a decorator must refuse. */
export function decoratorContract(definition: SamplerDefinition): void {
  const around = (base: string) => () =>
    createSampler({ part: definition, options: { base } }, samplerContext(createKernels()))
  const namesOf = (scoring: boolean) =>
    samplers.parts.filter(({ kind }) => (kind === 'scoring') === scoring).map(({ name }) => name)

  it.each(namesOf(false))(`sampler "${definition.name}" refuses to wrap "%s", which is no scoring sampler`, name => {
    expect(around(name)).toThrow(
      `sampler "${definition.name}" cannot wrap "${name}", which is no scoring sampler: wrap one of ${namesOf(true).join(', ')}`,
    )
  })

  it(`sampler "${definition.name}" helps with the name of what it wraps`, () => {
    expect(around('mixgfc')).toThrow(/^unknown sampler "mixgfc": known are .*did you mean "mixgcf"\?$/)
  })
}
