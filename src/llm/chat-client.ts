/** Requests for chat completions: where they go, with which headers, and what comes back. */
import { UsageError } from '../errors.ts'
import type { AskingOptions } from './asking-options.ts'
import type { Send } from './dispatch.ts'
import { createHttpClient, endpointOf, type HttpClient } from './http.ts'
import { readFailure, readReply } from './replies.ts'

export type ClientOptions = Pick<AskingOptions, 'apiKeyEnv' | 'header' | 'timeout'>

/** @throws UsageError when the key cannot be sent */
export async function withHttpClient<T>(
  { timeout, ...secrets }: ClientOptions,
  body: (client: HttpClient) => Promise<T>,
): Promise<T> {
  const client = await createHttpClient(headersOf(secrets), timeout)
  try {
    return await body(client)
  } finally {
    await client.close()
  }
}

/** Who answers requests for chat completions. */
export interface ChatClient {
  /** names of the endpoints */
  readonly urls: readonly string[]
  use<T>(body: (send: Send) => Promise<T>): Promise<T>
}

/** Servers that speak the chat-completions API. */
export function httpChat(options: ClientOptions & Pick<AskingOptions, 'baseUrl'>): ChatClient {
  return {
    urls: options.baseUrl,
    use: body =>
      withHttpClient(options, client => {
        const endpoints = new Map(options.baseUrl.map(url => [url, endpointOf(url, 'chat/completions')]))
        return body((url, request) => client.send(endpoints.get(url)!, request).then(readReply, readFailure))
      }),
  }
}

function headersOf({ apiKeyEnv, header }: Omit<ClientOptions, 'timeout'>): Record<string, string> {
  const key = headerValue(`env:${apiKeyEnv}`, 'the API key')
  const headers: Record<string, string> = key === '' ? {} : { authorization: `Bearer ${key}` }
  for (const text of header) {
    const at = text.indexOf('=')
    const value = headerValue(text.slice(at + 1), `header ${text.slice(0, at)}`)
    if (value === '') throw new UsageError(`--header ${text}: there is no value, or the variable is not set`)
    headers[text.slice(0, at).toLowerCase()] = value
  }
  return headers
}

/** A value, from the environment where it says so, as a header can hold it: blanks around it are cut off. */
function headerValue(text: string, what: string): string {
  const variable = text.startsWith('env:') ? text.slice(4) : undefined
  const value = (variable === undefined ? text : (process.env[variable] ?? '')).trim()
  if (/[^\x20-\x7e]/.test(value))
    throw new UsageError(
      `${variable ?? what}: ${what} has a line break or another character that no header takes in the middle: set it again`,
    )
  return value
}
