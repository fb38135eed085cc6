/**
 * A real HTTP server that speaks the chat-completions API. It reads the codes out of the prompt and judges by the rule
 * that the prompt states, so that right verdicts are known; faults are scripted.
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { sharedPrefix } from '../../src/trees/codes.ts'

/** What the server does instead of answering well. */
export type Misdeed =
  /** a status with headers and, if need be, a body of its own */
  | { readonly status: number; readonly headers?: Record<string, string>; readonly body?: string }
  /** closes the connection in the middle of the body */
  | 'reset'
  /** a whole reply whose JSON is half */
  | 'half-json'
  /** a byte now and then; whoever waits long enough gets the answer */
  | 'drip'
  /** never answers */
  | 'silence'
  /** out of tokens in the middle of the verdicts */
  | 'length'
  | 'refusal'
  | 'empty'
  /** indices from 1 */
  | 'shifted'

export interface ChatRequest {
  /** the body as it came */
  readonly text: string
  readonly body: {
    readonly model: string
    readonly messages: readonly { role: string; content: string }[]
    readonly seed: number
    readonly logprobs?: boolean
    readonly [key: string]: unknown
  }
  readonly headers: IncomingMessage['headers']
  /** requests before this one */
  readonly number: number
  /** requests with the same words before this one */
  readonly repeats: number
}

export interface ChatServer {
  readonly url: string
  /** everything that was asked, in order */
  readonly requests: readonly ChatRequest[]
  /** whole answers that were sent, by the words asked */
  readonly answered: ReadonlyMap<string, number>
  /** the most requests that were open at one time */
  mostAtOnce(): number
  stop(): Promise<void>
  /** On the same port. */
  start(): Promise<void>
}

export interface ChatServerOptions {
  readonly misdeed?: (request: ChatRequest) => Misdeed | undefined
  /** shared steps from which a candidate is positive */
  readonly minPrefix?: number
  /** ms that an answer takes */
  readonly delay?: number
}

/** Lives until it is stopped. */
export async function openChatServer(options: ChatServerOptions = {}): Promise<ChatServer> {
  const { misdeed = () => undefined, delay = 0 } = options
  const requests: ChatRequest[] = []
  const asked = new Map<string, number>()
  const answered = new Map<string, number>()
  let server: Server | undefined
  let port = 0
  let [open, most] = [0, 0]

  const handle = async (incoming: IncomingMessage, reply: ServerResponse) => {
    const text = await readAll(incoming)
    const body = JSON.parse(text)
    const repeats = asked.get(text) ?? 0
    asked.set(text, repeats + 1)
    const request = { text, body, headers: incoming.headers, number: requests.length, repeats }
    requests.push(request)
    if (delay > 0) await sleep(delay)
    const whole = () => answered.set(text, (answered.get(text) ?? 0) + 1)
    await respond(reply, request, misdeed(request), options.minPrefix ?? 2, whole)
  }
  const start = async () => {
    server = createServer((incoming, reply) => {
      most = Math.max(most, ++open)
      handle(incoming, reply)
        .catch(() => reply.destroy())
        .finally(() => open--)
    })
    server.keepAliveTimeout = 60_000
    await new Promise<void>(ready => server!.listen(port, '127.0.0.1', ready))
    port = (server.address() as AddressInfo).port
  }
  const stop = async () => {
    const closing = server
    if (!closing) return
    server = undefined
    const closed = new Promise(settle => closing.close(settle))
    closing.closeAllConnections()
    await closed
  }
  await start()
  return { url: `http://127.0.0.1:${port}/v1`, requests, answered, mostAtOnce: () => most, start, stop }
}

async function readAll(incoming: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  for await (const chunk of incoming) chunks.push(chunk)
  return Buffer.concat(chunks).toString()
}

