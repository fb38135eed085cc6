import { describe, expect, it } from 'vitest'
import { answer, itemInfo } from '../../../src/serving/answers/schema.ts'
import { reportEvents } from '../../../src/serving/events/report-events.ts'
import { serveOptions } from '../../../src/serving/http/options.ts'
import { testServer } from './server.ts'

const KEY = 'a-key-that-nobody-guesses'

describe('answers over HTTP', () => {
  it('recommends to a user, a history, many at once, with a request id that names the model', async () => {
    const { post } = await testServer()
    const one = await post('/v1/recommend', { user: 7, k: 3 })
    expect(one.status).toBe(200)
    expect(answer.parse(one.json)).toMatchObject({
      model: 'fake@1',
      by: 'user',
      items: [{ item: 3 }, { item: 4 }, { item: 5 }],
    })
    expect(one.json.requestId).toMatch(/^r-[0-9a-f]{10}-[0-9a-f-]{36}$/)
    const history = await post('/v1/recommend', { history: [3, { item: '4', weight: 2 }, 'gone'], k: 2, explain: true })
    expect(history.json).toMatchObject({
      by: 'history',
      items: [{ item: 1, because: [{ item: '4', contribution: 0.5 }] }, { item: 2 }],
      unknown: { history: 1 },
    })
    const many = await post('/v1/recommend', {
      requests: [
        { user: 7, k: 1 },
        { user: 'nobody', k: 1, requestId: 'own' },
      ],
    })
    expect(many.json.answers).toMatchObject([{ by: 'user' }, { by: 'popularity', requestId: 'own' }])
  })

  it('answers similar, rank, items and model', async () => {
    const { post, get } = await testServer()
    expect((await post('/v1/similar', { item: 4, k: 2 })).json).toMatchObject({ items: [{ item: 5 }, { item: 6 }] })
    expect((await post('/v1/rank', { history: [1], items: [9, 8] })).json.items).toHaveLength(2)
    expect(itemInfo.parse((await get('/v1/items/4')).json)).toMatchObject({ item: 4, codes: { structural: '0-0-1' } })
    expect((await get('/v1/items?search=yoga%203&limit=2')).json.items).toMatchObject([{ item: 3 }, { item: 13 }])
    expect((await get('/v1/model')).json).toMatchObject({ id: 'fake@1', events: false })
  })

  it('ranks for a user whose events are joined to what is known, at once', async () => {
    const { post } = await testServer({ events: true })
    const sent = await post('/v1/events', {
      events: [
        { user: 7, item: 3 },
        { user: 7, item: 4, type: 'purchase', weight: 2 },
        { user: 'new', item: 'gone' },
        { user: 'new', item: 1 },
      ],
    })
    expect(sent.json).toEqual({ accepted: 4, duplicates: 0, unknownItems: 1 })
    expect((await post('/v1/recommend', { user: 7, k: 1 })).json).toMatchObject({ by: 'user', items: [{ item: 5 }] })
    expect((await post('/v1/recommend', { user: 'new', k: 1 })).json).toMatchObject({
      ...{ by: 'history', items: [{ item: 2 }], unknown: { history: 1 } },
    })
    // what the request says of the history stands in place of what the model knows
    expect((await post('/v1/recommend', { user: 7, history: [5], k: 2 })).json.items).toMatchObject([
      { item: 1 },
      { item: 2 },
    ])
  })

  it('leaves out what a user has returned or dislikes, of the history and of answers', async () => {
    const { post } = await testServer({ events: true })
    const send = (...events: object[]) => post('/v1/events', { events })
    await send({ user: 'new', item: 1 }, { user: 'new', item: 2, type: 'dislike' }, { user: 'new', item: 'gone', type: 'return' }) // biome-ignore format: one line
    const { json } = await post('/v1/recommend', { user: 'new', k: 9 })
    expect(json.by).toBe('history')
    expect(json.unknown).toBeUndefined()
    expect(json.items.map(({ item }: { item: unknown }) => item)).not.toContain(2)
    expect((await post('/v1/rank', { user: 'new', items: [2, 3] })).json.items).toHaveLength(2)
    await send({ user: 'new', item: 2, type: 'purchase' })
    const { json: again } = await post('/v1/recommend', { user: 'new', k: 9, allowSeen: true })
    expect(again.items.map(({ item }: { item: unknown }) => item)).toContain(2)
  })

  it('refuses what would be stored as something else: seconds, another encoding, a packed body', async () => {
    const { post, app } = await testServer({ events: true })
    const seconds = await post('/v1/events', { events: [{ user: 1, item: 1, time: 1_700_000_000 }] })
    expect(seconds.json).toMatchObject({
      ...{ status: 422, field: 'events.0.time' },
      detail: 'events.0.time: expected ms since 1970, not seconds, got 1700000000',
    })
    const send = (body: Uint8Array<ArrayBuffer>, more: Record<string, string> = {}) =>
      app.request('/v1/events', { method: 'POST', body, headers: { 'content-type': 'application/json', ...more } })
    const latin = await send(Uint8Array.from(Buffer.from('{"events":[{"user":"caf\xe9","item":1}]}', 'latin1')))
    expect(await latin.json()).toMatchObject({ status: 400, detail: 'expected a body in UTF-8, found bytes that are not' }) // biome-ignore format: one line
    const packed = await send(Uint8Array.from([31, 139, 8]), { 'content-encoding': 'gzip' })
    expect(await packed.json()).toMatchObject({
      ...{ status: 415, detail: 'expected a body that is not compressed, found "content-encoding: gzip"' },
    })
  })

  it('counts click-through by request ids, its own and those that clients chose', async () => {
    const { post, server, path } = await testServer({ events: true })
    const { json } = await post('/v1/recommend', { user: 7 })
    await post('/v1/recommend', { user: 7, requestId: 'shop-1' })
    await post('/v1/similar', { item: 1 })
    await post('/v1/similar', { item: 1, requestId: 'playground' })
    server.answers.flush()
    server.answers.flush()
    await post('/v1/events', {
      events: [json.requestId, 'shop-1', 'other'].map(requestId => ({ user: 7, item: 3, requestId })),
    })
    expect(reportEvents(path)).toMatchObject({
      unknownRequest: 1,
      models: [
        { model: 'fake@1', call: 'recommend', answers: 2, clicked: 2 },
        { call: 'similar', answers: 1, clicked: 0 },
      ],
    })
  })
})

