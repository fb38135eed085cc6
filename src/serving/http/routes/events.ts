/** /v1/events: what users did, used at once. */

import { parseRequest } from '../../answers/request.ts'
import { eventsAnswer, eventsRequest } from '../../events/event-request.ts'
import { readJson } from '../body.ts'
import type { ServerContext } from '../context.ts'
import { Problem } from '../problems.ts'
import { type App, addRoute } from './route.ts'

export function addEvents(app: App, server: ServerContext): void {
  addRoute(app, {
    method: 'post',
    path: '/v1/events',
    summary: 'Stores events. They join the histories of their users at once.',
    body: eventsRequest,
    answer: { description: 'the events are stored', schema: eventsAnswer },
    problems: ['events-unavailable'],
    handle: async context => {
      const { events } = parseRequest(eventsRequest, await readJson(context))
      if (!server.events)
        throw new Problem('events-unavailable', 'this server stores no events: it was started without --events')
      const time = server.now()
      const result = await server.events
        .append(events.map(event => ({ ...event, time: event.time ?? time })))
        .catch(error => {
          server.metrics.events.inc({ result: 'refused' }, events.length)
          server.log.error('events refused', { reason: error.message })
          throw error
        })
      server.metrics.events.inc({ result: 'accepted' }, result.accepted)
      server.metrics.events.inc({ result: 'duplicate' }, result.duplicates)
      const model = server.model()
      const unknownItems = model ? events.filter(({ item }) => model.item(item) === undefined).length : 0
      context.set('logFields', {
        ...result,
        ...(server.options.logIds && { users: events.map(({ user }) => user), items: events.map(({ item }) => item) }),
      })
      return context.json({ ...result, unknownItems })
    },
  })
}
