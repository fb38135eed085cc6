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
