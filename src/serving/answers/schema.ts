/**
 * Requests and answers of serving: one schema for the library, the command line and HTTP. Ids are external ids; `"7"` and 7
 * are the same id.
 */
import { z } from 'zod'
import { flag, integer, number, positive, text } from '../../options.ts'

/** The most that one request may ask for or name. */
export const limits = { k: 1000, history: 10_000, items: 10_000, requests: 1000, filter: 2000 } as const

export const id = z.union([z.string().min(1).max(512), z.int()])
const items = z.array(id).max(limits.items)

const history = z
  .array(
    z.union([
      id,
      z.strictObject({
        item: id,
        weight: positive(1e6).default(1).describe('how often they interacted with it'),
      }),
    ]),
  )
  .max(limits.history)
  .describe('history: item ids, oldest first')

export const requestId = text.max(128).describe('comes back in the answer; drawn when absent')

const allowed = {
  exclude: items.optional().describe('items to leave out'),
  only: items.optional().describe('only these items'),
  filter: text
    .max(limits.filter)
    .optional()
    .describe('condition on item attributes, such as: stock > 0 and category in ("shoes", "socks")'),
}

const k = integer(1, limits.k).default(10).describe('items in the answer')

const somebody = {
  requestId: requestId.optional(),
  user: id.optional().describe('user to recommend to; unknown users are served by history'),
  history: history.optional(),
}

/** With neither a known user nor a known item of a history, the answer is what is popular. */
export const recommendRequest = z.strictObject({
  ...somebody,
  k,
  ...allowed,
  allowSeen: flag.describe('items of the history may come back'),
  diversity: number(0, 1)
    .default(0)
    .describe('share of diversity in the ranking (MMR over item similarity): 0 ranks by score alone'),
  explain: flag.describe('say which items of the history each recommendation comes from'),
})

export const recommendManyRequest = z.strictObject({ requests: z.array(recommendRequest).min(1).max(limits.requests) })

/** Items that go with one item, or with several at once. */
export const similarRequest = z.strictObject({
  requestId: requestId.optional(),
  item: id.optional(),
  items: z.array(id).min(1).max(limits.history).optional(),
  k,
  ...allowed,
})

/** The given items in the order of their scores; those of the history are ranked like any other. */
export const rankRequest = z.strictObject({ ...somebody, items: items.min(1) })

const reason = z.strictObject({
  item: id,
  title: z.string().optional(),
  contribution: z.number().optional().describe('part of the score that comes from this item of the history'),
  weight: z
    .number()
    .optional()
    .describe('weight between this item of the history and the recommended one, where the list was ranked again'),
  similarity: z.number().optional().describe('cosine of the vectors of this item and the recommended one'),
})

const term = z.strictObject({
  feature: z.string(),
  meaning: z.string().describe('what the feature says of the item, in words'),
  contribution: z.number().describe('how much it moves the item up, or down where it is below 0, among the first 100'),
})

export const answer = z.strictObject({
  requestId,
  model: z.string().describe('name and hash of the model that answered'),
  by: z
    .enum(['user', 'history', 'popularity'])
    .describe('what the answer was made from: the known user, the history given, or neither'),
  items: z.array(
    z.strictObject({
      item: id,
      title: z.string().optional(),
      score: z.number(),
      cold: z.literal(true).optional().describe('an item without interactions, placed by its attributes'),
      because: z.array(reason).optional(),
      terms: z
        .array(term)
        .optional()
        .describe('of a ranking with a second stage: the largest terms of the score; none beyond its first 100 items'),
      rest: z
        .number()
        .optional()
        .describe('part of the score that none of the contributions in because has: of vectors, of further items'),
    }),
  ),
  unknown: z
    .strictObject({
      user: z.literal(true).optional(),
      history: z.int().optional(),
      exclude: z.int().optional(),
      only: z.int().optional(),
      items: z.int().optional(),
    })
    .optional()
    .describe('how many ids of the request the model does not know; absent when it knows them all'),
})

export const manyAnswers = z.strictObject({ answers: z.array(answer).describe('along the requests') })

export const itemInfo = z.strictObject({
  item: id,
  title: z.string().optional(),
  users: z.int().describe('users who interacted with it'),
  recommendable: z
    .boolean()
    .describe('false for an item with neither interactions nor attributes like those of others'),
  cold: z.literal(true).optional(),
  attributes: z.record(z.string(), z.union([z.string(), z.number(), z.boolean(), z.null()])).optional(),
  codes: z
    .strictObject({ structural: z.string().optional(), semantic: z.string().optional() })
    .optional()
    .describe('its place in the two trees, such as 2-0-3-1'),
})

/** As a caller writes them: what has a default may be absent. */
export type RecommendRequest = z.input<typeof recommendRequest>
export type SimilarRequest = z.input<typeof similarRequest>
export type RankRequest = z.input<typeof rankRequest>
export type Answer = z.output<typeof answer>
export type ItemInfo = z.output<typeof itemInfo>
