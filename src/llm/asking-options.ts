/** How a language model is asked: nothing here changes a verdict, so none of it is part of a prompt's `custom_id`. */
import { z } from 'zod'
import { integer, number, text } from '../options.ts'

export const askingOptions = z.object({
  baseUrl: z
    .array(
      z
        .url({ protocol: /^https?$/, error: 'expected http(s) URLs such as http://localhost:8000/v1' })
        .refine(
          url => !URL.parse(url)?.username,
          'expected a URL without a key in it: name a variable with --api-key-env',
        ),
    )
    .default([])
    .describe('servers with the chat-completions API, with /v1; a user’s prompts go to one of them'),
  apiKeyEnv: text
    .default('OPENAI_API_KEY')
    .describe('environment variable with the key; the key is never written anywhere'),
  header: z
    .array(z.string().regex(/^[\w-]+=/, 'expected NAME=VALUE; a value with commas comes by NAME=env:VARIABLE'))
    .default([])
    .refine(
      headers => headers.every(header => !/^[^=]*(auth|key|token|secret|cookie)[^=]*=(?!env:)/i.test(header)),
      'expected a secret as NAME=env:VARIABLE: options are written to the run',
    )
    .describe('further headers, NAME=VALUE; NAME=env:VARIABLE takes the value from the environment'),
  concurrency: integer(1, 4096, 'requests')
    .default(64)
    .describe('requests in flight to one server, at most; adapts to the server'),
  timeout: z.number().gt(0).max(86_400).default(600).describe('longest wait for one answer').meta({ unit: 'seconds' }),
  retries: integer(0, 100, 'tries')
    .default(6)
    .describe('retries of a prompt after server errors; rate limits do not count'),
  outage: number(0, 86_400, 'seconds').default(120).describe('time without any answer before giving up; resumable'),
  prices: z
    .string()
    .optional()
    .describe(
      'JSON file of prices: {"currency": "USD", "models": {"name": {"input": 0.15, "output": 0.6}}} per million tokens',
    ),
  maxCost: z
    .number()
    .gt(0)
    .optional()
    .describe('most that this model may cost; in this run directory, over all sessions; needs --prices'),
  maxTokens: z
    .number()
    .gt(0)
    .optional()
    .describe(
      'most tokens, read and written; of this model in this run directory, over all sessions; 20M is 20 million',
    )
    .meta({ unit: 'tokens' }),
  maxMinutes: z.number().gt(0).optional().describe('time after which nothing more is asked').meta({ unit: 'minutes' }),
  failOnError: number(0, 1, 'share; 5% is 0.05')
    .default(0.2)
    .describe('largest share of prompts without a verdict; of 20 or more, before the command stops'),
})

export type AskingOptions = z.output<typeof askingOptions>
