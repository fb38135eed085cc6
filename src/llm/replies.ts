/** What a reply of a server means: an answer, something to try again, or something that no trying helps. */
import { RunError } from '../errors.ts'
import { type Completion, readBody, readCompletion } from './completion.ts'
import { ConnectionFault, type Headers, type HttpReply } from './http.ts'

export type Outcome = FinalOutcome | RetryOutcome | FatalOutcome

/** What a prompt is done with. */
export type FinalOutcome =
  | { readonly kind: 'completion'; readonly completion: Completion; readonly body: string; readonly pause?: number }
  /** the prompt is longer than the model's context */
  | { readonly kind: 'overflow'; readonly body: string }
  /** this prompt is not answered, however often it is asked */
  | { readonly kind: 'error'; readonly body: string }

/** Asking again may help. */
export interface RetryOutcome {
  readonly kind: 'retry'
  readonly reason: RetryReason
  readonly detail: string
  /** seconds that the server asks to wait */
  readonly pause?: number
}

/** Nothing that is sent to this endpoint will be answered. */
export interface FatalOutcome {
  readonly kind: 'fatal'
  readonly detail: string
  /** the field of the request that the server does not take */
  readonly parameter?: string
  /** whether it may pass: an endpoint that has answered before is asked again */
  readonly doubtful?: true
}

/**
 * `rate-limit`: too much at once. `connection`: nobody there, so nothing was sent. `unavailable`: HTTP 503, as while a model loads.
 * `server`: HTTP 408, 409 or another 5xx. `reset`: the connection broke. `garbled`: the body is no chat completion.
 */
export type RetryReason = 'rate-limit' | 'connection' | 'unavailable' | 'timeout' | 'reset' | 'server' | 'garbled'

/** Statuses that say something of the endpoint, the key or the model, not of the prompt. */
const FATAL = new Set([401, 402, 403, 404, 405])
const OVERFLOW =
  /context.{0,20}(length|window|size)|context_length|maximum.{0,20}tokens|too many tokens|prompt is too long|exceeds? the (available|model)/i

export function readReply(reply: HttpReply): Outcome {
  const { status, headers, body } = reply
  const pause = pauseOf(reply)
  const waiting = pause === undefined ? {} : { pause }
  const isPage = /^\s*<(!doctype|html|head|body)\b/i.test(body)
  if (isPage && (status < 300 || status === 400))
    return { kind: 'fatal', detail: `HTTP ${status} with a page of HTML (${messageIn(body)}), which no API sends`, doubtful: true } // biome-ignore format: one line
  if (status >= 300 && status < 400)
    return { kind: 'fatal', detail: `HTTP ${status}, redirected to ${headerOf(headers, 'location') ?? 'no address'}: give the address itself` } // biome-ignore format: one line
  if (status < 300) {
    const hidden = statusWithin(body)
    if (hidden !== undefined) return readReply({ ...reply, status: hidden })
    const completion = readCompletion(body)
    if (completion) return { kind: 'completion', completion, body, ...waiting }
    return { kind: 'retry', reason: 'garbled', detail: `the body is no chat completion: ${excerpt(body)}` }
  }
  const detail = `HTTP ${status} ${messageIn(body)}`.trim()
  if (isQuota(status, body, pause)) return { kind: 'fatal', detail }
  if (status === 413 || ([400, 422, 500].includes(status) && OVERFLOW.test(body))) return { kind: 'overflow', body }
  if (status === 429 || (status === 503 && headers['retry-after'] !== undefined))
    return { kind: 'retry', reason: 'rate-limit', detail, ...waiting }
  if (status === 503) return { kind: 'retry', reason: 'unavailable', detail, ...waiting }
  if (status === 408 || status === 409 || status >= 500) return { kind: 'retry', reason: 'server', detail, ...waiting }
  if (FATAL.has(status)) return { kind: 'fatal', detail }
  const parameter = status === 400 || status === 422 ? refusedParameter(body) : undefined
  if (parameter !== undefined) return { kind: 'fatal', detail, parameter }
  return { kind: 'error', body: body || detail }
}

export function readFailure(error: unknown): Outcome {
  if (!(error instanceof ConnectionFault)) throw error
  if (error.kind === 'certificate')
    return { kind: 'fatal', detail: `${error.message}: check http or https, or name who signed by NODE_EXTRA_CA_CERTS` }
  return { kind: 'retry', reason: error.kind, detail: error.message }
}

/**
 * Some servers say 429 also when the money or the day's share has run out, which waiting does not bring back; where they name
 * a short time to wait, it is a rate limit all the same (Gemini says "quota" of both).
 */
function isQuota(status: number, body: string, pause: number | undefined): boolean {
  if (status !== 429 && status !== 400) return false
  if (/insufficient_quota|billing_hard_limit|PerDay|per-day|insufficient balance|arrearage|余额不足|欠费/i.test(body))
    return true
  if (status === 400) return false
  return (
    pause === undefined &&
    /exceeded your (current|monthly) quota|(credit|balance)\w* (is|are|has|too|exhausted)/i.test(body)
  )
}

/** What names of errors mean, where they stand for a status. */
const MEANINGS: readonly [names: RegExp, status: number][] = [
  [/quota|rate_?limit|throttl|too_?many|balance|billing/i, 429],
  [/api_?key|auth|permission|forbidden/i, 401],
  [/not_?found/i, 404],
  [/overload|unavailable/i, 503],
  [/invalid|bad_?request|context/i, 400],
]

