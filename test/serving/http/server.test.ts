import { mkdir, rename, symlink, writeFile } from 'node:fs/promises'
import { Agent, request } from 'node:http'
import { connect } from 'node:net'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { reportEvents } from '../../../src/serving/events/report-events.ts'
import { serveOptions } from '../../../src/serving/http/options.ts'
import { type RunningServer, type ServeRequest, startServer } from '../../../src/serving/http/serve.ts'
import { temporaryDirectory } from '../../support/directory.ts'
import { type FakeModel, fakeModel } from '../../support/fake-model.ts'

/** A server on a free port over fake models named by the folder that a link leads to. */
async function start({
  options = {},
  ...more
}: Partial<Omit<ServeRequest, 'options'>> & { options?: Record<string, unknown> } = {}) {
  const directory = await temporaryDirectory()
  for (const name of ['a', 'b', 'broken']) await mkdir(join(directory, name))
  const path = join(directory, 'current')
  await symlink(join(directory, 'a'), path)
  const opened: FakeModel[] = []
  const lines: string[] = []
  const open = async (target: string) => {
    await sleep(5)
    if (target.endsWith('broken')) throw new Error('the manifest is cut off')
    opened.push(fakeModel(`fake@${target.slice(-1)}`))
    return opened.at(-1)!
  }
  const write = (text: string) => void lines.push(text)
  const server = await startServer({
    path,
    open,
    write,
    ...more,
    options: serveOptions.parse({ port: 0, drainSeconds: 2, ...options }),
  })
  onTestFinished(() => server.close())
  const relink = async (name: string) => {
    await symlink(join(directory, name), `${path}.new`)
    await rename(`${path}.new`, path)
  }
  return { server, directory, opened, lines, relink, path }
}

const post = async (server: RunningServer, path: string, body: unknown) => {
  const response = await fetch(server.url + path, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  })
  return { status: response.status, json: await response.json() }
}

const servedModel = async (server: RunningServer) => (await post(server, '/v1/recommend', { k: 1 })).json.model

describe('a server on a port', () => {
  it('listens on 127.0.0.1, answers, and ends when it is closed', async () => {
    const { server } = await start()
    expect(server.url).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/)
    expect((await post(server, '/v1/recommend', { user: 7, k: 2 })).json.items).toHaveLength(2)
    await server.close()
    await expect(fetch(server.url)).rejects.toThrow()
  })

  it('does not serve without keys where others can reach it, unless told', async () => {
    await expect(start({ options: { host: '0.0.0.0' } })).rejects.toThrow(
      '--host 0.0.0.0 can be reached by others: give keys (--keys <file> or DUALTREE_KEYS), or say --allow-anonymous',
    )
    await start({ options: { host: '0.0.0.0', allowAnonymous: true } })
    await start({ options: { host: '0.0.0.0' }, environmentKeys: 'a-key-that-nobody-guesses' })
  })

  it('says why it cannot start: a port in use, keys that are none, a model that is none', async () => {
    const { server } = await start()
    await expect(start({ options: { port: Number(new URL(server.url).port) } })).rejects.toThrow(
      /^cannot listen on 127\.0\.0\.1 port \d+: EADDRINUSE; something listens there already: give another --port$/,
    )
    await expect(start({ environmentKeys: 'short' })).rejects.toThrow(
      'DUALTREE_KEYS: expected keys of at least 16 letters, digits and ._~+/-, found one of 5 characters; make one with "openssl rand -hex 24"',
    )
    await expect(start({ options: { keys: '/no/such/file' } })).rejects.toThrow(
      '--keys /no/such/file: cannot be read: ENOENT',
    )
    await expect(start({ open: async () => Promise.reject(new Error('cut off')) })).rejects.toThrow('cut off')
  })

  it('loads its keys from a file, and again on reload', async () => {
    const file = join(await temporaryDirectory(), 'keys')
    await writeFile(file, '# the shop\nfirst-key-of-the-shop\n\n')
    const { server } = await start({ options: { keys: file } })
    const status = async (key: string) =>
      (await fetch(`${server.url}/v1/model`, { headers: { authorization: `Bearer ${key}` } })).status
    expect([await status('first-key-of-the-shop'), await status('second-key-of-the-shop')]).toEqual([200, 401])
    await writeFile(file, 'second-key-of-the-shop\n')
    await server.reload()
    expect([await status('first-key-of-the-shop'), await status('second-key-of-the-shop')]).toEqual([401, 200])
    await writeFile(file, '# none\n')
    await server.reload()
    expect(await status('second-key-of-the-shop')).toBe(200)
  })

  it('answers what is no HTTP with a problem, and cuts off headers that do not end', async () => {
    const { server } = await start()
    const say = (text: string) =>
      new Promise<string>(settle => {
        let heard = ''
        const socket = connect(Number(new URL(server.url).port), '127.0.0.1', () => socket.write(text))
        socket.on('data', chunk => {
          heard += chunk
        })
        socket.on('close', () => settle(heard))
      })
    expect(await say('hello\r\n\r\n')).toMatch(
      /^HTTP\/1\.1 400 Bad Request\r\ncontent-type: application\/problem\+json/,
    )
    expect(await say(`GET / HTTP/1.1\r\nhost: x\r\nlong: ${'x'.repeat(20_000)}\r\n\r\n`)).toContain(
      'urn:dualtree:problem:bad-request',
    )
  })
})

