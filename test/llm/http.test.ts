import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { brotliCompressSync, deflateSync, gzipSync } from 'node:zlib'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { httpChat } from '../../src/llm/chat-client.ts'
import { createHttpClient, endpointOf } from '../../src/llm/http.ts'
import { readFailure } from '../../src/llm/replies.ts'

afterEach(() => vi.unstubAllEnvs())

/** A server that says what was asked of it. */
async function echoServer() {
  const server = createServer((request, reply) => {
    reply.end(JSON.stringify({ url: request.url, host: request.headers.host, key: request.headers.authorization }))
  })
  await new Promise<void>(ready => server.listen(0, '127.0.0.1', ready))
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, close: () => server.close() }
}

describe('createHttpClient', () => {
  it('goes through the proxy that the environment names, but not to this machine', async () => {
    const [server, proxy] = [await echoServer(), await echoServer()]
    vi.stubEnv('HTTP_PROXY', proxy.url)
    const client = await createHttpClient({}, 5)
    const far = await client.send('http://models.example/v1/chat/completions', '{}')
    expect(JSON.parse(far.body)).toMatchObject({ host: 'models.example' })
    expect(JSON.parse((await client.send(`${server.url}/v1`, '{}')).body)).toMatchObject({ url: '/v1' })
    vi.stubEnv('NO_PROXY', 'models.example')
    const direct = await createHttpClient({}, 5)
    await expect(direct.send('http://models.example/v1', '{}')).rejects.toMatchObject({ kind: 'connection' })
    for (const { close } of [server, proxy, client, direct]) close()
  })

  it('tells nobody there from nothing in time', async () => {
    const client = await createHttpClient({}, 0.1)
    const silent = createServer(() => {})
    await new Promise<void>(ready => silent.listen(0, '127.0.0.1', ready))
    const { port } = silent.address() as AddressInfo
    await expect(client.send(`http://127.0.0.1:${port}`, '{}')).rejects.toMatchObject({
      kind: 'timeout',
      message: 'no answer within 0.1 s',
    })
    silent.closeAllConnections()
    await new Promise(closed => silent.close(closed))
    await expect(client.send(`http://127.0.0.1:${port}`, '{}')).rejects.toMatchObject({
      kind: 'connection',
      message: expect.stringContaining('ECONNREFUSED'),
    })
    await client.close()
  })
})

it.each([
  ['gzip', gzipSync],
  ['deflate', deflateSync],
  ['br', brotliCompressSync],
] as const)('a body that is packed though nobody asked: %s', async (coding, pack) => {
  const server = createServer((_, reply) => reply.writeHead(200, { 'content-encoding': coding }).end(pack('{"ä": 1}')))
  await new Promise<void>(ready => server.listen(0, '127.0.0.1', ready))
  const client = await createHttpClient({}, 5)
  const { body } = await client.send(`http://127.0.0.1:${(server.address() as AddressInfo).port}`, '{}')
  expect(body).toBe('{"ä": 1}')
  await client.close()
  server.close()
})

it('https where http is spoken is no second try worth', async () => {
  const server = await echoServer()
  const client = await createHttpClient({}, 5)
  const error = await client.send(server.url.replace('http:', 'https:'), '{}').catch(error => error)
  expect(error).toMatchObject({ kind: 'certificate', message: 'TLS: wrong version number' })
  expect(readFailure(error)).toEqual({
    kind: 'fatal',
    detail: 'TLS: wrong version number: check http or https, or name who signed by NODE_EXTRA_CA_CERTS',
  })
  for (const { close } of [server, client]) close()
})

it('a form goes out as multipart, with its file', async () => {
  const forms: Promise<FormData>[] = []
  const server = createServer(async (incoming, reply) => {
    const headers = { 'content-type': incoming.headers['content-type']! }
    forms.push(new Response(Buffer.concat(await incoming.toArray()), { headers }).formData())
    reply.end('{}')
  })
  await new Promise<void>(ready => server.listen(0, '127.0.0.1', ready))
  const client = await createHttpClient({}, 5)
  const form = new FormData()
  form.set('file', new File(['{"a": "ä"}\n'], 'x.jsonl'))
  await client.send(`http://127.0.0.1:${(server.address() as AddressInfo).port}`, form)
  const sent = (await forms[0]).get('file') as File
  expect([sent.name, await sent.text()]).toEqual(['x.jsonl', '{"a": "ä"}\n'])
  await client.close()
  server.close()
})

it('endpointOf keeps the query of a base URL behind the path', () => {
  expect(endpointOf('http://x/v1/', 'chat/completions')).toBe('http://x/v1/chat/completions')
  expect(endpointOf('http://x/v1/chat/completions/', 'batches')).toBe('http://x/v1/batches')
  expect(endpointOf('https://x.azure.com/openai/deployments/gpt?api-version=2024-10-21', 'chat/completions')).toBe(
    'https://x.azure.com/openai/deployments/gpt/chat/completions?api-version=2024-10-21',
  )
  expect(endpointOf('http://x/v1?a=1', 'batches?after=b')).toBe('http://x/v1/batches?a=1&after=b')
})

describe('a key', () => {
  const send = async (key: string) => {
    vi.stubEnv('TEST_KEY', key)
    const server = await echoServer()
    const client = httpChat({ baseUrl: [server.url], apiKeyEnv: 'TEST_KEY', header: [], timeout: 5 })
    return client.use(ask => ask(server.url, '{}')).finally(server.close)
  }

  it('with a line break behind it, as files end, is sent without', async () => {
    expect(await send('secret\n')).toMatchObject({ detail: expect.stringContaining('"key":"Bearer secret"') })
  })

  it('with one in the middle is refused, and not told', async () => {
    await expect(send('sec\nret')).rejects.toThrow(
      /^TEST_KEY: the API key has a line break or another character that no header takes in the middle: set it again$/,
    )
  })
})
