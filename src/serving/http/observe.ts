/** Times, counts and logs every request, whatever becomes of it. */
import type { Context, MiddlewareHandler } from 'hono'
import { routePath } from 'hono/route'
import type { ServerContext } from './context.ts'

/** What a handler adds to the line of its request. */
export type LogFields = Record<string, unknown>

export interface Variables {
  logFields: LogFields | undefined
}

export function observe({ metrics, log, isReady }: ServerContext): MiddlewareHandler<{ Variables: Variables }> {
  return async (context, next) => {
    const start = performance.now()
    await next()
    const seconds = (performance.now() - start) / 1000
    // while it drains, a connection ends with its answer
    if (!isReady()) context.header('connection', 'close')
    const { method } = context.req
    const { status } = context.res
    const route = routeOf(context)
    metrics.requests.inc({ method, route, status })
    metrics.seconds.observe({ route }, seconds)
    const fields = { method, route, status, ms: Math.round(seconds * 1e5) / 100, ...context.get('logFields') }
    if (status >= 500) log.warn('request', fields)
    else log.info('request', fields)
  }
}

/** The pattern of the route, never the path, which has ids in it. */
function routeOf(context: Context): string {
  const route = routePath(context, -1)
  return route === '*' || route === '/*' ? 'none' : route
}