describe('requests that cannot be answered', () => {
  const long = Array.from({ length: 100_000 }, (_, index) => index)

  it.each([
    { what: 'no JSON', body: '{"k": ', status: 400, problem: 'invalid-json', detail: 'expected a body of JSON: ' },
    { what: 'an empty body', body: '', status: 400, problem: 'invalid-json' },
    {
      what: 'a list',
      body: [],
      status: 422,
      problem: 'invalid-request',
      detail: 'expected a value of type object, got []',
    },
    { what: 'k of 0', body: { k: 0 }, status: 422, field: 'k', detail: 'k: expected at least 1, got 0' },
    {
      what: 'k of a million',
      body: { k: 1e6 },
      status: 422,
      field: 'k',
      detail: 'k: expected at most 1000, got 1000000',
    },
    { what: 'a k in words', body: { k: 'ten' }, status: 422, field: 'k' },
    {
      what: 'a long history',
      body: { history: long },
      status: 422,
      field: 'history',
      detail: 'history: expected a length of at most 10000, got 100000',
    },
    { what: 'an item that is none', body: { history: [1, true] }, status: 422, field: 'history.1' },
    { what: 'an unknown field', body: { limit: 3 }, status: 422, detail: 'unknown field "limit"' },
    {
      what: 'an unknown attribute',
      body: { filter: 'colour = 1' },
      status: 422,
      field: 'filter',
      detail: 'filter: unknown attribute "colour"',
    },
    { what: 'one of many', body: { requests: [{}, { k: 0 }] }, status: 422, field: 'requests.1.k' },
    {
      what: 'the filter of one of many',
      body: { requests: [{}, { filter: 'colour = 1' }] },
      status: 422,
      field: 'requests.1.filter',
      detail: 'requests.1.filter: unknown attribute',
    },
    {
      what: 'more than fits',
      body: { exclude: ['x'.repeat(2e6)] },
      status: 413,
      problem: 'body-too-large',
      detail: 'expected a body of at most 1024 KB',
    },
  ])('$what: $status', async ({ body, status, problem = 'invalid-request', field, detail = '' }) => {
    const { post } = await testServer()
    const response = await post('/v1/recommend', body)
    expect(response.headers.get('content-type')).toBe('application/problem+json')
    expect(response.json).toMatchObject({ type: `urn:dualtree:problem:${problem}`, status, ...(field && { field }) })
    expect(response.json.detail).toContain(detail)
    expect(response.status).toBe(status)
  })

  it('holds to the limits of the server where they are lower', async () => {
    const { post } = await testServer({ options: { maxK: 5, maxHistory: 2 } })
    expect((await post('/v1/similar', { item: 1, k: 6 })).json.detail).toBe(
      'k: expected at most 5 on this server, got 6',
    )
    expect((await post('/v1/rank', { history: [1, 2, 3], items: [1] })).json).toMatchObject({
      ...{ field: 'history', detail: 'history: expected a length of at most 2 on this server, got 3' },
    })
    expect((await post('/v1/recommend', { requests: [{ k: 5 }, { k: 6 }] })).json.field).toBe('requests.1.k')
  })

  it('takes JSON only as JSON, which a page of another site cannot send unasked', async () => {
    const { post } = await testServer({ events: true })
    const response = await post('/v1/events', { events: [{ user: 1, item: 1 }] }, { 'content-type': 'text/plain' })
    expect(response.json).toMatchObject({
      status: 415,
      detail: 'expected the header "content-type: application/json", found "text/plain"',
    })
    expect((await post('/v1/recommend', {}, { 'content-type': 'application/json; charset=utf-8' })).status).toBe(200)
  })

  it('has no such path, method or item', async () => {
    const { get, post, send } = await testServer()
    expect((await get('/v2/recommend')).json).toMatchObject({ status: 404, type: 'urn:dualtree:problem:not-found' })
    const wrong = await get('/v1/recommend')
    expect([wrong.status, wrong.headers.get('allow'), wrong.json.detail]).toEqual([405, 'POST', 'expected POST'])
    expect((await send('DELETE', '/v1/items/4')).headers.get('allow')).toBe('GET, HEAD')
    expect((await get('/v1/items/99')).json).toMatchObject({ status: 404, type: 'urn:dualtree:problem:unknown-item' })
    expect((await post('/v1/similar', { item: 99 })).json).toMatchObject({ status: 404, field: 'item' })
    for (const path of [
      '/playground/../../package.json',
      '/playground/%2e%2e%2fclock.ts',
      '/v1/items/..%2f..%2fetc%2fpasswd',
      '/v1/items/%ff',
    ])
      expect((await get(path)).status, path).toBe(404)
  })

  it('refuses events without a log, and keeps quiet on why they cannot be stored', async () => {
    const { post } = await testServer()
    expect((await post('/v1/events', { events: [{ user: 1, item: 1 }] })).json).toMatchObject({
      ...{ status: 503, detail: 'this server stores no events: it was started without --events' },
    })
    const { post: full, path, server, logged } = await testServer({ events: true })
    server.events!.close()
    const refused = await full('/v1/events', { events: [{ user: 1, item: 1 }] })
    expect(refused.json).toMatchObject({
      status: 503,
      detail: 'events cannot be stored now; send the request again later',
    })
    expect(refused.headers.get('retry-after')).toBe('5')
    expect(logged()).toContainEqual(
      expect.objectContaining({ msg: 'events refused', reason: expect.stringContaining(path) }),
    )
  })

  it('says nothing of its inside, but logs it', async () => {
    const failing = {
      ...(await testServer()).server.model()!,
      recommend: () => {
        throw new Error('secret /var/lib/shop')
      },
    }
    const { post, logged } = await testServer({ context: { model: () => failing } })
    const response = await post('/v1/recommend', {})
    expect(response.json).toEqual({
      ...{ type: 'urn:dualtree:problem:internal', title: 'Internal Server Error', status: 500 },
      detail: 'the server failed on this request; its log says more',
    })
    expect(logged()).toContainEqual(
      expect.objectContaining({
        level: 50,
        err: { message: 'secret /var/lib/shop', stack: expect.stringContaining('app.test.ts') },
      }),
    )
  })

  it('is live but not ready before the model is loaded', async () => {
    const { get, post } = await testServer({ context: { model: () => undefined } })
    expect((await get('/health/live')).json).toEqual({ status: 'live' })
    expect((await get('/health/ready')).status).toBe(503)
    const response = await post('/v1/recommend', {})
    expect([response.status, response.headers.get('retry-after')]).toEqual([503, '1'])
    const draining = await testServer({ context: { isReady: () => false } })
    expect((await draining.get('/health/ready')).json.detail).toBe('the server is draining')
    expect((await draining.post('/v1/recommend', {})).headers.get('connection')).toBe('close')
  })
})