describe('another model', () => {
  it('takes the place of the one before when the link is changed, which is closed then', async () => {
    const { server, opened, relink } = await start()
    expect(await servedModel(server)).toBe('fake@a')
    await relink('b')
    await vi.waitFor(async () => expect(await servedModel(server)).toBe('fake@b'), { timeout: 5000 })
    expect(opened.map(model => model.isClosed())).toEqual([true, false])
    const metrics = await (await fetch(`${server.url}/metrics`)).text()
    expect(metrics).toMatch(/dualtree_model_info\{model="fake@b",[^}]*\} 1/)
    expect(metrics).not.toContain('model="fake@a"')
  })

  it('is refused when it is broken: the one before is served still, and the log says why', async () => {
    const { server, relink, lines } = await start()
    await relink('broken')
    await vi.waitFor(() => expect(lines.join('')).toContain('the manifest is cut off'), { timeout: 5000 })
    expect(await servedModel(server)).toBe('fake@a')
    await server.reload()
    expect(await servedModel(server)).toBe('fake@a')
    expect(await (await fetch(`${server.url}/metrics`)).text()).toContain(
      'dualtree_model_loads_total{result="failed"} 2',
    )
    await relink('b')
    await server.reload()
    expect(await servedModel(server)).toBe('fake@b')
  })

  it('is swapped in under load without a request that fails', async () => {
    const { server, opened } = await start({ options: { rate: 0 } })
    const failures: unknown[] = []
    let sent = 0
    let swapping = true
    const load = async () => {
      while (swapping) {
        sent++
        const { status, json } = await post(server, '/v1/recommend', { requests: Array(40).fill({ k: 1 }) })
        if (status !== 200) failures.push(json)
      }
    }
    const loads = Array.from({ length: 4 }, load)
    for (let swap = 0; swap < 20; swap++) await server.reload()
    swapping = false
    await Promise.all(loads)
    expect(failures).toEqual([])
    expect(sent).toBeGreaterThan(20)
    expect(opened.filter(model => !model.isClosed())).toHaveLength(1)
  })

  it('is loaded once for all who ask while one is loading', async () => {
    const { server, opened } = await start()
    await Promise.all(Array.from({ length: 9 }, () => server.reload()))
    expect(opened).toHaveLength(3)
  })
})

describe('a full disk under the events', () => {
  it('is a 503 for events alone, with none of them stored by half', async () => {
    const file = join(await temporaryDirectory(), 'events.db')
    const { server, lines } = await start({ options: { events: file, eventsMaxMb: 1 } })
    const batch = (n: number) =>
      Array.from({ length: 500 }, (_, index) => ({ id: `${n}-${index}`, user: 7, item: 'x'.repeat(400) }))
    let accepted = 0
    let refused: { status: number; json: unknown } | undefined
    for (let n = 0; !refused; n++) {
      const { status, json } = await post(server, '/v1/events', { events: batch(n) })
      if (status === 200) accepted += json.accepted
      else refused = { status, json }
    }
    expect(refused).toMatchObject({ status: 503, json: { type: 'urn:dualtree:problem:events-unavailable' } })
    expect(lines.join('')).toContain('database or disk is full; free some space or raise --events-max-mb')
    expect((await post(server, '/v1/recommend', { user: 7, k: 1 })).status).toBe(200)
    expect((await fetch(`${server.url}/health/ready`)).status).toBe(200)
    expect(accepted % 500).toBe(0)
    expect(reportEvents(file).events).toBe(accepted)
  })
})

describe('the end', () => {
  it('answers what is under way, ends connections, and stores what was accepted', async () => {
    const file = join(await temporaryDirectory(), 'events.db')
    const { server, lines } = await start({ options: { events: file } })
    const agent = new Agent({ keepAlive: true })
    const body = JSON.stringify({ user: 7 })
    // a request whose body comes in two parts: under way when the server is closed
    const answered = new Promise<{ status: number; connection: string | undefined }>((settle, reject) => {
      const slow = request(`${server.url}/v1/recommend`, {
        ...{ method: 'POST', agent, headers: { 'content-type': 'application/json', 'content-length': body.length } },
      })
      slow.on('response', response => {
        response.resume()
        settle({ status: response.statusCode!, connection: response.headers.connection })
      })
      slow.on('error', reject)
      slow.write(body.slice(0, 5))
      setTimeout(() => slow.end(body.slice(5)), 300)
    })
    await post(server, '/v1/events', { events: [{ user: 7, item: 3 }] })
    await sleep(50)
    await server.close()
    expect(await answered).toEqual({ status: 200, connection: 'close' })
    expect(lines.join('')).toMatch(/"msg":"draining"[\s\S]*"msg":"stopped"/)
    const again = await start({ options: { events: file } })
    // a path that holds no log yet is said: it may be mistyped
    expect([lines, again.lines].map(log => log.join('').includes('a new event log begins'))).toEqual([true, false])
    expect((await post(again.server, '/v1/recommend', { user: 7, k: 1 })).json.items).toMatchObject([{ item: 4 }])
  })

  it('waits no longer than it was told', async () => {
    const { server } = await start({ options: { drainSeconds: 0 } })
    const hanging = request(`${server.url}/v1/recommend`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'content-length': 9 },
    })
    const cut = new Promise(settle => hanging.on('error', settle))
    hanging.write('{')
    await sleep(50)
    const start0 = performance.now()
    await server.close()
    expect(performance.now() - start0).toBeLessThan(1000)
    expect(await cut).toBeInstanceOf(Error)
  })
})
