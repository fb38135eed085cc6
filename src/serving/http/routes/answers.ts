/** /v1/recommend, /v1/similar, /v1/rank. */
import { setImmediate as nextTurn } from 'node:timers/promises'
import type { Context } from 'hono'
import { z } from 'zod'
import { parseRequest } from '../../answers/request.ts'
import {
  type Answer,
  answer,
  manyAnswers,
  rankRequest,
  recommendManyRequest,
  recommendRequest,
  similarRequest,
} from '../../answers/schema.ts'
import type { Call } from '../../events/request-id.ts'
import type { ServingModel } from '../../model/serving-model.ts'
import { readJson } from '../body.ts'
import type { ServerContext } from '../context.ts'
import { joinEvents } from '../join-events.ts'
import { checkLimits } from '../limits.ts'
import { Problem, toProblem } from '../problems.ts'
import { type App, addRoute, type Env } from './route.ts'

/** Requests answered in one go: others have their turn in between. */
const AT_ONCE = 16

export function addAnswers(app: App, server: ServerContext): void {
  const { events, options } = server

  const finish = (given: Answer, call: Call): Answer => {
    server.metrics.answers.inc({ call, by: given.by })
    for (const [field, count] of Object.entries(given.unknown ?? {}))
      server.metrics.unknownIds.inc({ field }, Number(count))
    return given
  }
  const idOf = (model: ServingModel, call: Call, chosen: string | undefined) =>
    server.answers.next(model.info.id, call, chosen)

  const recommend = (request: z.output<typeof recommendRequest>): Answer => {
    const model = currentModel(server)
    const requestId = idOf(model, 'recommend', request.requestId)
    return finish(
      model.recommend({ ...joinEvents(request, model, events, options.maxHistory), requestId }),
      'recommend',
    )
  }
  const logFields = (context: Context<Env>, fields: Record<string, unknown>, ids: () => Record<string, unknown>) =>
    context.set('logFields', options.logIds ? { ...fields, ...ids() } : fields)
  const one = (context: Context<Env>, given: Answer, user?: string | number) => {
    const { requestId, model, by } = given
    logFields(context, { requestId, model, by }, () => ({ user, items: given.items.map(({ item }) => item) }))
    return context.json(given)
  }

  addRoute(app, {
    method: 'post',
    path: '/v1/recommend',
    summary: 'Items for a user or a history; or for many, each answered on its own.',
    body: z.union([recommendRequest, recommendManyRequest]),
    answer: { description: 'the best items, best first', schema: z.union([answer, manyAnswers]) },
    problems: ['not-ready'],
    handle: async context => {
      const body = await readJson(context)
      if (!isMany(body)) {
        const request = parseRequest(recommendRequest, body)
        checkLimits(request, options)
        return one(context, recommend(request), request.user)
      }
      const { requests } = parseRequest(recommendManyRequest, body)
      requests.forEach((request, index) => {
        checkLimits(request, options, `requests.${index}.`)
      })
      const answers: Answer[] = []
      for (const request of requests) {
        answers.push(inPlace(answers.length, () => recommend(request)))
        if (answers.length % AT_ONCE === 0) await nextTurn()
      }
      logFields(context, { answers: answers.length }, () => ({ users: requests.map(({ user }) => user) }))
      return context.json({ answers })
    },
  })

  addRoute(app, {
    method: 'post',
    path: '/v1/similar',
    summary: 'Items that go with one item, or with several.',
    body: similarRequest,
    answer: { description: 'the most similar items, best first', schema: answer },
    problems: ['unknown-item', 'not-ready'],
    handle: async context => {
      const request = parseRequest(similarRequest, await readJson(context))
      checkLimits(request, options)
      const model = currentModel(server)
      const requestId = idOf(model, 'similar', request.requestId)
      return one(context, finish(model.similar({ ...request, requestId }), 'similar'))
    },
  })

  addRoute(app, {
    method: 'post',
    path: '/v1/rank',
    summary: 'Given items in the order of their scores for a user or a history.',
    body: rankRequest,
    answer: { description: 'the items, best first', schema: answer },
    problems: ['not-ready'],
    handle: async context => {
      const request = parseRequest(rankRequest, await readJson(context))
      checkLimits(request, options)
      const model = currentModel(server)
      const requestId = idOf(model, 'rank', request.requestId)
      const joined = joinEvents(request, model, events, options.maxHistory)
      return one(context, finish(model.rank({ ...joined, requestId }), 'rank'), request.user)
    },
  })
}

const isMany = (body: unknown): boolean => typeof body === 'object' && body !== null && 'requests' in body

/** What is wrong with one of many is said with its place. */
function inPlace<T>(index: number, recommend: () => T): T {
  try {
    return recommend()
  } catch (error) {
    const { problem, message, field } = toProblem(error)
    if (problem === 'internal' || problem === 'not-ready') throw error
    throw new Problem(problem, `requests.${index}.${message}`, { field: `requests.${index}.${field ?? ''}` })
  }
}

/** @throws Problem before a model is loaded */
export function currentModel({ model }: ServerContext): ServingModel {
  const current = model()
  if (current) return current
  throw new Problem('not-ready', 'the model is being loaded; send the request again', {
    headers: { 'retry-after': '1' },
  })
}
