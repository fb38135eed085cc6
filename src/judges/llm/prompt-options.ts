/** The options that decide what a language model is asked: they are part of every prompt's `custom_id`. */
import { z } from 'zod'
import { promptModes } from '../prompt.ts'

export const promptOptions = z.object({
  llmModel: z.string().min(1).describe('name of the language model, as its server lists it'),
  mode: z
    .enum(promptModes)
    .default('user')
    .describe(
      'all candidates of a user in one prompt, one candidate per prompt (as in the paper; many times the tokens), as user in fewer tokens, with titles in place of codes, or with both; titles come from --items',
    ),
  logprobs: z
    .boolean()
    .default(false)
    .describe('ask for the probabilities of the labels: confidence is p(positive) / (p(positive) + p(negative))'),
  responseFormat: z
    .enum(['json_schema', 'exact_schema', 'json_object', 'none'])
    .default('json_schema')
    .describe(
      'what the server is told of the form of an answer; exact_schema: also which verdict follows which, for models that stop early, do not stop or count from 1, where the server’s grammars know prefixItems; less than json_schema for servers that do not know it',
    ),
  parameters: z
    .enum(['auto', 'openai', 'reasoning', 'vllm', 'plain'])
    .default('auto')
    .describe(
      'fields of a request; auto: temperature, seed, max_tokens and response_format, without those that the server refuses; openai: with max_completion_tokens; reasoning: that and response_format alone, with room for thoughts; vllm: as auto, with thinking off; plain: max_tokens alone',
    ),
  reasoningEffort: z
    .string()
    .min(1)
    .optional()
    .describe('reasoning_effort of models that think: none, minimal, low, medium, high, or what the model knows'),
  extraBody: z
    .string()
    .refine(isObject, 'expected a JSON object such as {"top_k": 1}')
    .optional()
    .describe('JSON object of further fields of every request; they stand over all others'),
  contextTokens: z
    .int()
    .min(512)
    .max(10_000_000)
    .default(8192)
    .describe('context of the model; a history that does not fit is cut by recency and tree diversity')
    .meta({ unit: 'tokens' }),
  maxOutputTokens: z
    .int()
    .min(8)
    .max(1_000_000)
    .optional()
    .describe(
      'longest answer; if not given, what the verdicts need with some room; a retry has twice as much each time',
    )
    .meta({ unit: 'tokens' }),
})

function isObject(text: string): boolean {
  try {
    return Object.prototype.toString.call(JSON.parse(text)) === '[object Object]'
  } catch {
    return false
  }
}

export type PromptOptions = z.output<typeof promptOptions>
