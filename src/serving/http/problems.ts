/** Errors as RFC 9457 problem documents: what is wrong, in which field, and nothing of the inside of the server. */
import { STATUS_CODES } from 'node:http'
import type { Context } from 'hono'
import { z } from 'zod'
import { EventsUnavailable } from '../events/event-log.ts'
import { RequestError } from '../model/serving-model.ts'

/** Each with its status. `type` of the document is `urn:dualtree:problem:` and the name. */
export const problems = {
  'bad-request': 400,
  'invalid-json': 400,
  unauthorized: 401,
  'not-found': 404,
  'unknown-item': 404,
  'method-not-allowed': 405,
  'body-too-large': 413,
  'not-json': 415,
  misdirected: 421,
  'invalid-request': 422,
  'rate-limited': 429,
  internal: 500,
  'not-ready': 503,
  'events-unavailable': 503,
} as const

export type ProblemName = keyof typeof problems

export const problemDocument = z.strictObject({
  type: z.string().describe('urn:dualtree:problem: and what kind it is'),
  title: z.string(),
  status: z.int(),
  detail: z.string().describe('what was expected, what was found, what to do'),
  field: z.string().optional().describe('path of the field that is wrong, such as requests.3.k'),
})

/** An error with a problem document of its own. */
export class Problem extends Error {
  readonly problem: ProblemName
  readonly field: string | undefined
  readonly headers: Readonly<Record<string, string>>

  constructor(
    problem: ProblemName,
    detail: string,
    { field, headers = {} }: { field?: string | undefined; headers?: Readonly<Record<string, string>> } = {},
  ) {
    super(detail)
    this.problem = problem
    this.field = field
    this.headers = headers
  }
}

/** The problem that an error is; `internal` for one that nobody foresaw, without its words. */
export function toProblem(error: unknown): Problem {
  if (error instanceof Problem) return error
  if (error instanceof RequestError) {
    const problem = error.code === 'unknown-item' ? 'unknown-item' : 'invalid-request'
    return new Problem(problem, error.message, { field: error.field || undefined })
  }
  if (error instanceof EventsUnavailable)
    return new Problem('events-unavailable', 'events cannot be stored now; send the request again later', {
      headers: { 'retry-after': '5' },
    })
  return new Problem('internal', 'the server failed on this request; its log says more')
}

export function respondWith(context: Context, { problem, message, field, headers }: Problem): Response {
  const status = problems[problem]
  return context.body(renderProblem(problem, message, field), status, {
    'content-type': 'application/problem+json',
    ...headers,
  })
}

export function renderProblem(problem: ProblemName, detail: string, field?: string): string {
  const status = problems[problem]
  const document = { type: `urn:dualtree:problem:${problem}`, title: STATUS_CODES[status]!, status, detail }
  return JSON.stringify(field === undefined ? document : { ...document, field })
}
