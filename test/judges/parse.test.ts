import { describe, expect, it } from 'vitest'
import { INVALID, NEGATIVE, POSITIVE } from '../../src/judges/judge.ts'
import { parseAnswer } from '../../src/judges/parse.ts'
import type { PromptMode } from '../../src/judges/prompt.ts'
import type { ModelAnswer } from '../../src/llm/completion.ts'

const [Y, N, X] = [POSITIVE, NEGATIVE, INVALID]
const verdict = (candidate: unknown, label: unknown) => ({ candidate, label })
const whole = { verdicts: [verdict(0, 'positive'), verdict(1, 'negative'), verdict(2, 'positive')] }

function read(
  content: string | null | object,
  changes: Partial<ModelAnswer> = {},
  mode: PromptMode = 'user',
  count = 3,
) {
  const text = typeof content === 'string' || content === null ? content : JSON.stringify(content)
  const { labels, ...reading } = parseAnswer(mode, count, { content: text, truncated: false, ...changes })
  return { ...reading, labels: [...labels], confidence: [...reading.confidence] }
}

describe('a whole answer', () => {
  it('gives every candidate its label, and 1 as the confidence of a positive', () => {
    expect(read(whole)).toEqual({ labels: [Y, N, Y], confidence: [1, 0, 1], missing: [] })
  })

  it.each([
    ['in another order', { verdicts: [...whole.verdicts].reverse() }],
    ['as a bare array', whole.verdicts],
    ['in a fence', `Here it is:\n\`\`\`json\n${JSON.stringify(whole, null, 2)}\n\`\`\`\n`],
    ['after thoughts', `<think>{"candidate": 0, "label": "negative"}</think>${JSON.stringify(whole)}`],
    ['after other thoughts', `[THINK]{"candidate": 0, "label": "negative"}[/THINK]${JSON.stringify(whole)}`],
    [
      'in the last channel',
      `<|channel|>analysis<|message|>{"candidate": 0, "label": "negative"}<|end|><|channel|>final<|message|>${JSON.stringify(whole)}`,
    ],
    [
      'counted from 1',
      { verdicts: whole.verdicts.map(({ candidate, label }) => verdict((candidate as number) + 1, label)) },
    ],
    [
      'with numbers as text',
      { verdicts: whole.verdicts.map(({ candidate, label }) => verdict(`${candidate}`, label)) },
    ],
    ['in capitals', JSON.stringify(whole).replaceAll('positive', ' Positive')],
    ['with a candidate too many', { verdicts: [...whole.verdicts, verdict(3, 'positive')] }],
    ['truncated after the last verdict', JSON.stringify(whole).slice(0, -2)],
  ])('%s', (_, content) => {
    expect(read(content, { truncated: true })).toEqual({ labels: [Y, N, Y], confidence: [1, 0, 1], missing: [] })
  })

  const labels = whole.verdicts.map(({ label }) => label)
  const text = JSON.stringify(whole)
  it.each<[string, string | object]>([
    ['labels by number', { 0: labels[0], 1: labels[1], 2: labels[2] }],
    ['labels by number from 1', { verdicts: { 1: labels[0], 2: labels[1], 3: labels[2] } }],
    ['objects by name', Object.fromEntries(labels.map((label, index) => [`candidate_${index}`, { label, why: 'x' }]))],
    ['labels in order', { verdicts: labels }],
    ['candidates called by words', text.replace(/"candidate":(\d)/g, '"candidate":"Candidate #$1."')],
    ['keys with blanks, line breaks, quotes and capitals', text.replaceAll('"candidate"', '" Candidate\\n"').replaceAll('"label"', '"\'label\'"')],
    ['Python', text.replaceAll('"', "'")],
    ['typographic quotes', text.replace(/"(\w+)"/g, '“$1”')],
    ['comments, keys without quotes, commas at the end', '{verdicts: [{candidate: 0, label: "positive",}, // near\n{candidate: 1, label: "negative"}, {candidate: 2, label: "positive"},]}'],
    ['JSON within JSON', JSON.stringify(text)],
    ['as HTML', text.replaceAll('"', '&quot;')],
    ['reasons with braces', { verdicts: whole.verdicts.map(one => ({ ...one, why: 'path {2-0}' })) }],
    ['a table', '| candidate | label |\n|---|---|\n| 0 | positive |\n| 1 | negative |\n| 2 | positive |'],
    ['labels with a point', text.replaceAll('positive', 'positive.')],
    ['thoughts in a scratchpad', `<scratchpad>{"candidate": 1, "label": "positive"}</scratchpad>${text}`],
    ['thoughts before end_of_thought', `<start_of_thought>{"candidate": 1, "label": "positive"}<end_of_thought>${text}`],
    ['a channel with a constraint', `<|channel|>analysis<|message|>x<|end|><|channel|>final <|constrain|>json<|message|>${text}`],
  ])('written in another way: %s', (_, content) => {
    expect(read(content)).toEqual({ labels: [Y, N, Y], confidence: [1, 0, 1], missing: [] })
  }) // biome-ignore format: one a line

  it('in another form counts only when it says one thing of each', () => {
    for (const content of [
      { 0: 'positive', 1: 'negative' },
      { verdicts: labels.slice(1) },
      { ...labels, 3: 'negative' },
      '0: positive\n1: negative',
    ])
      expect(read(content).labels).toEqual([X, X, X])
    // the first and the corrected: nobody knows which holds
    const other = JSON.stringify({ verdicts: whole.verdicts.map(one => ({ ...one, label: 'negative' })) })
    expect(read(`${other}\nWait:\n${text}`).labels).toEqual([X, X, X])
  })

  it('in the other modes', () => {
    expect(read({ v: [{ i: 0, l: 'p' }, { i: 1, l: 'n' }] }, {}, 'compact', 2)).toMatchObject({ labels: [Y, N] }) // biome-ignore format: as in the prompt
    expect(read({ label: 'negative' }, {}, 'pair', 1)).toMatchObject({ labels: [N], missing: [] })
  })
})

