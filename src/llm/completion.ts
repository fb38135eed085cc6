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

const bodySchema = z.object({
  choices: z
    .array(
      z.object({
        finish_reason: z.string().nullish(),
        message: z.object({
          content: z.union([z.string(), z.array(partSchema)]).nullish(),
          refusal: z.string().nullish(),
          // servers have two names for what a model thought
          reasoning_content: z.unknown().optional(),
          reasoning: z.unknown().optional(),
        }),
        logprobs: z
          .object({ content: z.array(tokenSchema.extend({ top_logprobs: z.array(tokenSchema).nullish() })).nullish() })
          .nullish(),
      }),
    )
    .min(1),
  usage: z
    .object({
      prompt_tokens: z.number().nullish(),
      completion_tokens: z.number().nullish(),
      prompt_tokens_details: z.object({ cached_tokens: z.number().nullish() }).nullish(),
    })
    .nullish(),
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
  const parsed = bodySchema.safeParse(parseJson(text))
  if (!parsed.success) return undefined
  const { choices, usage } = parsed.data
  const [{ message, finish_reason, logprobs }] = choices
  const { content: tokens } = logprobs ?? {}
  const parts = typeof message.content === 'string' ? [{ text: message.content }] : (message.content ?? [])
  const texts = parts.filter(({ type = 'text' }) => type === 'text' || type === 'output_text')
  const refusal = message.refusal || parts.find(part => part.refusal)?.refusal
  return {
    answer: {
      content: texts.length > 0 ? texts.map(({ text }) => text ?? '').join('') : null,
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
