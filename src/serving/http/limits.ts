/** The server's own limits, which may be lower than those of the schema. */
import { RequestError } from '../model/serving-model.ts'
import type { ServeOptions } from './options.ts'

interface Limited {
  readonly k?: number
  readonly history?: readonly unknown[] | undefined
  readonly items?: readonly unknown[] | undefined
}

/** @param at path of the request in the body, with a point at its end. @throws RequestError naming the field */
export function checkLimits(
  { k = 0, history = [] }: Limited,
  { maxK, maxHistory }: Pick<ServeOptions, 'maxK' | 'maxHistory'>,
  at = '',
): void {
  if (k > maxK) throw new RequestError(`${at}k`, `expected at most ${maxK} on this server, got ${k}`)
  if (history.length > maxHistory)
    throw new RequestError(
      `${at}history`,
      `expected a length of at most ${maxHistory} on this server, got ${history.length}`,
    )
}
