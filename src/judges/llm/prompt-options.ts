/** The options that decide what a language model is asked: they are part of every prompt's `custom_id`. */
import { z } from 'zod'
import { promptModes } from '../prompt.ts'

export const promptOptions = z.object({
  llmModel: z.string().min(1).describe('name of the language model, as its server lists it'),
  mode: z
    .enum(promptModes)
    .default('user')
    .describe(
      'all candidates of a user in one prompt, one candidate a prompt (as in the paper; many times the tokens), or as user in fewer tokens',
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
    .describe('longest answer; if not given, what the verdicts need with some room; models that think need more')
    .meta({ unit: 'tokens' }),
})

export type PromptOptions = z.output<typeof promptOptions>