describe('what cannot be read is invalid, never negative', () => {
  it.each<[string, string | null | object, Partial<ModelAnswer>, number[], string]>([
    ['no content', null, {}, [X, X, X], 'empty'],
    ['blanks', ' \n', {}, [X, X, X], 'empty'],
    ['prose', 'I think the user likes all of them.', {}, [X, X, X], 'unreadable'],
    ['a refusal', null, { refusal: 'I cannot judge people.' }, [X, X, X], 'refused'],
    ['an unknown label', { verdicts: [verdict(0, 'maybe'), ...whole.verdicts.slice(1)] }, {}, [X, N, Y], 'labels'],
    ['a label that is no text', { verdicts: [verdict(0, 1), ...whole.verdicts.slice(1)] }, {}, [X, N, Y], 'labels'],
    ['a missing candidate', { verdicts: whole.verdicts.toSpliced(1, 1) }, {}, [Y, X, Y], 'indices'],
    ['no candidate 0, which may be a list from 1', { verdicts: whole.verdicts.slice(1) }, {}, [X, X, X], 'indices'],
    ['one that stands twice', { verdicts: [...whole.verdicts, verdict(0, 'positive')] }, {}, [X, N, Y], 'indices'],
    ['an index that is a word', { verdicts: [verdict('zero', 'positive')] }, {}, [X, X, X], 'indices'],
    ['thoughts after thoughts', `<think>a</think> b <think>${JSON.stringify(whole)}`, {}, [X, X, X], 'reasoning'],
    [
      'a channel that is not the last',
      `<|channel|>analysis<|message|>${JSON.stringify(whole)}`,
      {},
      [X, X, X],
      'reasoning',
    ],
    ['an answer among thoughts alone', null, { reasoned: true }, [X, X, X], 'reasoning'],
    ['an index between', { verdicts: [verdict(0.5, 'positive')] }, {}, [X, X, X], 'indices'],
    ['broken JSON', '{"candidate": 0, "label": positive}', {}, [X, X, X], 'unreadable'],
  ])('%s', (_, content, changes, labels, fault) => {
    expect(read(content, changes)).toMatchObject({ labels, fault, missing: [] })
  })

  it.each([
    ['marked', `<think>${JSON.stringify(whole)} – no, for`],
    ['not marked', `Well: ${JSON.stringify(whole)} or not, for`],
  ])('thoughts that were cut off, %s, leave all to ask', (_, content) => {
    expect(read(content, { truncated: true })).toMatchObject({
      labels: [X, X, X],
      fault: 'truncated',
      missing: [0, 1, 2],
    })
  })

  it('an answer that was cut off says which candidates are left to ask', () => {
    const text = JSON.stringify(whole)
    const cut = text.slice(0, text.indexOf('negative') + 4)
    expect(read(cut, { truncated: true })).toEqual({
      labels: [Y, X, X],
      confidence: [1, 0, 0],
      fault: 'truncated',
      missing: [1, 2],
    })
  })
})

