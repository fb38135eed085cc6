/** The JSON body of a request. */
import type { Context, MiddlewareHandler } from 'hono'
import { bodyLimit } from 'hono/body-limit'
import type { ServeOptions } from './options.ts'
import { Problem } from './problems.ts'

/**
 * @throws Problem when it is not sent as JSON (what a page of another site can send without asking is not) or is not JSON
 */
export async function readJson(context: Context): Promise<unknown> {
  const type = context.req.header('content-type') ?? ''
  if (!/^application\/json\s*(;|$)/i.test(type))
    throw new Problem(
      'not-json',
      `expected the header "content-type: application/json", found ${type ? `"${type.slice(0, 60)}"` : 'none'}`,
    )
  const packed = context.req.header('content-encoding') ?? 'identity'
  if (packed !== 'identity')
    throw new Problem(
      'not-json',
      `expected a body that is not compressed, found "content-encoding: ${packed.slice(0, 20)}"`,
    )
  const text = await context.req.text()
  // an id of another encoding would be stored as another id
  if (text.includes('\ufffd')) throw new Problem('invalid-json', 'expected a body in UTF-8, found bytes that are not')
  try {
    return JSON.parse(text)
  } catch (error) {
    throw new Problem('invalid-json', `expected a body of JSON: ${(error as Error).message.slice(0, 120)}`)
  }
}

/** Refuses a body that is too large: by its header before it is read, or while it is read where there is none. */
export function limitBody({ maxBodyKb }: Pick<ServeOptions, 'maxBodyKb'>): MiddlewareHandler {
  const maxSize = maxBodyKb * 1024
  const refuse = () => {
    throw new Problem('body-too-large', `expected a body of at most ${maxBodyKb} KB`)
  }
  const whileRead = bodyLimit({ maxSize, onError: refuse })
  return (context, next) => {
    const length = context.req.header('content-length')
    // asking for the body itself would make a web stream of it, which costs as much as all the rest
    if (length === undefined || context.req.header('transfer-encoding') !== undefined) return whileRead(context, next)
    return Number(length) > maxSize ? refuse() : next()
  }
}
