/** The server as a function of requests: testable without a port. */
import { OpenAPIHono } from '@hono/zod-openapi'
import { secureHeaders } from 'hono/secure-headers'
import { version } from '../../version.ts'
import { limitBody } from './body.ts'
import type { ServerContext } from './context.ts'
import { guard } from './guard.ts'
import { observe } from './observe.ts'
import { addPlayground, type PlaygroundFiles } from './playground-files.ts'
import { Problem, respondWith, toProblem } from './problems.ts'
import { addAnswers } from './routes/answers.ts'
import { addEvents } from './routes/events.ts'
import { addHealth } from './routes/health.ts'
import { addItems } from './routes/items.ts'
import type { App } from './routes/route.ts'

/** Only what the server itself sends: the playground loads its files and calls the API, nothing else. */
const [NONE, SELF] = [["'none'"], ["'self'"]]
const CONTENT = {
  ...{ defaultSrc: NONE, scriptSrc: SELF, styleSrc: SELF, connectSrc: SELF, imgSrc: [...SELF, 'data:'] },
  ...{ baseUri: NONE, formAction: NONE, frameAncestors: NONE },
}

export function createApp(server: ServerContext, playground: PlaygroundFiles): App {
  const app: App = new OpenAPIHono()
  app.use(observe(server))
  app.use(secureHeaders({ contentSecurityPolicy: CONTENT, strictTransportSecurity: false, xFrameOptions: 'DENY' }))
  const protect = guard(server)
  app.use('/v1/*', protect)
  app.use('/metrics', protect)
  app.use(limitBody(server.options))
  addAnswers(app, server)
  addItems(app, server)
  addEvents(app, server)
  addHealth(app, server)
  addPlayground(app, playground)
  addDocument(app)
  app.notFound(context =>
    respondWith(context, new Problem('not-found', 'nothing is served at this path; /openapi.json lists what is')),
  )
  app.onError((error, context) => {
    const problem = toProblem(error)
    if (problem.problem === 'internal')
      server.log.error('request failed', { err: { message: error.message, stack: error.stack } })
    return respondWith(context, problem)
  })
  return app
}

/** The document is the same for every request: it is made once. */
function addDocument(app: App): void {
  app.openAPIRegistry.registerComponent('securitySchemes', 'key', {
    type: 'http',
    scheme: 'bearer',
    description: 'asked for where the server was started with keys',
  })
  const document = JSON.stringify(
    app.getOpenAPI31Document({
      openapi: '3.1.0',
      info: { title: 'dualtree', version, description: 'Recommendations, similar items, ranking and events.' },
    }),
  )
  app.get('/openapi.json', context => context.body(document, 200, { 'content-type': 'application/json' }))
}
