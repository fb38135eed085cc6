/** The way from a shop's CSV to a server, as README.md and docs/examples/nightly.sh have it. */
import { execFile, spawnSync } from 'node:child_process'
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { join, resolve } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { promisify } from 'node:util'
import { expect, it, vi } from 'vitest'
import { plantedData } from '../../src/dataset/planted.ts'
import { writeTable } from '../../src/dataset/table.ts'
import { IS_FULL } from '../support/budget.ts'
import { temporaryDirectory } from '../support/directory.ts'
import { serveProcess } from '../support/serve-process.ts'

const run = promisify(execFile)
const ROOT = resolve(import.meta.dirname, '../..')
const DUALTREE = `${process.execPath} ${join(ROOT, 'src/cli/bin.ts')}`

/** Interactions of a shop in the order of time. */
function clicks(): { user: string; item: string; time: number }[] {
  const { train, valid, test } = plantedData({ users: 80, items: 120, levels: 2, likesPerUser: 16 })
  return [train, valid, test].flatMap(({ users, items }, part) =>
    users.map((user, row) => ({ user: `u${user}`, item: `i${items[row]}`, time: 1_700_000_000 + part * 1e6 + row })),
  )
}

function freePort(): Promise<number> {
  return new Promise(settle => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address() as { port: number }
      server.close(() => settle(port))
    })
  })
}

const noCurl = spawnSync('curl', ['--version']).error && 'no curl here: apt-get install curl'

it.skipIf(noCurl)(`README: in production in an afternoon${noCurl ? ` (skipped: ${noCurl})` : ''}`, async () => {
  const directory = await temporaryDirectory()
  const rows = clicks()
  const items = [...new Set(rows.map(({ item }) => item))]
  writeFileSync(
    join(directory, 'clicks.csv'),
    ['user_id,item_id,time', ...rows.map(({ user, item, time }) => `${user},${item},${time}`)].join('\n'),
  )
  writeFileSync(
    join(directory, 'items.csv'),
    ['item_id,title,stock', ...items.map((item, n) => `${item},Product ${item},${n % 3}`)].join('\n'),
  )
  const section = /^## In production in an afternoon$([\s\S]*?)^## /m.exec(
    readFileSync(join(ROOT, 'README.md'), 'utf8'),
  )![1]
  const commands = Array.from(section.matchAll(/```sh\n([\s\S]*?)```/g), ([, block]) => block).join('\n')
  expect(commands).toContain('8080')
  const port = await freePort()
  // `npx` is this source tree
  mkdirSync(join(directory, 'bin'))
  writeFileSync(join(directory, 'bin', 'npx'), `#!/bin/sh\nshift\nexec ${DUALTREE} "$@"\n`)
  chmodSync(join(directory, 'bin', 'npx'), 0o755)
  const script = ['set -e', "trap 'kill $! 2>/dev/null || true' EXIT", commands.replaceAll('8080', String(port))].join(
    '\n',
  )
  const { stdout } = await run('sh', ['-c', script], {
    ...{ cwd: directory, env: { ...process.env, PATH: `${join(directory, 'bin')}:${process.env.PATH}` } },
  })
  const answers = stdout
    .split('\n')
    .filter(line => /^\{"(requestId|accepted|answers)/.test(line))
    .map(line => JSON.parse(line))
  expect(answers).toMatchObject([
    { by: 'user', items: [{ title: expect.stringContaining('Product') }, {}, {}] },
    { accepted: 1, duplicates: 0, unknownItems: 0 },
    { by: 'history' },
  ])
  expect(stdout).toMatch(/1 event of 1 user on 1 item;/)
})

it.runIf(IS_FULL)(
  'docs/examples/nightly.sh: events, run, fit, promote, while a server goes on (in .ci/run)',
  async () => {
    const directory = await temporaryDirectory()
    const rows = clicks()
    const write = (name: string, part: typeof rows) =>
      writeTable(
        join(directory, 'data', name),
        [
          { name: 'user_id', type: 'VARCHAR', value: row => part[row].user },
          { name: 'item_id', type: 'VARCHAR', value: row => part[row].item },
          { name: 'time', type: 'BIGINT', value: row => part[row].time * 1000 },
        ],
        part.length,
      )
    await write('shop.parquet', rows)
    const night = (day: string, options = '') =>
      run('sh', [join(ROOT, 'docs/examples/nightly.sh'), day], {
        ...{
          cwd: directory,
          env: {
            ...process.env,
            DUALTREE,
            OPTIONS: `--epochs 2 --dimensions 8 --leaf-size 8 --baselines popularity --threads 1 ${options}`,
          },
        },
      })
    // the first night there is no server yet, and no event
    expect((await night('1')).stdout).toContain('Promoted: runs/current leads to runs/1')

    const server = await serveProcess([join(directory, 'runs/current'), '--events', join(directory, 'events.db')])
    const post = async (path: string, body: unknown) =>
      (
        await fetch(server.url + path, {
          ...{ method: 'POST', body: JSON.stringify(body), headers: { 'content-type': 'application/json' } },
        })
      ).json()
    const first = await post('/v1/recommend', { user: 'u1' })
    await post('/v1/events', { events: [{ user: 'somebody new', item: 'i1', requestId: first.requestId }] })
    expect((await night('2')).stdout).toContain('Promoted: runs/current leads to runs/2')
    await vi.waitFor(async () => expect((await post('/v1/recommend', { user: 'u1' })).model).not.toBe(first.model), {
      timeout: 5000,
    })
    // the event was trained on: the user is known
    const database = new DatabaseSync(join(directory, 'events.db'))
    expect(database.prepare('SELECT count(*) AS events FROM events').get()).toEqual({ events: 1 })
    database.close()
    server.signal('SIGTERM')
    expect(await server.ended()).toBe(0)
  },
)
