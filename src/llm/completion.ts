/** The body of a chat completion, as any server that speaks OpenAI's API sends it, and what it holds for us. */
import { z } from 'zod'

/** A token as it was written, and the likeliest choices in its place, itself among them or not. */
export interface TokenChoice {
  /** its bytes as text; an incomplete character is cut */
  readonly text: string
  /** its length in bytes */
  readonly bytes: number
  readonly choices: readonly { readonly text: string; readonly logprob: number }[]
}

/** What a model answered, whoever ran it. */
export interface ModelAnswer {
  /** its text; null or empty when there is none */
  readonly content: string | null
  /** the text of a refusal */
  readonly refusal?: string | undefined
  /** whether the text ends because there was no room for more */
  readonly truncated: boolean
  /** whether the model thought in another place than its answer */
  readonly reasoned?: boolean
  /** the tokens of `content`, in order, with the likeliest choices at each */
  readonly tokens?: readonly TokenChoice[] | undefined
}

const tokenSchema = z.object({
  token: z.string(),
  logprob: z.number().nullish(),
  bytes: z.array(z.number()).nullish(),
})

/** Some servers send content piece by piece: thoughts and text, each with its type. */
const partSchema = z.object({ type: z.string().optional(), text: z.string().nullish(), refusal: z.string().nullish() })

/** What a server says beside its answer is of no use where it is written in another way, and no reason to ask again. */
const word = z.string().nullish().catch(undefined)
const amount = z.coerce.number().min(0).catch(0).nullish()
const called = z.object({ arguments: z.unknown() }).nullish().catch(undefined)

const messageSchema = z.object({
  content: z
    .union([z.string(), z.array(z.union([partSchema, z.string()])), z.record(z.string(), z.unknown())])
    .nullish(),
  refusal: word,
  // servers have two names for what a model thought
  reasoning_content: z.unknown().optional(),
  reasoning: z.unknown().optional(),
  // some answer in a given form by the call of a tool
  tool_calls: z
    .array(z.object({ function: called }))
    .nullish()
    .catch(undefined),
  function_call: called,
})

const choiceSchema = z.object({
  index: z.number().optional().catch(undefined),
  finish_reason: word,
  message: messageSchema,
  logprobs: z
    .object({ content: z.array(tokenSchema.extend({ top_logprobs: z.array(tokenSchema).nullish() })).nullish() })
    .nullish()
    .catch(undefined),
})

const bodySchema = z.object({
  choices: z.array(choiceSchema).min(1),
  usage: z
    .object({
      prompt_tokens: amount,
      completion_tokens: amount,
      prompt_tokens_details: z.object({ cached_tokens: amount }).nullish().catch(undefined),
    })
    .nullish()
    .catch(undefined),
})

/** Tokens that a server says it read and wrote; 0 where it says nothing. */
export interface Usage {
  readonly promptTokens: number
  /** of them, those it had read before */
  readonly cachedTokens: number
  readonly completionTokens: number
}

export interface Completion {
  readonly answer: ModelAnswer
  readonly usage: Usage
}

/** @returns undefined when the text is no chat completion */
export function readCompletion(text: string): Completion | undefined {
  const parsed = bodySchema.safeParse(readBody(text))
  if (!parsed.success) return undefined
  const { choices, usage } = parsed.data
  const { message, finish_reason, logprobs } = choices.find(({ index }) => index === 0) ?? choices[0]
  const parts = partsOf(message.content)
  const texts = parts.filter(({ type = 'text' }) => type === 'text' || type === 'output_text')
  const content = texts.length > 0 ? texts.map(({ text }) => text ?? '').join('') : null
  const call = message.tool_calls?.[0]?.function ?? message.function_call
  const argument = content?.trim() ? undefined : call?.arguments
  const tokens = argument === undefined ? logprobs?.content : undefined
  const refusal = message.refusal || parts.find(part => part.refusal)?.refusal
  return {
    answer: {
      content: typeof argument === 'string' ? argument : argument == null ? content : JSON.stringify(argument),
      refusal: refusal || (finish_reason === 'content_filter' ? 'content filter' : undefined),
      truncated: /^(length|max_tokens)$/i.test(finish_reason ?? ''),
      ...((message.reasoning_content || message.reasoning || parts.length > texts.length) && { reasoned: true }),
      ...(tokens && { tokens: tokens.map(readToken) }),
    },
    usage: {
      promptTokens: usage?.prompt_tokens ?? 0,
      cachedTokens: usage?.prompt_tokens_details?.cached_tokens ?? 0,
      completionTokens: usage?.completion_tokens ?? 0,
    },
  }
}

