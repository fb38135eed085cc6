/** The app over a fake model, without a port. */
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import { openEventLog } from '../../../src/serving/events/event-log.ts'
import { createAnswerCounter } from '../../../src/serving/http/answer-counter.ts'
import { createApp } from '../../../src/serving/http/app.ts'
import type { ServerContext } from '../../../src/serving/http/context.ts'
import { createJsonLog } from '../../../src/serving/http/json-log.ts'
import { readKeys } from '../../../src/serving/http/keys.ts'
import { serveOptions } from '../../../src/serving/http/options.ts'
import { readPlayground } from '../../../src/serving/http/playground-files.ts'
import { createServerMetrics } from '../../../src/serving/http/server-metrics.ts'
import { temporaryDirectory } from '../../support/directory.ts'
import { fakeModel } from '../../support/fake-model.ts'

export interface TestServerOptions {
  readonly options?: Record<string, unknown>
  readonly keys?: string
  readonly events?: boolean
  readonly context?: Partial<ServerContext>
}

export async function testServer({ options = {}, keys, events = false, context = {} }: TestServerOptions = {}) {
  const model = fakeModel()
  const lines: Record<string, unknown>[] = []
  let time = 1_700_000_000_000
  const now = () => time
  const path = join(await temporaryDirectory(), 'events.db')
  const eventLog = events ? openEventLog(path) : undefined
  if (eventLog) onTestFinished(() => eventLog.close())
  const known = await readKeys(undefined, keys)
  const log = createJsonLog(
    'info',
    text =>
      lines.push(
        ...text
          .trim()
          .split('\n')
          .map(line => JSON.parse(line)),
      ),
    now,
  )
  const answers = createAnswerCounter(eventLog, now)
  const server: ServerContext = {
    options: serveOptions.parse(options),
    model: () => model,
    isReady: () => true,
    keys: () => known,
    events: eventLog,
    answers,
    metrics: createServerMetrics(),
    log,
    now,
    ...context,
  }
  const app = createApp(server, await readPlayground())
  const send = async (method: string, url: string, body?: unknown, headers: Record<string, string> = {}) => {
    const response = await app.request(url, {
      method,
      ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
      headers: { ...(body !== undefined && { 'content-type': 'application/json' }), ...headers },
    })
    const text = await response.text()
    const json = /json/.test(response.headers.get('content-type') ?? '') ? JSON.parse(text) : undefined
    return { status: response.status, headers: response.headers, text, json }
  }
  return {
    app,
    path,
    server,
    send,
    post: (url: string, body: unknown, headers?: Record<string, string>) => send('POST', url, body, headers),
    get: (url: string, headers?: Record<string, string>) => send('GET', url, undefined, headers),
    /** what was logged so far */
    logged: () => {
      log.flush()
      return lines
    },
    pass: (milliseconds: number) => {
      time += milliseconds
    },
  }
}
