/** The options that decide what a language model is asked: they are part of every prompt's `custom_id`. */
import { z } from 'zod'
import { parseJson } from '../../llm/completion.ts'
import { choice, flag, integer, text } from '../../options.ts'
import { promptModes } from '../prompt.ts'

const isObject = (json: string) => Object.prototype.toString.call(parseJson(json)) === '[object Object]'

export const promptOptions = z.object({
  llmModel: text.describe('language model, as its server names it'),
  mode: choice(promptModes).describe(
    'what a prompt has; user: all candidates of a user; pair: one candidate, as in the paper, many times the tokens; compact: as user in fewer tokens; text: titles (--items) in place of codes; both: titles and codes',
  ),
  logprobs: flag.describe('confidence from label probabilities: p(positive) / (p(positive) + p(negative))'),
  responseFormat: choice(['json_schema', 'exact_schema', 'json_object', 'none']).describe(
    'how the form of an answer is requested; exact_schema: also which verdict follows which, for models that stop early, do not stop or count from 1, where the server’s grammars know prefixItems; less than json_schema for servers that do not know it',
  ),
  parameters: choice(['auto', 'openai', 'reasoning', 'vllm', 'plain']).describe(
    'fields of a request; auto: temperature, seed, max_tokens and response_format, without those that the server refuses; openai: with max_completion_tokens; reasoning: that and response_format alone, with room for thoughts; vllm: as auto, without thinking; plain: max_tokens alone',
  ),
  reasoningEffort: text
    .optional()
    .describe('reasoning_effort in requests: none, minimal, low, medium, high, or what the model knows'),
  extraBody: z
    .string()
    .refine(isObject, 'expected a JSON object such as {"top_k": 1}')
    .optional()
    .describe('further fields of requests, a JSON object; they override all others'),
  contextTokens: integer(512, 10_000_000, 'tokens')
    .default(8192)
    .describe('context of the model; a history that does not fit is cut by recency and tree diversity'),
  maxOutputTokens: integer(8, 1_000_000, 'tokens')
    .optional()
    .describe('longest answer, by default what verdicts need; a retry has twice as much each time'),
})

export type PromptOptions = z.output<typeof promptOptions>
