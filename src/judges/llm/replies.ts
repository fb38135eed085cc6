/** What a reply of a server means: an answer, something to try again, or something that no trying helps. */
import type { IncomingHttpHeaders } from 'node:http'
import { type Completion, readCompletion } from '../completion.ts'
import { ConnectionFault, type HttpReply } from './http.ts'

export type Outcome =
  | { readonly kind: 'completion'; readonly completion: Completion; readonly body: string; readonly pause?: number }
  /** the prompt is longer than the model's context */
  | { readonly kind: 'overflow'; readonly body: string }
  /** this prompt is not answered, however often it is asked */
  | { readonly kind: 'error'; readonly body: string }
  /** asking again may help */
  | {
      readonly kind: 'retry'
      readonly reason: RetryReason
      readonly detail: string
      /** seconds that the server asks to wait */
      readonly pause?: number
    }
  /** nothing that is sent to this endpoint will be answered */
  | { readonly kind: 'fatal'; readonly detail: string }

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
  if (status === 200) {
    const completion = readCompletion(body)
    if (completion) return { kind: 'completion', completion, body, ...waiting }
    return { kind: 'retry', reason: 'garbled', detail: `the body is no chat completion: ${excerpt(body)}` }
  }
  const detail = `HTTP ${status} ${messageIn(body)}`.trim()
  if (isQuota(status, body)) return { kind: 'fatal', detail }
  if (status === 429 || (status === 503 && headers['retry-after'] !== undefined))
    return { kind: 'retry', reason: 'rate-limit', detail, ...waiting }
  if (status === 503) return { kind: 'retry', reason: 'unavailable', detail, ...waiting }
  if (status === 408 || status === 409 || status >= 500) return { kind: 'retry', reason: 'server', detail, ...waiting }
  if (FATAL.has(status)) return { kind: 'fatal', detail }
  if (status === 413 || ((status === 400 || status === 422) && OVERFLOW.test(body))) return { kind: 'overflow', body }
  return { kind: 'error', body: body || detail }
}

export function readFailure(error: unknown): Outcome {
  if (!(error instanceof ConnectionFault)) throw error
  return { kind: 'retry', reason: error.kind, detail: error.message }
}

/** OpenAI says 429 also when the money has run out, which no waiting brings back. */
function isQuota(status: number, body: string): boolean {
  return status === 429 && /insufficient_quota|billing_hard_limit/.test(body)
}

/** What the server says of an error, in one line. */
export function messageIn(body: string): string {
  try {
    const { error, message, detail } = JSON.parse(body)
    const text = error?.message ?? (typeof error === 'string' ? error : undefined) ?? message ?? detail
    return excerpt(typeof text === 'string' ? text : body)
  } catch {
    return excerpt(body)
  }
}

function excerpt(text: string): string {
  const line = text.replace(/\s+/g, ' ').trim()
  return line.length > 200 ? `${line.slice(0, 200)}…` : line
}

/** Seconds to wait, by the first of the headers that says so; undefined when none does. */
function pauseOf({ status, headers }: HttpReply): number | undefined {
  const after = retryAfter(headers)
  if (after !== undefined) return after
  const waits = ['requests', 'tokens']
    .filter(what => status === 429 || headerOf(headers, `x-ratelimit-remaining-${what}`) === '0')
    .map(what => parseDuration(headerOf(headers, `x-ratelimit-reset-${what}`) ?? ''))
    .filter(seconds => seconds !== undefined)
  return waits.length ? Math.max(...waits) : undefined
}

function retryAfter(headers: IncomingHttpHeaders): number | undefined {
  const ms = Number(headerOf(headers, 'retry-after-ms') ?? Number.NaN)
  if (ms >= 0) return ms / 1000
  const text = headerOf(headers, 'retry-after')
  if (text === undefined) return undefined
  if (/^\d+(\.\d+)?$/.test(text)) return Number(text)
  // a date: held against the server's own clock, not ours
  const seconds = (Date.parse(text) - Date.parse(headerOf(headers, 'date') ?? '')) / 1000
  return Number.isNaN(seconds) ? undefined : Math.max(0, seconds)
}

function headerOf(headers: IncomingHttpHeaders, name: string): string | undefined {
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
