/** Who may ask, and how often. */

import type { HttpBindings } from '@hono/node-server'
import type { MiddlewareHandler } from 'hono'
import type { ServerContext } from './context.ts'
import { Problem } from './problems.ts'
import { createRateLimiter } from './rate-limit.ts'

/** Names by which only this machine can be meant. A page of another site that had its name lead here would send its own. */
const LOCAL = /^(localhost|127(\.\d{1,3}){3}|\[::1\])(:\d+)?$/i

/** Refuses requests without a key where keys are asked for, and those beyond the rate of a key or address. */
export function guard({ keys, options, now }: ServerContext): MiddlewareHandler<{ Bindings: HttpBindings }> {
  const limiter = createRateLimiter(options.rate, now)
  return async (context, next) => {
    const all = keys()
    const host = context.req.header('host')
    if (options.localOnly && all.count === 0 && host !== undefined && !LOCAL.test(host))
      throw new Problem(
        'misdirected',
        'without keys this server answers to localhost alone: behind a proxy, start it with keys or --allow-anonymous',
      )
    const key = all.count > 0 ? all.match(context.req.header('authorization')) : -1
    const client = key >= 0 ? `key ${key}` : (context.env?.incoming?.socket.remoteAddress ?? 'unknown')
    const wait = limiter.take(client)
    if (wait > 0)
      throw new Problem(
        'rate-limited',
        `at most ${options.rate} requests per second; send it again in ${wait.toFixed(3)} s`,
        {
          headers: { 'retry-after': String(Math.ceil(wait)) },
        },
      )
    if (all.count > 0 && key < 0)
      throw new Problem('unauthorized', 'expected "Authorization: Bearer <key>" with one of the keys of this server', {
        headers: { 'www-authenticate': 'Bearer realm="dualtree"' },
      })
    await next()
  }
}