/** The answer in a body that is kept: nothing where it is no chat completion. */
export const answerIn = (body: string): ModelAnswer =>
  readCompletion(body)?.answer ?? { content: null, truncated: false }

function partsOf(content: z.output<typeof messageSchema>['content']): z.output<typeof partSchema>[] {
  if (content === null || content === undefined) return []
  if (typeof content === 'string') return [{ text: content }]
  if (Array.isArray(content)) return content.map(part => (typeof part === 'string' ? { text: part } : part))
  // one part, or JSON that the server has read already
  const part = 'text' in content ? partSchema.safeParse(content) : undefined
  return [part?.success ? part.data : { text: JSON.stringify(content) }]
}

/**
 * A reply as one JSON value: also where a server streams though nobody asked it to, or keeps the line open with comments.
 * @returns undefined when it is none, or a stream without its end
 */
export function readBody(text: string): unknown {
  const body = text.replace(/^\ufeff/, '').replace(/^(\s*:[^\n]*(\n|$))+/, '')
  if (!/^\s*(data|event|id|retry):/.test(body)) return parseJson(body)
  const events = [...body.matchAll(/^data:(.*)$/gm)].map(([, data]) => parseJson(data)).filter(event => Object(event) === event) // biome-ignore format: one line
  const whole = events.find(event => Object(event).error || Object(event).choices?.[0]?.message)
  if (whole) return whole
  const chunks = events.map(event => chunkSchema.safeParse(event).data).filter(chunk => chunk !== undefined)
  const choices = chunks.flatMap(({ choices }) => choices.filter(({ index = 0 }) => index === 0))
  const finish_reason = choices.findLast(({ finish_reason }) => finish_reason)?.finish_reason
  if (!finish_reason) return
  const joined = (key: 'content' | 'reasoning_content' | 'reasoning' | 'refusal') =>
    choices.map(({ delta }) => delta?.[key] ?? '').join('') || null
  const deltas = { content: joined('content'), refusal: joined('refusal'), reasoning_content: joined('reasoning_content'), reasoning: joined('reasoning') } // biome-ignore format: one line
  const tokens = choices.flatMap(({ logprobs }) => logprobs?.content ?? [])
  const usage = chunks.findLast(({ usage }) => usage)?.usage
  return {
    choices: [{ finish_reason, message: deltas, ...(tokens.length && { logprobs: { content: tokens } }) }],
    usage,
  }
}

const chunkSchema = z.object({
  choices: z
    .array(
      z.object({
        index: z.number().optional(),
        finish_reason: word,
        delta: z.object({ content: word, reasoning_content: word, reasoning: word, refusal: word }).nullish(),
        logprobs: z
          .object({ content: z.array(z.unknown()).nullish() })
          .nullish()
          .catch(undefined),
      }),
    )
    .catch([]),
  usage: z.unknown().optional(),
})

function readToken(
  token: z.output<typeof tokenSchema> & { top_logprobs?: z.output<typeof tokenSchema>[] | null | undefined },
): TokenChoice {
  const alternatives = token.top_logprobs?.length ? token.top_logprobs : [token]
  return {
    text: textOf(token),
    bytes: token.bytes?.length ?? Buffer.byteLength(token.token),
    choices: alternatives.map(choice => ({
      text: textOf(choice),
      logprob: choice.logprob ?? Number.NEGATIVE_INFINITY,
    })),
  }
}

/** A token may be part of a character: its bytes say more than its text. */
function textOf({ token, bytes }: z.output<typeof tokenSchema>): string {
  return bytes ? Buffer.from(bytes).toString() : token
}

/** undefined when it is none */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