async function respond(
  reply: ServerResponse,
  request: ChatRequest,
  misdeed: Misdeed | undefined,
  minPrefix: number,
  whole: () => void,
): Promise<void> {
  if (typeof misdeed === 'object') {
    reply.writeHead(misdeed.status, { 'content-type': 'application/json', ...misdeed.headers })
    reply.end(misdeed.body ?? JSON.stringify({ error: { message: `scripted ${misdeed.status}` } }))
    return
  }
  if (misdeed === 'silence') return
  const text = completionFor(request, minPrefix, misdeed)
  if (misdeed === 'reset') {
    reply.writeHead(200, { 'content-length': Buffer.byteLength(text) })
    reply.write(text.slice(0, text.length >> 1))
    await sleep(5)
    reply.destroy()
    return
  }
  if (misdeed === 'drip') {
    reply.writeHead(200, { 'content-type': 'application/json' })
    for (const letter of text) {
      reply.write(letter)
      await sleep(50)
      if (reply.destroyed) return
    }
    reply.end()
    return
  }
  reply.writeHead(200, { 'content-type': 'application/json' })
  if (misdeed !== 'half-json') whole()
  reply.end(misdeed === 'half-json' ? text.slice(0, text.length >> 1) : text)
}

function completionFor({ body }: ChatRequest, minPrefix: number, misdeed: Misdeed | undefined): string {
  const { text, labels } = answerTo(body.messages[1].content, minPrefix, misdeed === 'shifted' ? 1 : 0)
  const content =
    misdeed === 'refusal' || misdeed === 'empty' ? '' : misdeed === 'length' ? text.slice(0, text.length >> 1) : text
  const message = { role: 'assistant', content, refusal: misdeed === 'refusal' ? 'I would rather not.' : null }
  const prompt = body.messages.reduce((sum, { content }) => sum + Math.ceil(content.length / 2), 0)
  return JSON.stringify({
    id: 'chat-1',
    object: 'chat.completion',
    model: body.model,
    choices: [
      {
        index: 0,
        message,
        finish_reason: misdeed === 'length' ? 'length' : 'stop',
        logprobs: body.logprobs ? { content: logprobsOf(text, labels) } : null,
      },
    ],
    usage: { prompt_tokens: prompt, completion_tokens: Math.ceil(content.length / 3), total_tokens: prompt },
  })
}

/** The right answer in the form that the prompt asks for. */
export function answerTo(prompt: string, minPrefix: number, firstIndex = 0) {
  const compact = prompt.startsWith('Liked:')
  const [history, candidates] = prompt.split('\n\n').map(block => block.split('\n').slice(1).map(readCodes))
  const positive = candidates.map(item =>
    history.some(known => known.some((code, view) => sharedPrefix(code, item[view]) >= minPrefix)),
  )
  const labels = positive.map(yes => (compact ? (yes ? 'p' : 'n') : yes ? 'positive' : 'negative'))
  if (prompt.includes('\nCandidate:')) return { labels, text: JSON.stringify({ label: labels[0] }) }
  const verdicts = labels.map((label, index) =>
    compact ? { i: index + firstIndex, l: label } : { candidate: index + firstIndex, label },
  )
  return { labels, text: JSON.stringify(compact ? { v: verdicts } : { verdicts }) }
}

/** The two codes of a line in any mode. */
function readCodes(line: string): Int8Array[] {
  const paths = line
    .replace(/^\d+\. /, '')
    .replace(/co |emb |\| /g, '')
    .split(' ')
  return paths.map(path => Int8Array.from(path === '-' ? [] : path.split('-'), Number))
}

/** A token a letter, but whole labels; a label has 0.8, the other 0.2. */
function logprobsOf(text: string, labels: readonly string[]) {
  const pattern = new RegExp(`(?<=")(?:${[...new Set(labels)].join('|')})(?=")|.`, 'gs')
  const other: Record<string, string> = { positive: 'negative', negative: 'positive', p: 'n', n: 'p' }
  return Array.from(text.matchAll(pattern), ([token]) => {
    const choice = (word: string, share: number) => ({
      token: word,
      logprob: Math.log(share),
      bytes: [...Buffer.from(word)],
    })
    const top = labels.includes(token) ? [choice(token, 0.8), choice(other[token], 0.2)] : [choice(token, 1)]
    return { ...top[0], top_logprobs: top }
  })
}