describe('keys and rates', () => {
  it('asks for one of the keys wherever something of the model is said', async () => {
    const { get, post } = await testServer({ keys: `another-key-of-the-shop, ${KEY}` })
    for (const [path, status] of [
      ['/v1/items/4', 401],
      ['/v1/model', 401],
      ['/metrics', 401],
      ['/v1/nothing', 401],
      ['/health/ready', 200],
      ['/openapi.json', 200],
      ['/', 200],
    ] as const)
      expect((await get(path)).status, path).toBe(status)
    const refused = await post('/v1/recommend', {})
    expect(refused.headers.get('www-authenticate')).toBe('Bearer realm="dualtree"')
    expect(refused.json.detail).toBe('expected "Authorization: Bearer <key>" with one of the keys of this server')
    for (const wrong of [KEY, `Bearer ${KEY}x`, `Bearer ${KEY.slice(1)}`, 'Bearer ', `Basic ${KEY}`])
      expect((await get('/v1/model', { authorization: wrong })).status, wrong).toBe(401)
    expect((await get('/v1/model', { authorization: `Bearer ${KEY}` })).status).toBe(200)
    expect((await get('/metrics', { authorization: `bearer ${KEY}` })).status).toBe(200)
  })

  it('answers without keys to the names of this machine alone, unless it is told otherwise', async () => {
    const server = async (options: object, keys?: string) => {
      const { get } = await testServer({
        ...(keys && { keys }),
        context: { options: { ...serveOptions.parse({}), ...options } },
      })
      return async (host: string) => (await get('/v1/model', { host, authorization: `Bearer ${KEY}` })).status
    }
    const local = await server({ localOnly: true })
    for (const host of ['localhost:8080', '127.0.0.1', '127.0.0.1:8080', '[::1]:80', 'LocalHost'])
      expect(await local(host), host).toBe(200)
    for (const host of ['evil.example', 'localhost.evil.example', '127.0.0.1.evil.example:80', '10.0.0.1'])
      expect(await local(host), host).toBe(421)
    expect(await (await server({ localOnly: false }))('shop.example')).toBe(200)
    expect(await (await server({ localOnly: true }, KEY))('shop.example')).toBe(200)
  })

  it('holds each key to its rate, and those without to that of their address', async () => {
    const { get, pass } = await testServer({ keys: `another-key-of-the-shop,${KEY}`, options: { rate: 2 } })
    const status = async (key?: string) =>
      (await get('/v1/model', key ? { authorization: `Bearer ${key}` } : {})).status
    expect([await status(KEY), await status(KEY), await status(KEY)]).toEqual([200, 200, 429])
    expect(await status('another-key-of-the-shop')).toBe(200)
    expect([await status(), await status(), await status()]).toEqual([401, 401, 429])
    pass(500)
    expect([await status(KEY), await status(KEY)]).toEqual([200, 429])
    const { json, headers } = await get('/v1/model', { authorization: `Bearer ${KEY}` })
    expect(json.detail).toBe('at most 2 requests per second; send it again in 0.500 s')
    expect(headers.get('retry-after')).toBe('1')
  })
})

