import { expect, it } from 'vitest'
import { readCompletion } from '../../src/llm/completion.ts'

const body = (message: object, more: object = {}, usage?: object) =>
  JSON.stringify({ choices: [{ message, finish_reason: 'stop', ...more }], usage })

it('takes text, usage and tokens out of a completion', () => {
  const token = { token: 'é', logprob: -0.1, bytes: [195], top_logprobs: [{ token: 'x', logprob: -1, bytes: null }] }
  const usage = { prompt_tokens: 10, completion_tokens: 3, prompt_tokens_details: { cached_tokens: 8 } }
  expect(readCompletion(body({ content: 'é' }, { logprobs: { content: [token] } }, usage))).toEqual({
    answer: {
      content: 'é',
      refusal: undefined,
      truncated: false,
      tokens: [{ text: '\ufffd', bytes: 1, choices: [{ text: 'x', logprob: -1 }] }],
    },
    usage: { promptTokens: 10, cachedTokens: 8, completionTokens: 3 },
  })
})

it('knows a cut answer and a refusal, in either form', () => {
  expect(readCompletion(body({ content: '{' }, { finish_reason: 'length' }))!.answer.truncated).toBe(true)
  expect(readCompletion(body({ content: null, refusal: 'no' }))!.answer.refusal).toBe('no')
  expect(readCompletion(body({ content: '' }, { finish_reason: 'content_filter' }))!.answer.refusal).toBe(
    'content filter',
  )
  expect(readCompletion(body({ content: 'x' }))!.usage).toEqual({
    promptTokens: 0,
    cachedTokens: 0,
    completionTokens: 0,
  })
})

it('is not a completion: half a body, no choices, a page of HTML', () => {
  for (const text of ['{"choices": [{"mess', '{"choices": []}', '<html>502</html>', 'null', ''])
    expect(readCompletion(text)).toBeUndefined()
})

it('reads content in parts, and tells thoughts from text', () => {
  const thought = { type: 'thinking', thinking: [{ type: 'text', text: 'hm' }] }
  const parts = [thought, { type: 'text', text: '{"label": ' }, { type: 'text', text: '"positive"}' }]
  expect(readCompletion(body({ content: parts }))!.answer).toMatchObject({
    content: '{"label": "positive"}',
    reasoned: true,
  })
  expect(readCompletion(body({ content: [thought] }))!.answer).toMatchObject({ content: null, reasoned: true })
  expect(readCompletion(body({ content: [{ type: 'refusal', refusal: 'no' }] }))!.answer.refusal).toBe('no')
  for (const key of ['reasoning', 'reasoning_content'])
    expect(readCompletion(body({ content: null, [key]: 'x' }))!.answer).toMatchObject({ content: null, reasoned: true })
  expect(readCompletion(body({ content: 'x', reasoning: null }))!.answer).not.toHaveProperty('reasoned')
})

it('reads what an answer holds where its content is empty or in another form', () => {
  const json = { label: 'positive' }
  const text = JSON.stringify(json)
  const call = { function: { name: 'answer', arguments: text } }
  for (const message of [
    { content: null, tool_calls: [call] },
    { content: ' ', tool_calls: [{ function: { arguments: json } }] },
    { content: null, function_call: call.function },
    { content: json },
    { content: { type: 'text', text } },
    { content: [text] },
  ])
    expect(readCompletion(body(message))!.answer.content).toBe(text)
  // tokens are those of the content
  const logprobs = { content: [{ token: 'x', logprob: 0 }] }
  expect(readCompletion(body({ content: null, tool_calls: [call] }, { logprobs }))!.answer).not.toHaveProperty('tokens')
})

it('is not asked again for what stands beside its text in another way', () => {
  const odd = { finish_reason: 1, logprobs: { tokens: ['x'], token_logprobs: [0] } }
  const usage = { prompt_tokens: '12', completion_tokens: 3.5, prompt_tokens_details: [] }
  expect(readCompletion(body({ content: 'x', refusal: false }, odd, usage))).toMatchObject({
    answer: { content: 'x', refusal: undefined, truncated: false },
    usage: { promptTokens: 12, completionTokens: 3.5 },
  })
  const two = {
    choices: [
      { index: 1, message: { content: 'b' } },
      { index: 0, message: { content: 'a' } },
    ],
  }
  expect(readCompletion(`\ufeff\n${JSON.stringify(two)}`)!.answer.content).toBe('a')
})

it('reads a stream that nobody asked for, whole or not at all', () => {
  const chunk = (delta: object, more: object = {}) => `data: ${JSON.stringify({ choices: [{ index: 0, delta, ...more }], usage: null })}\n\n` // biome-ignore format: one line
  const token = (text: string) => ({ logprobs: { content: [{ token: text, logprob: -1 }] } })
  const other = `data: ${JSON.stringify({ choices: [{ index: 1, delta: { content: 'z' } }] })}\n\n`
  const begun = `: keep-alive\n\n${chunk({ role: 'assistant', reasoning_content: 'hm' })}${chunk({ content: 'a' }, token('a'))}${other}${chunk({ content: 'b' }, token('b'))}`
  const usage = `data: ${JSON.stringify({ choices: [], usage: { prompt_tokens: 7, completion_tokens: 2 } })}\n\n`
  const read = readCompletion(`${begun}${chunk({}, { finish_reason: 'length' })}${usage}data: [DONE]\n\n`)!
  expect(read.answer).toMatchObject({ content: 'ab', truncated: true, reasoned: true })
  expect(read.answer.tokens?.map(({ text }) => text)).toEqual(['a', 'b'])
  expect(read.usage).toEqual({ promptTokens: 7, cachedTokens: 0, completionTokens: 2 })
  expect(readCompletion(begun)).toBeUndefined()
  // comments that keep the line open, ahead of a plain body
  expect(readCompletion(`: PROCESSING\n\n: PROCESSING\n\n${body({ content: 'x' })}`)!.answer.content).toBe('x')
})
