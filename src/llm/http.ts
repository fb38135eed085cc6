/**
 * POST and GET over kept-alive connections, through the proxy that `HTTP_PROXY` and `HTTPS_PROXY` name. `undici` by
 * itself and not the built-in `fetch`: that gives up on headers after 300 s, and a small machine may think longer about a prompt.
 */
import { brotliDecompressSync, gunzipSync, inflateSync, zstdDecompressSync } from 'node:zlib'
import { messageOf } from '../errors.ts'

export type Headers = Readonly<Record<string, string | string[] | undefined>>

export interface HttpReply {
  readonly status: number
  readonly headers: Headers
  readonly body: string
}

/** Why there is no reply: nothing was reached, it came too late, the connection broke, or who answers cannot be trusted. */
export class ConnectionFault extends Error {
  readonly kind: 'connection' | 'timeout' | 'reset' | 'certificate'

  constructor(kind: ConnectionFault['kind'], message: string, options?: ErrorOptions) {
    super(message, options)
    this.kind = kind
  }
}

export interface HttpClient {
  /**
   * @param body JSON or a form; absent for a GET
   * @throws ConnectionFault
   */
  send(url: string, body?: string | FormData): Promise<HttpReply>
  close(): Promise<void>
}

/** Errors that come before anything was sent. */
const NOT_SENT = /ECONNREFUSED|ENOTFOUND|EAI_AGAIN|EHOSTUNREACH|ENETUNREACH|CONNECT_TIMEOUT|UND_ERR_ABORTED/
/** No second try brings another certificate, or TLS where there is none. */
const UNTRUSTED = /CERT|ERR_TLS|ERR_SSL|UNABLE_TO_VERIFY/

/**
 * @param headers of every request
 * @param seconds from the start of a request to the last byte of its reply
 */
export async function createHttpClient(headers: Record<string, string>, seconds: number): Promise<HttpClient> {
  const { EnvHttpProxyAgent, request } = await import('undici')
  const { no_proxy, NO_PROXY = no_proxy } = process.env
  const dispatcher = new EnvHttpProxyAgent({
    headersTimeout: 0,
    bodyTimeout: 0,
    connect: { timeout: 30_000 },
    // a proxy is for what is far away: a model on this machine is asked directly
    noProxy: `${NO_PROXY ?? ''},localhost,127.0.0.1,::1`,
    // http through a proxy as it is, since many proxies open tunnels to port 443 only
    proxyTunnel: false,
  })
  return {
    async send(url, body) {
      const late = new AbortController()
      const timer = setTimeout(() => late.abort(), seconds * 1000)
      try {
        // what the platform makes of a form: undici takes only its own kind
        const form = body instanceof FormData ? new Response(body) : undefined
        const type = form?.headers.get('content-type') ?? 'application/json'
        const reply = await request(url, {
          dispatcher,
          signal: late.signal,
          method: body === undefined ? 'GET' : 'POST',
          body: form ? await form.text() : ((body as string | undefined) ?? null),
          headers: { ...(body !== undefined && { 'content-type': type }), ...headers },
        })
        return { status: reply.statusCode, headers: reply.headers, body: await textOf(reply) }
      } catch (error) {
        throw late.signal.aborted
          ? new ConnectionFault('timeout', `no answer within ${seconds} s`, { cause: error })
          : asFault(error)
      } finally {
        clearTimeout(timer)
      }
    },
    close: () => dispatcher.destroy(),
  }
}

/** Some proxies pack what nobody has asked them to. */
async function textOf({ headers, body }: { headers: Headers; body: { arrayBuffer(): Promise<ArrayBuffer> } }) {
  const bytes = Buffer.from(await body.arrayBuffer())
  const unpack = { gzip: gunzipSync, 'x-gzip': gunzipSync, deflate: inflateSync, br: brotliDecompressSync, zstd: zstdDecompressSync } // biome-ignore format: one line
  const coding = String(headers['content-encoding'] ?? '').trim().toLowerCase() as keyof typeof unpack // biome-ignore format: one line
  return (bytes.length > 0 && coding in unpack ? unpack[coding](bytes) : bytes).toString()
}

function asFault(error: unknown): ConnectionFault {
  // where several addresses were tried, each has an error of its own
  const all = error instanceof AggregateError ? error.errors : [error]
  const codes = all.map(one => String(one?.code ?? '')).join(' ')
  const said = (one: unknown) => messageOf(one).replace(/^.*SSL routines:[^:]*:([^:]+):.*$/s, 'TLS: $1')
  const text = all.map(said).filter(Boolean).join('; ') || codes || 'failed'
  const kind = UNTRUSTED.test(codes) ? 'certificate' : NOT_SENT.test(codes) ? 'connection' : 'reset'
  return new ConnectionFault(kind, text, { cause: error })
}

/** An address below a base URL, whose query stays behind it: `…/v1?api-version=2024-10-21`. @param path may have a query too */
export function endpointOf(baseUrl: string, path: string): string {
  const url = new URL(baseUrl)
  const below = new URL(path, 'http://x')
  // some give the address that is asked in the end
  url.pathname = `${url.pathname.replace(/(\/chat\/completions)?\/*$/, '')}${below.pathname}`
  for (const [name, value] of below.searchParams) url.searchParams.set(name, value)
  return url.href
}
