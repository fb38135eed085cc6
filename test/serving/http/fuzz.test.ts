import { join } from 'node:path'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { Agent, request } from 'undici'
import { expect, it, onTestFinished } from 'vitest'
import { derive, randomStream } from '../../../src/random.ts'
import { answer, itemInfo, manyAnswers } from '../../../src/serving/answers/schema.ts'
import { serveOptions } from '../../../src/serving/http/options.ts'
import { problemDocument } from '../../../src/serving/http/problems.ts'
import { startServer } from '../../../src/serving/http/serve.ts'
import { joinItems } from '../../../src/serving/items/item-data.ts'
import { contentOf } from '../../../src/serving/model/content.ts'
import { writeModelFolder } from '../../../src/serving/model/model-folder.ts'
import { openModel } from '../../../src/serving/model/open-model.ts'
import { temporaryDirectory } from '../../support/directory.ts'
import { fused, sourceOf } from '../../support/serving-world.ts'
import { randomDataset } from '../../support/toy.ts'
import { createRequests, type Document } from './requests.ts'

/** `DUALTREE_FUZZ=20000 npx vitest run test/serving/http/fuzz.test.ts` is the whole measurement. */
const REQUESTS = Number(process.env.DUALTREE_FUZZ ?? 2000)

/** What 200 looks like, where it is JSON. */
const ANSWERS = {
  '/v1/recommend': answer.or(manyAnswers),
  '/v1/similar': answer,
  '/v1/rank': answer,
  '/v1/items/{id}': itemInfo,
}

/** A fused model of 62 items with titles, attributes and places in the trees. */
async function modelFolder(): Promise<string> {
  const folder = join(await temporaryDirectory(), 'model')
  const data = randomDataset(40, 60, 0.15)
  // the last two have no interactions
  const ids = Array.from({ length: 62 }, (_, item) => item)
  const table = {
    ids: ids.map(String),
    dropped: { withoutId: 0, repeated: 0, unreadable: 0 },
    columns: [
      { name: 'title', type: 'text' as const, values: ids.map(item => `Item ${item}`) },
      { name: 'stock', type: 'number' as const, values: ids.map(item => (item % 7 === 0 ? null : item % 5)) },
      { name: 'kind', type: 'text' as const, values: ids.map(item => ['a', 'b', null][item % 3]) },
    ],
  }
  const items = joinItems(table, data.itemIds)
  const codes = { structural: ids.map(item => `0-${item % 4}`), semantic: ids.map(item => `${item % 4}`) }
  await writeModelFolder(folder, contentOf(sourceOf(fused(data), data, { items, codes })))
  return folder
}

setFlagsFromString('--expose-gc')
const collectGarbage: () => void = runInNewContext('gc')

it(`${REQUESTS} generated requests: every answer is declared, none is a 5xx, memory does not grow`, async () => {
  const events = join(await temporaryDirectory(), 'events.db')
  const server = await startServer({
    ...{ path: await modelFolder(), open: openModel, write: () => {} },
    options: serveOptions.parse({ port: 0, rate: 0, events, drainSeconds: 1 }),
  })
  onTestFinished(() => server.close())
  const agent = new Agent({ connections: 4 })
  onTestFinished(() => agent.close())
  const document = (await (await fetch(`${server.url}/openapi.json`)).json()) as Document
  const next = createRequests(document, randomStream(derive(1, 'fuzz')))
  const wrong: unknown[] = []
  const statuses = new Map<number, number>()
  const send = async () => {
    const { method, path, template, headers, body, declared } = next()
    const response = await request(server.url + path, {
      method: method as 'GET',
      headers,
      body: body ?? null,
      dispatcher: agent,
    })
    const text = await response.body.text()
    const { statusCode: status } = response
    statuses.set(status, (statuses.get(status) ?? 0) + 1)
    const fault =
      status >= 500
        ? 'a 5xx'
        : status >= 400
          ? !problemDocument.safeParse(JSON.parse(text)).success && 'not a problem document'
          : template in ANSWERS &&
            !ANSWERS[template as keyof typeof ANSWERS].safeParse(JSON.parse(text)).success &&
            'not its schema'
    const undeclared =
      declared && path.split('?')[0] in document.paths && !declared.includes(String(status)) && 'undeclared'
    if (fault || undeclared)
      wrong.push({
        fault: fault || undeclared,
        status,
        method,
        path,
        body: body?.slice(0, 300),
        text: text.slice(0, 300),
      })
  }
  const heapAfter = async (count: number) => {
    for (let sent = 0; sent < count; sent += 4) await Promise.all([send(), send(), send(), send()])
    collectGarbage()
    return process.memoryUsage().heapUsed / 2 ** 20
  }
  const first = await heapAfter(REQUESTS / 2)
  const second = await heapAfter(REQUESTS / 2)
  expect(wrong.slice(0, 5)).toEqual([])
  // each kind of outcome was met, so that this test could fail
  for (const status of [200, 400, 404, 405, 415, 422])
    expect(statuses.get(status) ?? 0, String(status)).toBeGreaterThan(0)
  expect(statuses.get(200)!).toBeGreaterThan(REQUESTS / 4)
  expect(second - first, 'MB more on the heap').toBeLessThan(4)
})
