/** Requests for chat completions: where they go, with which headers, and what comes back. */
import { UsageError } from '../../errors.ts'
import type { AskingOptions } from './asking-options.ts'
import type { Send } from './dispatch.ts'
import { createHttpClient, endpointOf, type HttpClient } from './http.ts'
import { readFailure, readReply } from './replies.ts'

/** @throws UsageError when the key cannot be sent */
export async function withHttpClient<T>(
  { apiKeyEnv, timeout }: Pick<AskingOptions, 'apiKeyEnv' | 'timeout'>,
  body: (client: HttpClient) => Promise<T>,
): Promise<T> {
  const key = secretFrom(apiKeyEnv, 'the API key')
  const client = await createHttpClient(key ? { authorization: `Bearer ${key}` } : {}, timeout)
  try {
    return await body(client)
  } finally {
    await client.close()
  }
}

/** The same, for a dispatcher. */
export function withChatClient<T>(
  options: Pick<AskingOptions, 'apiKeyEnv' | 'timeout'>,
  body: (send: Send) => Promise<T>,
): Promise<T> {
  return withHttpClient(options, client => {
    const endpoints = new Map<string, string>()
    return body((url, request) => {
      const endpoint = endpoints.get(url) ?? endpointOf(url, 'chat/completions')
      endpoints.set(url, endpoint)
      return client.send(endpoint, request).then(readReply, readFailure)
    })
  })
}

/** The value of an environment variable as a header can hold it: what a file or a terminal put around it is cut off. */
function secretFrom(name: string, what: string): string | undefined {
  const value = process.env[name]?.trim()
  if (value !== undefined && /[^\x21-\x7e]/.test(value))
    throw new UsageError(
      `${name}: ${what} has a line break, a blank or another character that no header takes, in the middle: set it again`,
    )
  return value
}
