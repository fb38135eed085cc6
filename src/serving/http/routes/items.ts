/** /v1/items and /v1/model: what the model knows. */
import { z } from 'zod'
import { parseRequest } from '../../answers/request.ts'
import { itemInfo } from '../../answers/schema.ts'
import type { ServerContext } from '../context.ts'
import { Problem } from '../problems.ts'
import { currentModel } from './answers.ts'
import { type App, addRoute } from './route.ts'

const searchQuery = z.strictObject({
  search: z.string().max(200).default('').describe('words of the title or the id; all items when absent'),
  limit: z.coerce.number().pipe(z.int().min(1).max(100)).default(20).describe('items in the answer'),
})

export function addItems(app: App, server: ServerContext): void {
  addRoute(app, {
    method: 'get',
    path: '/v1/items',
    summary: 'Items by words of their title or id, popular ones first.',
    query: searchQuery,
    answer: { description: 'items', schema: z.strictObject({ items: z.array(itemInfo) }) },
    problems: ['invalid-request', 'not-ready'],
    handle: context => {
      const { search, limit } = parseRequest(searchQuery, context.req.query())
      return context.json({ items: currentModel(server).search(search, limit) })
    },
  })
  addRoute(app, {
    method: 'get',
    path: '/v1/items/{id}',
    summary: 'One item: popularity, attributes, its place in both trees.',
    params: z.object({ id: z.string() }),
    answer: { description: 'the item', schema: itemInfo },
    problems: ['unknown-item', 'not-ready'],
    handle: context => {
      const item = currentModel(server).item(context.req.param('id')!)
      if (!item) throw new Problem('unknown-item', 'the model knows no item of this id', { field: 'id' })
      return context.json(item)
    },
  })
  addRoute(app, {
    method: 'get',
    path: '/v1/model',
    summary: 'The model that is served.',
    answer: { description: 'where it comes from, what it knows', schema: z.record(z.string(), z.unknown()) },
    problems: ['not-ready'],
    handle: context => context.json({ ...currentModel(server).info, events: server.events !== undefined }),
  })
}