/** Routers pass errors on within a reply that says 200: the status of such an error, 500 when it names none. */
function statusWithin(body: string): number | undefined {
  if (!/"(error|errors|base_resp)"/.test(body)) return undefined
  const error = errorIn(Object(readBody(body)))
  if (!error) return undefined
  const { code, status, type, status_code } = Object(error)
  const names = [code, status, status_code, type]
  const named = names.map(Number).find(number => number >= 400 && number < 600)
  return named ?? MEANINGS.find(([meant]) => names.some(name => typeof name === 'string' && meant.test(name)))?.[1] ?? 500 // biome-ignore format: one line
}

/** Where the servers put an error, each in its way. */
function errorIn(reply: Record<string, unknown>): unknown {
  const { error, errors, base_resp, choices } = reply as Record<string, Record<string | number, unknown> | undefined>
  const isError = reply.object === 'error' || reply.type === 'error'
  return (
    error ||
    (isError && reply) ||
    Object(choices?.[0]).error ||
    (!choices && errors?.[0]) ||
    (base_resp?.status_code ? base_resp : undefined)
  )
}

/** What the server says of an error, in one line. */
export function messageIn(body: string): string {
  const page = /^\s*</.test(body) ? (/<title>(.*?)<\/title>/is.exec(body)?.[1] ?? body.replace(/<[^>]*>/g, ' ')) : ''
  if (page.trim()) return excerpt(page)
  const reply = Object(readBody(body))
  const error = errorIn(reply)
  const { message, detail } = reply
  const text = Object(error).message ?? Object(error).status_msg ?? (typeof error === 'string' ? error : undefined) ?? message ?? detail // biome-ignore format: one line
  return excerpt(typeof text === 'string' ? text : body)
}

function excerpt(text: string): string {
  const line = text.replace(/\s+/g, ' ').trim()
  return line.length > 200 ? `${line.slice(0, 200)}…` : line
}

/** In the words of an error: OpenAI "Please try again in 7m12s", Gemini "retryDelay": "23s". */
const WAIT_IN_WORDS =
  /(?:try again|retry) (?:in|after) ((?:\d+(?:\.\d+)?\s?(?:ms|s|m|h|d))+)|"retryDelay":\s*"([^"]+)"/i

/** Seconds to wait, by the first of headers and words that says so; undefined when none does. */
function pauseOf({ status, headers, body }: HttpReply): number | undefined {
  const after = retryAfter(headers)
  if (after !== undefined) return after
  const waits = ['requests', 'tokens']
    .filter(what => status === 429 || headerOf(headers, `x-ratelimit-remaining-${what}`) === '0')
    .map(what => parseDuration(headerOf(headers, `x-ratelimit-reset-${what}`) ?? ''))
    .filter(seconds => seconds !== undefined)
  if (waits.length > 0) return Math.max(...waits)
  const words = status === 429 ? WAIT_IN_WORDS.exec(body) : undefined
  return words ? parseDuration((words[1] ?? words[2]).replace(/\s/g, '')) : undefined
}

function retryAfter(headers: Headers): number | undefined {
  const ms = Number(headerOf(headers, 'retry-after-ms') ?? Number.NaN)
  if (ms >= 0) return ms / 1000
  const text = headerOf(headers, 'retry-after')
  if (text === undefined) return undefined
  const duration = parseDuration(text)
  if (duration !== undefined) return duration
  // a date: compared with the server's own clock, not ours
  const seconds = (Date.parse(text) - Date.parse(headerOf(headers, 'date') ?? '')) / 1000
  return Number.isNaN(seconds) ? undefined : Math.max(0, seconds)
}

function headerOf(headers: Headers, name: string): string | undefined {
  const value = headers[name]
  return Array.isArray(value) ? value[0] : value
}

const UNITS: Readonly<Record<string, number>> = { ms: 0.001, s: 1, m: 60, h: 3600, d: 86400 }

/** "6m0s", "120ms", "1.5s" or "7": seconds. */
export function parseDuration(text: string): number | undefined {
  if (/^\d+(\.\d+)?$/.test(text)) return Number(text)
  const parts = [...text.matchAll(/(\d+(?:\.\d+)?)(ms|s|m|h|d)/g)]
  if (parts.length === 0 || parts.map(([part]) => part).join('') !== text) return undefined
  return parts.reduce((sum, [, amount, unit]) => sum + Number(amount) * UNITS[unit], 0)
}

/** A server's no to a field: the same request without it may be answered. */
export class ParameterRefused extends RunError {
  readonly parameter: string

  constructor(url: string, parameter: string, detail: string) {
    super(
      `${url} does not take "${parameter}" (${detail}): --parameters auto leaves out what a server refuses; reasoning, openai, vllm and plain are fixed sets`,
    )
    this.parameter = parameter
  }
}

const KNOWN =
  /max_completion_tokens|max_tokens|temperature|seed|response_format|top_logprobs|logprobs|reasoning_effort/g
const REFUSAL =
  /unsupported|n[o']t support|unrecogni[sz]ed|unknown|not permitted|extra_forbidden|unexpected|invalid param|unavailable|deprecated|not allowed/i

/** The field that a reply with status 400 or 422 refuses; undefined when it is about something else. */
export function refusedParameter(body: string): string | undefined {
  if (!REFUSAL.test(body)) return undefined
  const named = /"param":\s*"(\w+)/.exec(body)?.[1]
  return [...(named ?? '').matchAll(KNOWN), ...body.matchAll(KNOWN)][0]?.[0]
}
