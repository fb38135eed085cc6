import { truncate } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, it, vi } from 'vitest'
import { contentOf } from '../../src/serving/model/content.ts'
import { writeModelFolder } from '../../src/serving/model/model-folder.ts'
import { temporaryDirectory } from '../support/directory.ts'
import { type ServeProcess, serveProcess } from '../support/serve-process.ts'
import { fitted, shop, sourceOf } from '../support/serving-world.ts'

async function modelFolder(): Promise<string> {
  const folder = join(await temporaryDirectory(), 'model')
  const data = shop()
  await writeModelFolder(folder, contentOf(sourceOf(fitted('rp3beta', data), data)))
  return folder
}

async function post({ url }: ServeProcess, path: string, body: unknown) {
  const response = await fetch(url + path, {
    ...{ method: 'POST', body: JSON.stringify(body), headers: { 'content-type': 'application/json' } },
  })
  return { status: response.status, json: await response.json() }
}

it('serves a model folder, loads it again on SIGHUP, and ends well on SIGTERM', async () => {
  const folder = await modelFolder()
  const server = await serveProcess([folder])
  const { json } = await post(server, '/v1/recommend', { user: 'u3', k: 2, explain: true })
  expect(json).toMatchObject({ model: expect.stringMatching(/^test@[0-9a-f]{8}$/), by: 'user' })
  expect(json.items).toHaveLength(2)
  server.signal('SIGHUP')
  await vi.waitFor(() => expect(server.lines.filter(({ msg }) => msg === 'model loaded')).toHaveLength(2), 20_000)
  server.signal('SIGTERM')
  expect(await server.ended()).toBe(0)
  expect(server.lines.map(({ msg }) => msg)).toEqual([
    'model loaded',
    'listening',
    'request',
    'model loaded',
    'draining',
    'stopped',
  ])
})

it('ends with exit code 3 for a model that is cut off, 2 for one that is none or a flag that is wrong', async () => {
  const folder = await modelFolder()
  await truncate(join(folder, 'model.safetensors'), 100)
  await expect(serveProcess([folder])).rejects.toMatchObject({
    code: 3,
    message: expect.stringContaining('model.safetensors'),
  })
  await expect(serveProcess([await temporaryDirectory()])).rejects.toMatchObject({
    code: 2,
    message: expect.stringContaining('has no model to serve'),
    lines: [],
  })
  await expect(serveProcess([folder, '--max-k', '0'])).rejects.toMatchObject({ code: 2 })
  await expect(serveProcess([folder, '--host', '0.0.0.0'])).rejects.toMatchObject({
    code: 2,
    message: expect.stringContaining('--allow-anonymous'),
  })
})

it('keeps every accepted event when it is killed, and each once when requests are repeated', async () => {
  const folder = await modelFolder()
  const events = join(await temporaryDirectory(), 'events.db')
  const accepted: string[] = []
  let sent = 0
  for (let kill = 0; kill < 3; kill++) {
    const server = await serveProcess([folder, '--events', events])
    for (let requests = 0; ; requests++) {
      // in the midst of requests, however slow the machine is
      if (requests === 1) setTimeout(() => server.signal('SIGKILL'), 30 * kill)
      // what was sent last may have been accepted: it is sent again
      const ids = [`e${sent}`, `e${sent + 1}`]
      const items = [
        { id: ids[0], user: 'me', item: 'cap' },
        { id: ids[1], user: 'me', item: 'hat' },
      ]
      const answer = await post(server, '/v1/events', { events: items }).catch(() => undefined)
      if (!answer) break
      expect(answer.json.accepted + answer.json.duplicates).toBe(2)
      accepted.push(...ids)
      sent += 2
    }
    expect(await server.ended()).toBe('SIGKILL')
  }
  const { DatabaseSync } = await import('node:sqlite')
  const database = new DatabaseSync(events)
  const stored = database
    .prepare('SELECT event_id FROM events')
    .all()
    .map(row => row.event_id)
  expect(new Set(stored).size).toBe(stored.length)
  expect(accepted.filter(id => !stored.includes(id))).toEqual([])
  expect(accepted.length).toBeGreaterThanOrEqual(6)
})
