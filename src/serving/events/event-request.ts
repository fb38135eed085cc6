/** What POST /v1/events takes and gives. */
import { z } from 'zod'
import { integer, text } from '../../options.ts'
import { id, requestId } from '../answers/schema.ts'

const event = z.strictObject({
  id: text
    .max(128)
    .optional()
    .describe(
      'chosen by the client: an event whose id is in the log already changes nothing, so requests can be repeated',
    ),
  user: id,
  item: id,
  type: z
    .string()
    .regex(/^[a-z][a-z0-9_-]{0,31}$/)
    .default('click')
    .describe(
      'such as view, click, purchase; one that says no, such as return or dislike, takes the item out of history and answers',
    ),
  weight: z.number().positive().max(1e6).default(1),
  time: integer(0, 8.64e15, 'ms')
    .refine(time => time >= 1e11, { error: 'expected ms since 1970, not seconds' })
    .optional()
    .describe('ms since 1970; when the server received it when absent'),
  requestId: requestId.optional().describe('of the answer that showed the item'),
})

export const eventsRequest = z.strictObject({ events: z.array(event).min(1).max(1000) })

export const eventsAnswer = z.strictObject({
  accepted: z.int().describe('stored now'),
  duplicates: z.int().describe('stored before, by their id'),
  unknownItems: z.int().describe('events on items the model does not know; they are stored too'),
})
