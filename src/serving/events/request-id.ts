/** Ids of answers. They begin with the model and the call, so that clicks can be counted without a record of every answer. */
import { createHash, randomUUID } from 'node:crypto'

const LETTERS = { recommend: 'r', similar: 's', rank: 'k' } as const

export type Call = keyof typeof LETTERS

/** The beginning of the request ids of a model and a call: the letter of the call and ten hex digits for the model. */
export function sourceOf(model: string, call: Call): string {
  return `${LETTERS[call]}-${createHash('sha256')
    .update(model)
    .digest('hex')
    .slice(0, SOURCE_LENGTH - 2)}`
}

export const SOURCE_LENGTH = 12

/** Such as `r-3f9a0c11de-…`: the source and a random UUID, of which Node keeps some in stock. */
export function newRequestId(source: string): string {
  return `${source}-${randomUUID()}`
}