describe('what is seen from outside', () => {
  it('sends secure headers, and no name of a framework', async () => {
    const { get } = await testServer()
    const { headers } = await get('/')
    expect(headers.get('content-security-policy')).toContain("default-src 'none'; script-src 'self'")
    expect(headers.get('x-content-type-options')).toBe('nosniff')
    expect(headers.get('x-frame-options')).toBe('DENY')
    expect(headers.get('x-powered-by')).toBeNull()
  })

  it('logs routes without ids, or with them when asked', async () => {
    const { get, post, logged } = await testServer()
    await get('/v1/items/41?search=secret')
    await post('/v1/recommend', { user: 'alice', history: ['lamp'], k: 1 })
    await get('/alice/lamp')
    const lines = logged()
    expect(lines).toMatchObject([
      { level: 30, msg: 'request', method: 'GET', route: '/v1/items/:id', status: 200 },
      { method: 'POST', route: '/v1/recommend', status: 200, by: 'popularity', model: 'fake@1' },
      { route: 'none', status: 404 },
    ])
    expect(JSON.stringify(lines)).not.toMatch(/alice|lamp|secret/)
    const asked = await testServer({ options: { logIds: true } })
    await asked.post('/v1/recommend', { user: 'alice', k: 2 })
    expect(asked.logged()).toMatchObject([{ user: 'alice', items: [1, 2] }])
  })

  it('counts requests, answers and unknown ids for Prometheus', async () => {
    const { get, post } = await testServer()
    await post('/v1/recommend', { history: ['gone', 3] })
    await post('/v1/recommend', { k: 0 })
    const { text, headers } = await get('/metrics')
    expect(headers.get('content-type')).toContain('text/plain')
    for (const line of [
      'dualtree_http_requests_total{method="POST",route="/v1/recommend",status="200"} 1',
      'dualtree_http_requests_total{method="POST",route="/v1/recommend",status="422"} 1',
      'dualtree_http_request_duration_seconds_count{route="/v1/recommend"} 2',
      'dualtree_answers_total{call="recommend",by="history"} 1',
      'dualtree_unknown_ids_total{field="history"} 1',
    ])
      expect(text.split('\n')).toContain(line)
    expect(text).toContain('nodejs_eventloop_lag_seconds')
  })

  it('describes itself: every route, its schemas and its problems', async () => {
    const { get } = await testServer()
    const { json } = await get('/openapi.json')
    expect(json.openapi).toBe('3.1.0')
    expect(Object.keys(json.paths).sort()).toEqual([
      '/health/live',
      '/health/ready',
      '/metrics',
      '/v1/events',
      '/v1/items',
      '/v1/items/{id}',
      '/v1/model',
      '/v1/rank',
      '/v1/recommend',
      '/v1/similar',
    ])
    const { responses, requestBody, security } = json.paths['/v1/recommend'].post
    expect(Object.keys(responses)).toEqual(['200', '400', '401', '413', '415', '421', '422', '429', '503'])
    expect(security).toEqual([{ key: [] }])
    expect(JSON.stringify(requestBody)).toContain('"maximum":1000')
  })
})
