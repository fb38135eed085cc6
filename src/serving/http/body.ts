/** The JSON body of a request. */
import type { Context } from 'hono'
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
  const text = await context.req.text()
  try {
    return JSON.parse(text)
  } catch (error) {
    throw new Problem('invalid-json', `expected a body of JSON: ${(error as Error).message.slice(0, 120)}`)
  }
}
