import { describe, expect, it } from 'vitest'
import { createDataset, createVocabulary } from '../../../src/dataset/dataset.ts'
import { forecast } from '../../../src/judges/gguf/forecast.ts'
import { createInquiry } from '../../../src/judges/gguf/questions.ts'
import { scoreLabels } from '../../../src/judges/gguf/score.ts'
import { NEGATIVE, POSITIVE } from '../../../src/judges/judge.ts'
import { parseAnswer } from '../../../src/judges/parse.ts'
import { answerForm, exactSchema, type Prompt, type PromptMode } from '../../../src/judges/prompt.ts'
import { randomCodes } from '../../support/judging.ts'

describe('scoreLabels', () => {
  const score = async (mode: PromptMode, shares: number[]) => {
    const asked: string[] = []
    const choose = async (_: unknown, before: string) => {
      asked.push(before)
      return shares[asked.length - 1]
    }
    return { asked, ...(await scoreLabels({ choose }, [], answerForm(mode), shares.length)) }
  }

  it('asks at each label, after the labels before it', async () => {
    const { asked, labels, confidence } = await score('user', [0.75, 0.25, 0.5])
    expect(asked).toEqual([
      '{"verdicts": [{"candidate": 0, "label": "',
      '{"verdicts": [{"candidate": 0, "label": "positive"}, {"candidate": 1, "label": "',
      '{"verdicts": [{"candidate": 0, "label": "positive"}, {"candidate": 1, "label": "negative"}, {"candidate": 2, "label": "',
    ])
    expect([...labels]).toEqual([POSITIVE, NEGATIVE, POSITIVE])
    expect([...confidence]).toEqual([0.75, 0.25, 0.5])
  })

  it('stops before the next label', async () => {
    const stop = new AbortController()
    const choose = async () => {
      stop.abort(new Error('enough'))
      return 1
    }
    await expect(scoreLabels({ choose }, [], answerForm('user'), 3, stop.signal)).rejects.toThrow('enough')
  })

  it.each(['user', 'compact', 'pair'] as const)('%s: its frame is what the parser reads', async mode => {
    const shares = mode === 'pair' ? [0.9] : [0.9, 0.1]
    const { asked, labels } = await score(mode, shares)
    const { positive, negative, many } = answerForm(mode)
    const content = `${asked.at(-1)}${mode === 'pair' ? positive : negative}"}${many ? ']}' : ''}`
    JSON.parse(content)
    expect(parseAnswer(mode, shares.length, { content, truncated: false }).labels).toEqual(labels)
  })
})

it('exactSchema: one verdict for each candidate, in order', () => {
  expect(exactSchema('compact', 2)).toEqual({
    type: 'object',
    properties: {
      v: {
        type: 'array',
        minItems: 2,
        maxItems: 2,
        prefixItems: [0, 1].map(index => ({
          type: 'object',
          properties: { i: { const: index }, l: { enum: ['p', 'n'] } },
          required: ['i', 'l'],
          additionalProperties: false,
        })),
      },
    },
    required: ['v'],
    additionalProperties: false,
  })
  expect(exactSchema('pair', 1)).toMatchObject({ properties: { label: { enum: ['positive', 'negative'] } } })
})

describe('createInquiry', () => {
  const ids = (size: number) => createVocabulary(Array.from({ length: size }, (_, id) => id))
  const pairs = { users: [...Array(40).fill(0), 1], items: [...Array(40).keys(), 3] }
  const context = { train: createDataset(pairs, ids(2), ids(60)), codes: randomCodes(60) }
  const candidates = { k: 2, items: Int32Array.of(50, 51, 52, -1), scores: new Float32Array(4) }
  /** a token a line */
  const model = (contextTokens: number) => ({
    contextTokens,
    countTokens: (text: string) => text.length,
    promptTokens: ({ system, user }: Prompt) => `${system}\n${user}`.split('\n').map((_, at) => at),
  })
  const lines = (asked: { tokens: readonly number[] }) => asked.tokens.length

  it('all candidates of a user in one question, or one a question', () => {
    const { users, ask } = createInquiry(context, candidates, 'user', model(1e6))
    expect([...users]).toEqual([0, 1])
    expect(ask(0).map(({ places, cut }) => [[...places], cut])).toEqual([[[0, 1], false]])
    expect(ask(1).map(({ places }) => [...places])).toEqual([[2]])
    const pairs = createInquiry(context, candidates, 'pair', model(1e6)).ask(0)
    expect(pairs.map(({ places }) => [...places])).toEqual([[0], [1]])
  })

  it('halves a history until it fits beside the answer, and says that it did', () => {
    const whole = createInquiry(context, candidates, 'user', model(1e6)).ask(0)[0]
    const answer = '{"verdicts": [{"candidate": 0, "label": "negative"}, {"candidate": 1, "label": "negative"}]}'
    const room = 16 + 2 * answer.length
    const [exact] = createInquiry(context, candidates, 'user', model(lines(whole) + room)).ask(0)
    expect([lines(exact), exact.cut]).toEqual([lines(whole), false])
    const [halved] = createInquiry(context, candidates, 'user', model(lines(whole) + room - 1)).ask(0)
    expect([lines(halved), halved.cut]).toEqual([lines(whole) - 20, true])
  })

  it('says so when there is no room for any history', () => {
    expect(() => createInquiry(context, candidates, 'user', model(216)).ask(0)).toThrow(
      /judge "gguf": a prompt with 2 candidates has \d+ tokens, and the context room for 16 beside the answer: give more --context-tokens \(if the model has them\), or --mode pair or compact/,
    )
  })

  it('forecast: what is read again is not counted twice', async () => {
    const local = {
      ...model(1e6),
      choose: async () => 0.5,
      write: async () => ({ text: '', truncated: false }),
      close: async () => {},
    }
    const inquiry = createInquiry(context, candidates, 'pair', local)
    const counted = inquiry.ask(0).concat(inquiry.ask(1)).map(lines)
    // the tokens of user 1 begin those of user 0, whose second prompt has the same as the first
    const expected = counted[0] - counted[2] + 3 * 12
    expect(await forecast(local, inquiry)).toMatch(new RegExp(`^${expected} tokens at \\d+ tokens/s: about \\d+ s$`))
  })
})
