/**
 * One POST over a kept-alive connection. `node:http` and not `fetch`, which gives up on headers after 300 s whatever it
 * is told: a small machine may think longer about a prompt.
 */
import { Agent, type IncomingHttpHeaders, request as requestPlain } from 'node:http'
import { request as requestSecure, Agent as SecureAgent } from 'node:https'

export interface HttpReply {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  readonly body: string
}

/** Why there is no reply: nothing was reached, it came too late, or the connection broke. */
export class ConnectionFault extends Error {
  readonly kind: 'connection' | 'timeout' | 'reset'

  constructor(kind: ConnectionFault['kind'], message: string, options?: ErrorOptions) {
    super(message, options)
    this.kind = kind
  }
}

export interface HttpClient {
  /**
   * @param seconds from the first byte sent to the last received
   * @throws ConnectionFault
   */
  post(url: URL, headers: Record<string, string>, body: string, seconds: number): Promise<HttpReply>
  close(): void
}

export function createHttpClient(): HttpClient {
  const options = { keepAlive: true, maxSockets: Number.POSITIVE_INFINITY }
  const agents = { 'http:': new Agent(options), 'https:': new SecureAgent(options) }
  return {
    post(url, headers, body, seconds) {
      const secure = url.protocol === 'https:'
      const send = secure ? requestSecure : requestPlain
      return new Promise((resolve, reject) => {
        let connected = false
        const length = Buffer.byteLength(body)
        const request = send(url, {
          method: 'POST',
          agent: secure ? agents['https:'] : agents['http:'],
          headers: { 'content-type': 'application/json', 'content-length': length, ...headers },
        })
        const timer = setTimeout(() => {
          request.destroy(new ConnectionFault('timeout', `no answer within ${seconds} s`))
        }, seconds * 1000)
        const fail = (error: Error) => {
          clearTimeout(timer)
          reject(error instanceof ConnectionFault ? error : asFault(error, connected))
        }
        request.on('socket', socket => {
          if (!socket.connecting) connected = true
          else socket.once(secure ? 'secureConnect' : 'connect', () => (connected = true))
        })
        request.on('error', fail)
        request.on('response', response => {
          const chunks: Buffer[] = []
          response.on('data', chunk => chunks.push(chunk))
          response.on('error', fail)
          response.on('end', () => {
            clearTimeout(timer)
            const text = Buffer.concat(chunks).toString()
            resolve({ status: response.statusCode!, headers: response.headers, body: text })
          })
        })
        request.end(body)
      })
    },
    close() {
      for (const agent of Object.values(agents)) agent.destroy()
    },
  }
}

function asFault(error: NodeJS.ErrnoException, connected: boolean): ConnectionFault {
  const text = error.message || error.code || 'failed'
  return new ConnectionFault(connected ? 'reset' : 'connection', text, { cause: error })
}
