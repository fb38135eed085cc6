/** A server that listens: model, events, signals of change, and an end that loses no request. */
import { statSync } from 'node:fs'
import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createAdaptorServer } from '@hono/node-server'
import { messageOf, UsageError } from '../../errors.ts'
import { openEventLog } from '../events/event-log.ts'
import type { ServingModel } from '../model/serving-model.ts'
import { createAnswerCounter } from './answer-counter.ts'
import { createApp } from './app.ts'
import { now } from './clock.ts'
import { createJsonLog } from './json-log.ts'
import { KEYS_VARIABLE, type Keys, readKeys } from './keys.ts'
import { createModelSlot } from './model-slot.ts'
import type { ServeOptions } from './options.ts'
import { readPlayground } from './playground-files.ts'
import { renderProblem } from './problems.ts'
import { createServerMetrics } from './server-metrics.ts'

export interface RunningServer {
  readonly url: string
  /** Loads the model again, and the keys; what cannot be read leaves in place what is served. */
  reload(): Promise<void>
  /** Answers what is under way, refuses what is new, writes what is held. */
  close(): Promise<void>
}

export interface ServeRequest {
  /** what the log calls the model's place, and what is watched for a change of a link */
  readonly path: string
  readonly open: (path: string) => Promise<ServingModel>
  readonly options: ServeOptions
  /** of DUALTREE_KEYS */
  readonly environmentKeys?: string | undefined
  readonly write: (lines: string) => void
}

/** How often a link is looked at, and how often answers are counted on disk. */
const EVERY_MS = 1000

/**
 * Listens at once and is ready when the model is loaded.
 * @throws what `open` throws for the first model; UsageError for keys, an address or an event log that cannot be used
 */
export async function startServer(request: ServeRequest): Promise<RunningServer> {
  const { path, open, options, environmentKeys, write } = request
  let keys: Keys = await readKeys(options.keys, environmentKeys)
  if (keys.count === 0 && !isLoopback(options.host) && !options.allowAnonymous)
    throw new UsageError(
      `--host ${options.host} can be reached by others: give keys (--keys <file> or ${KEYS_VARIABLE}), or say --allow-anonymous`,
    )
  const log = createJsonLog(options.logLevel, write, now)
  const metrics = createServerMetrics()
  const { events: file, eventsSync: sync, eventsMaxMb: maxMegabytes } = options
  const onDamaged = (number: number) => log.warn('an event of the log is damaged, and left out', { number })
  // a log that has gone or was emptied, or a path that is mistyped, looks the same as the first start
  if (file !== undefined && !statSync(file, { throwIfNoEntry: false })?.size)
    log.info('a new event log begins', { file })
  const events = file === undefined ? undefined : openEventLog(file, { sync, maxMegabytes, onDamaged })
  const answers = createAnswerCounter(events, now)
  let draining = false

  const onFailed = (error: unknown) => {
    metrics.loads.inc({ result: 'failed' })
    log.error('model not loaded; the one before is served still', { path, reason: messageOf(error) })
  }
  const slot = createModelSlot(path, open, {
    onLoaded({ info }, before) {
      const { id, method, fittedOn, users, items, version, ann } = info
      metrics.loads.inc({ result: 'loaded' })
      metrics.model.reset()
      metrics.model.set({ model: id, method, fitted_on: fittedOn, version }, 1)
      metrics.loadedAt.set(now() / 1000)
      // the previous model is closed by then; V8 does not count the memory of its arrays, and would not free them soon
      if (before) setImmediate(() => globalThis.gc?.())
      const more = { ...(ann && { annRecall: ann.recall }), ...(before && { before: before.info.id }) }
      log.info('model loaded', { model: id, fittedOn, users, items, ...more })
      if (options.ann && !ann) log.warn('exact: --ann is for models of vectors', { model: id })
    },
    onFailed,
  })
  const context = {
    options: { ...options, localOnly: !options.allowAnonymous },
    model: slot.current,
    isReady: () => !draining,
    keys: () => keys,
    events,
    answers,
    metrics,
    log,
    now,
  }
  const app = createApp(context, await readPlayground())
  const server = createAdaptorServer({ fetch: app.fetch }) as Server
  limitConnections(server)
  const counting = setInterval(flushAnswers, EVERY_MS).unref()

  function flushAnswers() {
    try {
      answers.flush()
    } catch (error) {
      log.warn('answers not counted yet', { reason: messageOf(error) })
    }
  }

  const end = async (seconds: number) => {
    draining = true
    await drain(server, seconds * 1000)
    clearInterval(counting)
    slot.close()
    flushAnswers()
    events?.close()
    log.flush()
  }
  const close = async () => {
    if (draining) return
    log.info('draining', { seconds: options.drainSeconds })
    await end(options.drainSeconds)
    log.info('stopped')
    log.flush()
  }
  try {
    await listen(server, options)
    await slot.load()
  } catch (error) {
    await end(0)
    throw error
  }
  slot.watch(EVERY_MS)
  const { address, port, family } = server.address() as AddressInfo
  const url = `http://${family === 'IPv6' ? `[${address}]` : address}:${port}`
  log.info('listening', { url, keys: keys.count, events: file !== undefined })
  log.flush()
  return {
    url,
    async reload() {
      await slot.load().catch(onFailed)
      try {
        keys = await readKeys(options.keys, environmentKeys)
      } catch (error) {
        log.error('keys not read; those before are in use still', { reason: messageOf(error) })
      }
    },
    close,
  }
}

const isLoopback = (host: string) => host === 'localhost' || host === '::1' || /^127\./.test(host)

function listen(server: Server, { host, port }: ServeOptions): Promise<void> {
  return new Promise((settle, refuse) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      const remedy =
        error.code === 'EADDRINUSE'
          ? 'something listens there already: give another --port'
          : 'give another --host or --port'
      refuse(new UsageError(`cannot listen on ${host} port ${port}: ${error.code ?? error.message}; ${remedy}`))
    })
    server.listen(port, host, settle)
  })
}

/** A client that is slow, or sends what is not HTTP, holds nothing for long. */
function limitConnections(server: Server): void {
  server.headersTimeout = 10_000
  server.requestTimeout = 30_000
  server.keepAliveTimeout = 65_000
  server.on('clientError', (error: NodeJS.ErrnoException, socket) => {
    if (error.code === 'ECONNRESET' || !socket.writable) return socket.destroy()
    const body = renderProblem('bad-request', 'expected an HTTP request with headers of at most 16 KB')
    socket.end(
      `HTTP/1.1 400 Bad Request\r\ncontent-type: application/problem+json\r\ncontent-length: ${Buffer.byteLength(body)}\r\nconnection: close\r\n\r\n${body}`,
    )
  })
}

/** Ends when every request under way has its answer, or after `milliseconds`. */
async function drain(server: Server, milliseconds: number): Promise<void> {
  const closed = new Promise<void>(settle => server.close(() => settle()))
  // connections that wait for a request get none any more
  const idle = setInterval(() => server.closeIdleConnections(), 50)
  const late = setTimeout(() => server.closeAllConnections(), milliseconds)
  await closed
  clearInterval(idle)
  clearTimeout(late)
}
