/** `/v1/files` and `/v1/batches` as a server has them, in this process and without a port: batches end as they are told to. */
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { ConnectionFault, type HttpClient, type HttpReply } from '../../src/llm/http.ts'
import { answerTo } from './chat-server.ts'

/** How a batch ends: `share` of its requests have an answer by then. */
export interface BatchEnd {
  readonly status: 'completed' | 'expired' | 'failed' | 'cancelled'
  readonly share?: number
  readonly message?: string
  /** looks at it before it ends */
  readonly after?: number
}

interface Row {
  readonly custom_id: string
  readonly body: { readonly messages: readonly { readonly content: string }[] }
}

interface ServerBatch {
  readonly id: string
  readonly input: string
  readonly metadata: unknown
  readonly end: BatchEnd
  looks: number
}

export interface BatchServer extends HttpClient {
  /** requests of each batch, in the order in which they came */
  readonly batches: readonly { readonly ids: readonly string[]; readonly tokens: number }[]
  /** batches that have not ended */
  underWay(): number
  /** what is asked of the server, such as "POST batches" */
  readonly calls: readonly string[]
}

/**
 * @param end of the n-th batch
 * @param fault of the n-th call: done but the reply is lost, not done, or a status in place of it
 */
export function createBatchServer(
  end: (batch: number) => BatchEnd,
  fault: (call: number, what: string) => 'lost' | 'refused' | number | undefined = () => undefined,
): BatchServer {
  const files = new Map<string, string>()
  const batches = new Map<string, ServerBatch>()
  const calls: string[] = []
  const rows = (file: string): Row[] => files.get(file)!.trim().split('\n').map(line => JSON.parse(line)) // biome-ignore format: one line
  const hasEnded = ({ looks, end: { after = 1 } }: ServerBatch) => looks >= after
  const resultOf = ({ custom_id, body }: Row) => {
    const content = answerTo(body.messages[1].content, 2).text
    const usage = { prompt_tokens: 100, completion_tokens: 10 }
    const choices = [{ message: { content }, finish_reason: 'stop' }]
    return JSON.stringify({ custom_id, response: { status_code: 200, body: { choices, usage } }, error: null })
  }
  const expired = ({ custom_id }: Row) =>
    JSON.stringify({ custom_id, response: null, error: { code: 'batch_expired' } })

  const state = (batch: ServerBatch) => {
    const { id, input: input_file_id, metadata } = batch
    const about = { id, object: 'batch', endpoint: '/v1/chat/completions', input_file_id, completion_window: '24h', created_at: 1, metadata } // biome-ignore format: one line
    if (!hasEnded(batch)) return { ...about, status: 'in_progress' }
    const { status, share = 1, message } = batch.end
    const all = rows(batch.input)
    const done = all.slice(0, Math.floor(all.length * share))
    const keep = (name: string, lines: string[]) => {
      if (lines.length === 0) return null
      files.set(`${name}-${batch.id}`, lines.join('\n'))
      return `${name}-${batch.id}`
    }
    const errors = message ? { data: [{ message }] } : null
    return {
      ...{ ...about, status, errors },
      output_file_id: status === 'failed' ? null : keep('out', done.map(resultOf)),
      error_file_id: status === 'failed' ? null : keep('err', all.slice(done.length).map(expired)),
    }
  }
  const answer = async (method: string, path: string, after: string | null, body: string | FormData) => {
    if (typeof body !== 'string') {
      const id = `file-${files.size}`
      const file = body.get('file') as File
      files.set(id, await file.text())
      return {
        id,
        object: 'file',
        bytes: file.size,
        created_at: 1,
        filename: file.name,
        purpose: body.get('purpose'),
        status: 'processed',
      }
    }
    if (method === 'POST') {
      const { input_file_id: input, metadata } = JSON.parse(body)
      const id = `batch-${batches.size}`
      batches.set(id, { id, input, metadata, end: end(batches.size), looks: 0 })
      return state(batches.get(id)!)
    }
    if (path === 'batches') {
      // one a page
      const all = [...batches.values()].reverse()
      const at = after === null ? 0 : all.findIndex(({ id }) => id === after) + 1
      return { data: all.slice(at, at + 1).map(state), has_more: at + 1 < all.length }
    }
    const batch = batches.get(path.split('/')[1])
    if (batch) batch.looks++
    return batch ? state(batch) : files.get(path.split('/')[1])
  }
  return {
    async send(address, body): Promise<HttpReply> {
      const url = new URL(address)
      const path = url.pathname.replace('/v1/', '')
      const method = body === undefined ? 'GET' : 'POST'
      const what = `${method} ${path.split('/')[0]}`
      const mishap = fault(calls.push(what) - 1, what)
      if (mishap === 'refused') throw new ConnectionFault('connection', 'ECONNREFUSED')
      if (typeof mishap === 'number') return { status: mishap, headers: {}, body: '{"error": {"message": "scripted"}}' }
      const reply = await answer(method, path, url.searchParams.get('after'), body ?? '')
      if (mishap === 'lost') throw new ConnectionFault('reset', 'the connection broke')
      return { status: 200, headers: {}, body: typeof reply === 'string' ? reply : JSON.stringify(reply) }
    },
    close: async () => {},
    calls,
    underWay: () => [...batches.values()].filter(batch => !hasEnded(batch)).length,
    get batches() {
      return [...batches.values()].map(({ input }) => ({
        ids: rows(input).map(({ custom_id }) => custom_id),
        tokens: files.get(input)!.length,
      }))
    },
  }
}

/** The same behind a real server, on a port of its own when none is given. */
export async function listenForBatches(batches: BatchServer, port = 0): Promise<{ url: string; close(): void }> {
  const server = createServer(async (request, reply) => {
    const sent = await request.toArray()
    const type = request.headers['content-type'] ?? ''
    const form = type.startsWith('multipart/')
      ? await new Response(Buffer.concat(sent), { headers: { 'content-type': type } }).formData()
      : undefined
    const body = form ?? (sent.length > 0 ? sent.join('') : undefined)
    const { status, body: text } = await batches.send(`http://x${request.url}`, body)
    reply.writeHead(status, { 'content-type': 'application/json' })
    reply.end(text)
  })
  await new Promise<void>(ready => server.listen(port, '127.0.0.1', ready))
  const { port: open } = server.address() as AddressInfo
  return { url: `http://127.0.0.1:${open}/v1`, close: () => server.close() }
}
