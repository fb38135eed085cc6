/** Which fields a request has: servers and models know different ones, and refuse a request over one that they do not. */
import { answerSchema, exactSchema } from '../prompt.ts'
import type { PromptOptions } from './prompt-options.ts'

/** Tokens for thoughts before the answer, of models that think. */
const THOUGHTS = 4096
/** Of attempts after the first: greedy, the same words get the same answer whatever the seed. */
const RETRY_TEMPERATURE = 0.5
/** The likeliest tokens that are told with each: some write a label in several ways. */
const TOP_LOGPROBS = 8

const CLASSIC = ['temperature', 'seed', 'max_tokens', 'response_format']
/** The fields of each profile; `auto` begins with all, and leaves out what the server refuses. */
const FIELDS: Readonly<Record<PromptOptions['parameters'], readonly string[]>> = {
  auto: CLASSIC,
  vllm: CLASSIC,
  openai: ['temperature', 'seed', 'max_completion_tokens', 'response_format'],
  reasoning: ['max_completion_tokens', 'response_format'],
  plain: ['max_tokens'],
}
/** What takes the place of a field that is refused. */
const INSTEAD: Readonly<Record<string, string>> = {
  max_tokens: 'max_completion_tokens',
  response_format: 'response_format.json_object',
}

/** The fields that are sent. @param refused as `refusalOf` names them */
function fieldsOf({ parameters }: PromptOptions, refused: readonly string[]): string[] {
  const replaced = (field: string): string[] =>
    refused.includes(field) ? (INSTEAD[field] ? replaced(INSTEAD[field]) : []) : [field]
  return FIELDS[parameters].flatMap(replaced)
}

/** The name under which a refusal is kept; undefined when no request can do without that field. */
export function refusalOf(options: PromptOptions, refused: readonly string[], parameter: string): string | undefined {
  if (options.parameters !== 'auto') return undefined
  return fieldsOf(options, refused).find(field => field.split('.')[0] === parameter)
}

/** Tokens for thoughts that an answer may begin with: where the model is one that thinks. */
export function roomForThoughts(options: PromptOptions, refused: readonly string[]): number {
  return options.parameters === 'reasoning' || refused.includes('max_tokens') ? THOUGHTS : 0
}

export interface RequestShape {
  /** candidates */
  readonly count: number
  readonly attempt: number
  readonly seed: number
  readonly maxTokens: number
}

/** Everything of a request but model and messages. */
export function requestFields(options: PromptOptions, refused: readonly string[], shape: RequestShape) {
  const { mode, responseFormat, logprobs, reasoningEffort, extraBody } = options
  const { count, attempt, seed, maxTokens } = shape
  const bySchema = (schema: object) => ({
    response_format: { type: 'json_schema', json_schema: { name: 'verdicts', strict: true, schema } },
  })
  const jsonObject = { response_format: { type: 'json_object' } }
  const formats = {
    json_schema: () => bySchema(answerSchema(mode)),
    exact_schema: () => bySchema(exactSchema(mode, count)),
    json_object: () => jsonObject,
    none: () => ({}),
  }
  const values: Readonly<Record<string, () => object>> = {
    temperature: () => ({ temperature: attempt > 1 ? RETRY_TEMPERATURE : 0 }),
    seed: () => ({ seed: seed + attempt - 1 }),
    max_tokens: () => ({ max_tokens: maxTokens }),
    max_completion_tokens: () => ({ max_completion_tokens: maxTokens }),
    response_format: formats[responseFormat],
    'response_format.json_object': () => (responseFormat === 'none' ? {} : jsonObject),
  }
  return Object.assign(
    {},
    ...fieldsOf(options, refused).map(field => values[field]()),
    logprobs && { logprobs: true, top_logprobs: TOP_LOGPROBS },
    reasoningEffort !== undefined && { reasoning_effort: reasoningEffort },
    // hybrid models think unless they are told not to
    options.parameters === 'vllm' && { chat_template_kwargs: { enable_thinking: false } },
    extraBody !== undefined && JSON.parse(extraBody),
  )
}