describe('confidence from the label token', () => {
  /** Tokens of a text as cut by hand; at those that begin a label, the choices are given. */
  const tokens = (pieces: readonly (string | [string, Record<string, number>])[]) =>
    pieces.map(piece => {
      const [text, shares] = typeof piece === 'string' ? [piece, { [piece]: 1 }] : piece
      const choices = Object.entries(shares).map(([word, share]) => ({ text: word, logprob: Math.log(share) }))
      return { text, bytes: Buffer.byteLength(text), choices }
    })
  const readTokens = (pieces: Parameters<typeof tokens>[0], cutLeading = 0) => {
    const list = tokens(pieces)
    const content = list.map(({ text }) => text).join('').slice(cutLeading) // biome-ignore format: one line
    return read(content, { tokens: list }, 'pair', 1)
  }
  const near = (value: number) => expect.closeTo(value, 6)

  it('p(positive) over both, whatever else was likely', () => {
    expect(readTokens(['{"label', '":', ' "', ['positive', { positive: 0.6, negative: 0.2, neutral: 0.2 }], '"}'])).toMatchObject({ labels: [Y], confidence: [near(0.75)] }) // biome-ignore format: one line
  })

  it('for a negative too', () => {
    expect(readTokens(['{"label": "', ['neg', { neg: 0.9, pos: 0.1 }], 'ative"}'])).toMatchObject({ labels: [N], confidence: [near(0.1)] }) // biome-ignore format: one line
  })

  it('where the token begins before the label, ends within it, or goes on behind it', () => {
    const choices = { '"pos': 0.5, '"p': 0.1, '"neg': 0.2, '"': 0.1, x: 0.1 }
    expect(readTokens(['{"label":', ['"pos', choices], 'itive"}']).confidence).toEqual([near(0.75)])
    expect(readTokens(['{"label":', ['"positive"}', { '"positive"}': 0.4, '"negative"': 0.4 }]]).confidence).toEqual([near(0.5)]) // biome-ignore format: one line
  })

  it('by bytes, not letters, and past a blank that the server trimmed off', () => {
    expect(readTokens(['{"why": "é", "label": "', ['positive', { positive: 0.3, negative: 0.1 }], '"}']).confidence).toEqual([near(0.75)]) // biome-ignore format: one line
    expect(readTokens([' {"label": "', ['positive', { positive: 0.3, negative: 0.1 }], '"}'], 1).confidence).toEqual([near(0.75)]) // biome-ignore format: one line
  })

  it('without a choice that begins a label, or with tokens of another text, stays what the label says', () => {
    expect(readTokens(['{"label": "', ['positive', { '???': 1 }], '"}']).confidence).toEqual([1])
    expect(read({ label: 'positive' }, { tokens: tokens(['x']) }, 'pair', 1).confidence).toEqual([1])
  })
})
