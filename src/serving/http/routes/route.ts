/** A route that is documented and served from one declaration. */

import type { HttpBindings } from '@hono/node-server'
import type { OpenAPIHono, RouteConfig } from '@hono/zod-openapi'
import type { Context } from 'hono'
import type { z } from 'zod'
import type { Variables } from '../observe.ts'
import { Problem, type ProblemName, problemDocument, problems } from '../problems.ts'

export interface Env {
  Bindings: HttpBindings
  Variables: Variables
}

export type App = OpenAPIHono<Env>

export interface Route {
  readonly method: 'get' | 'post'
  /** as OpenAPI writes it: /v1/items/{id} */
  readonly path: string
  readonly summary: string
  readonly body?: z.ZodType
  readonly params?: z.ZodObject
  readonly query?: z.ZodObject
  readonly answer: { readonly description: string; readonly schema?: z.ZodType; readonly type?: string }
  /** besides those that every route may end in */
  readonly problems: readonly ProblemName[]
  handle(context: Context<Env>): Response | Promise<Response>
}

const asResponse = ([status, kinds]: [number, ProblemName[]]) => [
  status,
  { description: kinds.join(', '), content: { 'application/problem+json': { schema: problemDocument } } },
]

/**
 * Bodies are checked by the handler, whose schemas are the same: the messages are those of the library, and nothing is
 * checked twice.
 */
export function addRoute(app: App, route: Route): void {
  const { method, path, summary, body, params, query, answer, handle } = route
  const isGuarded = path.startsWith('/v1/') || path === '/metrics'
  const names: ProblemName[] = [
    ...(body ? (['invalid-json', 'not-json', 'invalid-request', 'body-too-large'] as const) : []),
    ...(isGuarded ? (['unauthorized', 'misdirected', 'rate-limited'] as const) : []),
    ...route.problems,
  ]
  const config: RouteConfig = {
    method,
    path,
    summary,
    ...(isGuarded && { security: [{ key: [] }] }),
    request: {
      ...(body && { body: { required: true, content: { 'application/json': { schema: body } } } }),
      ...(params && { params }),
      ...(query && { query }),
    },
    responses: {
      200: {
        description: answer.description,
        content: { [answer.type ?? 'application/json']: { schema: answer.schema ?? { type: 'string' } } },
      },
      ...Object.fromEntries(
        Array.from(
          Map.groupBy(names, name => problems[name]),
          asResponse,
        ),
      ),
    },
  }
  app.openAPIRegistry.registerPath(config)
  const pattern = path.replaceAll(/\{(\w+)\}/g, ':$1')
  app[method](pattern, handle)
  app.all(pattern, () => {
    const allow = method === 'get' ? 'GET, HEAD' : 'POST'
    throw new Problem('method-not-allowed', `expected ${allow.split(',')[0]}`, { headers: { allow } })
  })
}
