/** /health/live, /health/ready, /metrics. */
import { z } from 'zod'
import type { ServerContext } from '../context.ts'
import { Problem } from '../problems.ts'
import { currentModel } from './answers.ts'
import { type App, addRoute } from './route.ts'

export function addHealth(app: App, server: ServerContext): void {
  addRoute(app, {
    method: 'get',
    path: '/health/live',
    summary: 'The process answers.',
    answer: { description: 'it does', schema: z.strictObject({ status: z.literal('live') }) },
    problems: [],
    handle: context => context.json({ status: 'live' }),
  })
  addRoute(app, {
    method: 'get',
    path: '/health/ready',
    summary: 'A model is loaded, and the server is not draining.',
    answer: { description: 'it is', schema: z.strictObject({ status: z.literal('ready'), model: z.string() }) },
    problems: ['not-ready'],
    handle: context => {
      const { id } = currentModel(server).info
      if (!server.isReady()) throw new Problem('not-ready', 'the server is draining')
      return context.json({ status: 'ready', model: id })
    },
  })
  addRoute(app, {
    method: 'get',
    path: '/metrics',
    summary: 'For Prometheus.',
    answer: { description: 'metrics', type: 'text/plain' },
    problems: [],
    handle: async context => {
      const { registry } = server.metrics
      return context.body(await registry.metrics(), 200, { 'content-type': registry.contentType })
    },
  })
}
