import { describe, expect, it } from 'vitest'
import { createDataset, createVocabulary } from '../../src/dataset/dataset.ts'
import { cutHistory, historyOf } from '../../src/judges/llm/history.ts'
import { type PromptOptions, promptOptions } from '../../src/judges/llm/prompt-options.ts'
import { createQuestionMaker } from '../../src/judges/llm/questions.ts'
import { estimateTokens, mostPromptTokens } from '../../src/llm/tokens.ts'
import { describeOptions } from '../../src/options.ts'
import { packCodes } from '../../src/trees/codes.ts'
import { otherValue } from '../contracts/perturb.ts'
import { randomCandidates, randomCodes } from '../support/judging.ts'
import { randomDataset } from '../support/toy.ts'

const train = randomDataset(20, 60, 0.4)
const candidates = randomCandidates(train, 6)
const codes = randomCodes(train.items)
const USUAL: PromptOptions = promptOptions.parse({ llmModel: 'tiny' })
const makerFor = (options: Partial<PromptOptions>, seed = 1) =>
  createQuestionMaker({ train, codes, seed }, { ...USUAL, ...options })
const idsFor = (options: Partial<PromptOptions>, seed = 1) =>
  [...makerFor(options, seed).all(candidates)].map(({ id }) => id)

describe('custom_id', () => {
  it('is the same for the same, and 40 hex digits', () => {
    expect(idsFor({})).toEqual(idsFor({}))
    expect(idsFor({})[0]).toMatch(/^[0-9a-f]{40}$/)
  })

  it.each(describeOptions(promptOptions))('option $name changes it', option => {
    const numbers = { contextTokens: 1000, maxOutputTokens: 99 }
    const values: Record<string, unknown> = {
      ...numbers,
      llmModel: 'other',
      reasoningEffort: 'low',
      extraBody: '{"k": 1}',
    }
    const other = values[option.name] ?? otherValue(option, USUAL[option.name as keyof PromptOptions])
    expect(idsFor({ [option.name]: other })).not.toEqual(idsFor({}))
  })

  it('the seed changes it; an attempt does not, though it asks with another seed, and not greedily', () => {
    expect(idsFor({}, 2)).not.toEqual(idsFor({}))
    const maker = makerFor({})
    const [question] = maker.all(candidates)
    expect(JSON.parse(maker.body(question, 1))).toMatchObject({ seed: 1, temperature: 0 })
    expect(JSON.parse(maker.body(question, 3))).toMatchObject({ seed: 3, temperature: 0.5 })
    const room = (attempt: number) => JSON.parse(maker.body(question, attempt)).max_tokens
    expect([2, 3, 9].map(attempt => room(attempt) / room(1))).toEqual([2, 4, 16])
    expect(maker.describe(question, 3).worst.completionTokens).toBe(room(3))
  })
})

it('exact_schema says which verdicts there shall be; json_schema is one for all questions', () => {
  const schemasFor = (options: Partial<PromptOptions>) => {
    const maker = makerFor(options)
    const bodies = [...maker.all(candidates)].map(question => JSON.parse(maker.body(question, 1)))
    return bodies.map(({ response_format }) => response_format.json_schema.schema)
  }
  expect(new Set(schemasFor({}).map(schema => JSON.stringify(schema))).size).toBe(1)
  const counts = schemasFor({ responseFormat: 'exact_schema' }).map(({ properties: { verdicts } }) => verdicts)
  expect(new Set(counts.map(({ minItems }) => minItems))).toEqual(new Set([5, 6]))
  const indices = counts[0].prefixItems.map(
    (verdict: { properties: { candidate: { const: number } } }) => verdict.properties.candidate.const,
  )
  expect(indices).toEqual([...Array(counts[0].maxItems).keys()])
})

it('one question a user, or one a candidate, and each place once', () => {
  for (const mode of ['user', 'pair', 'compact'] as const) {
    const questions = [...makerFor({ mode }).all(candidates)]
    const places = questions.flatMap(question => [...question.places])
    expect(places).toEqual([...candidates.items.keys()].filter(place => candidates.items[place] >= 0))
    expect(questions.length).toBe(mode === 'pair' ? places.length : 19)
  }
})

describe('a history longer than the context', () => {
  it('is cut so that the prompt fits, and says how much is left', () => {
    const maker = makerFor({ contextTokens: 1000 })
    const questions = [...maker.all(candidates)]
    const cut = questions.filter(({ history, historyOf }) => history.length < historyOf)
    expect(cut.length).toBeGreaterThan(5)
    for (const question of questions) {
      expect(maker.estimate(question).promptTokens).toBeLessThanOrEqual(1000 * 0.9)
      expect(maker.describe(question)).toMatchObject({
        historyKept: question.history.length,
        historyOf: question.historyOf,
      })
    }
  })

  it('that leaves no room for any is refused, with a remedy', () => {
    expect(() => [...makerFor({ contextTokens: 512 }).all(candidates)]).toThrow(
      /^--context-tokens 512 has no room for a history beside \d candidates \(\d+ tokens\) and the answer \(\d+\): give more --context-tokens, or --mode pair or compact$/,
    )
  })

  it('is asked with half of it when the server says so, down to one item', () => {
    const maker = makerFor({})
    let [question] = maker.all(candidates)
    const lengths = [question.history.length]
    for (let next = maker.shorter(question); next; next = maker.shorter(question)) {
      expect(next.id).not.toBe(question.id)
      question = next
      lengths.push(question.history.length)
    }
    expect(lengths.at(-1)).toBe(1)
    expect(lengths.slice(1)).toEqual(lengths.slice(0, -1).map(length => length >> 1))
  })
})

describe('cutHistory', () => {
  // items 0 to 3 lie together; 4 and 5 in regions of their own
  const tree = packCodes([
    [0, 0, 0],
    [0, 0, 0],
    [0, 0, 0],
    [0, 0, 1],
    [1, 1, 1],
    [2, 0, 0],
  ])
  const views = { structural: tree, semantic: tree }

  it('keeps the latest, and of the rest what adds most to the trees, in the order of time', () => {
    expect([...cutHistory(Int32Array.of(4, 0, 1, 5, 2, 3), views, 4)]).toEqual([4, 5, 2, 3])
    expect([...cutHistory(Int32Array.of(4, 0, 1, 5, 2, 3), views, 3)]).toEqual([5, 2, 3])
    expect([...cutHistory(Int32Array.of(4, 0, 1, 5, 2, 3), views, 1)]).toEqual([3])
  })

  it('keeps a history that is short enough, and of equals the later', () => {
    const history = Int32Array.of(4, 0, 1)
    expect(cutHistory(history, views, 3)).toBe(history)
    expect([...cutHistory(Int32Array.of(0, 1, 2, 3, 5), views, 3)]).toEqual([2, 3, 5])
  })
})

it('historyOf goes by time where there is one', () => {
  const ids = (size: number) => createVocabulary(Array.from({ length: size }, (_, id) => id))
  const pairs = { users: [0, 0, 0], items: [0, 1, 2] }
  expect([...historyOf(createDataset(pairs, ids(1), ids(3)), 0)]).toEqual([0, 1, 2])
  const timed = createDataset({ ...pairs, timestamps: [30, 10, 20] }, ids(1), ids(3))
  expect([...historyOf(timed, 0)]).toEqual([1, 2, 0])
})

it('estimates tokens piece by piece, and bounds them by bytes', () => {
  expect(estimateTokens('co 2-0-3-1 | emb 0-1\n')).toBe(16)
  expect(mostPromptTokens({ system: 'é', user: 'abc' })).toBe(2 + 3 + 40)
})
