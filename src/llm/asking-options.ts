/** How a language model is asked: nothing here changes a verdict, so none of it is part of a prompt's `custom_id`. */
import { z } from 'zod'

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
    .describe('where servers speak the chat-completions API, up to and with /v1; a user’s prompts go to one of them'),
  apiKeyEnv: z
    .string()
    .min(1)
    .default('OPENAI_API_KEY')
    .describe('environment variable with the API key; the key is never written anywhere'),
  header: z
    .array(z.string().regex(/^[\w-]+=/, 'expected NAME=VALUE; a value with commas comes by NAME=env:VARIABLE'))
    .default([])
    .refine(
      headers => headers.every(header => !/^[^=]*(auth|key|token|secret|cookie)[^=]*=(?!env:)/i.test(header)),
      'expected a secret as NAME=env:VARIABLE: options are written to the run',
    )
    .describe('further headers, NAME=VALUE; NAME=env:VARIABLE takes the value from the environment'),
  concurrency: z
    .int()
    .min(1)
    .max(4096)
    .default(64)
    .describe('requests in flight to one server, at most; how many there are follows what it bears')
    .meta({ unit: 'requests' }),
  timeout: z.number().gt(0).max(86_400).default(600).describe('longest wait for one answer').meta({ unit: 'seconds' }),
  retries: z
    .int()
    .min(0)
    .max(100)
    .default(6)
    .describe('tries after the first of a prompt that meets errors of the server; rate limits do not count')
    .meta({ unit: 'tries' }),
  outage: z
    .number()
    .min(0)
    .max(86_400)
    .default(120)
    .describe('how long no server may answer before the command gives up, resumable')
    .meta({ unit: 'seconds' }),
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
    .describe('the most that the answers of this model in this run directory may cost in all; needs --prices'),
  maxTokens: z
    .number()
    .gt(0)
    .optional()
    .describe('the most tokens, read and written, of this model in this run directory in all; 20M is 20 million')
    .meta({ unit: 'tokens' }),
  maxMinutes: z.number().gt(0).optional().describe('nothing more is asked after this time').meta({ unit: 'minutes' }),
  failOnError: z
    .number()
    .min(0)
    .max(1)
    .default(0.2)
    .describe('stop when more than this share of the prompts, of 20 or more, get no answer or one without any verdict')
    .meta({ unit: 'share; 5% is 0.05' }),
})

export type AskingOptions = z.output<typeof askingOptions>
