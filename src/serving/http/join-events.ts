/** The events of a user as part of the user's history. */

import { limits, type RecommendRequest } from '../answers/schema.ts'
import type { EventLog } from '../events/event-log.ts'
import type { ServingModel } from '../model/serving-model.ts'

type Somebody = Pick<RecommendRequest, 'user' | 'history'> & Partial<Pick<RecommendRequest, 'allowSeen' | 'exclude'>>

/**
 * What the request says of the history, or else what the model knows, and behind it the user's events, oldest first. An
 * item stands where the latest event has it; one whose latest event says no is neither there nor recommended.
 * @param limit items that the history keeps, the latest
 */
export function joinEvents<T extends Somebody>(
  request: T,
  model: Pick<ServingModel, 'historyOf' | 'item'>,
  events: Pick<EventLog, 'historyOf'> | undefined,
  limit: number,
): T {
  if (!events || request.user === undefined) return request
  const { items, weights, refused } = events.historyOf(request.user, limit)
  if (items.length + refused.length === 0) return request
  const before = request.history ?? model.historyOf(request.user) ?? []
  const again = new Set([...items, ...refused])
  const kept = before.filter(entry => !again.has(String(typeof entry === 'object' ? entry.item : entry)))
  const joined = [...kept, ...items.map((item, index) => ({ item, weight: weights[index] }))]
  // items to put in order are those that the request names
  const known = request.allowSeen === undefined ? [] : refused.filter(item => model.item(item) !== undefined)
  const exclude = [...(request.exclude ?? []), ...known].slice(0, limits.items)
  return { ...request, history: joined.slice(-limit), ...(known.length > 0 && { exclude }) }
}
