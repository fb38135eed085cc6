/** What a server of one process does over HTTP, beside what it is meant to do. Load comes from this process. */
import { renameSync, symlinkSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { watchOthers } from '../machine.ts'
import { closedLoop, createAgent, openLoop, quantile } from './load.ts'
import { type ServerProcess, startProcess } from './server.ts'

export interface Figure {
  readonly name: string
  readonly value: number
  readonly unit: string
  /** as it is meant to be */
  readonly target: string
  readonly reached: boolean
  /** cores that other processes had meanwhile */
  readonly others: number
  /** what is measured apart from the rest */
  readonly part?: 'peer' | 'ann'
}

export interface HttpBench {
  /** run directory or model folder */
  readonly model: string
  readonly users: readonly (string | number)[]
  readonly port?: number
}

const K = 20
const THROUGHPUT = 20_000
const RATE = 500

export async function benchHttp({ model, users, port = 8099 }: HttpBench): Promise<Figure[]> {
  const figures: Figure[] = []
  let others = watchOthers()
  const note = (name: string, value: number, unit: string, sign: '≤' | '≥' | '', bound = 0) => {
    const reached = sign === '' || (sign === '≤' ? value <= bound : value >= bound)
    figures.push({ name, value, unit, target: sign ? `${sign} ${bound} ${unit}` : '', reached, others: others() })
  }
  const bodies = users.map(user => JSON.stringify({ user, k: K }))
  const bodyOf = (n: number) => bodies[(n * 7919) % bodies.length]
  const folder = await mkdtemp(join(tmpdir(), 'dualtree-bench-'))
  const link = join(folder, 'current')
  const relink = () => {
    symlinkSync(resolve(model), `${link}.new`)
    renameSync(`${link}.new`, link)
  }
  relink()
  const starts: ServerProcess['readyMs'][] = []
  for (let start = 0; start < 4; start++) {
    const server = await startProcess(link, port)
    starts.push(server.readyMs)
    await server.stop()
  }
  note('start to ready, median of 4', starts.sort((a, b) => a - b)[2], 'ms', '≤', 500)

  const agent = createAgent()
  const fresh = await startProcess(link, port)
  note('processor time to ready', 1000 * (await fresh.usage(agent)).cpuSeconds, 'ms', '')
  await fresh.stop()
  const server = await startProcess(link, port, ['--events', join(folder, 'events.db')])
  const url = `${server.url}/v1/recommend`
  try {
    await closedLoop(agent, url, 3000, bodyOf)
    others = watchOthers()
    const before = await server.usage(agent)
    const full = await closedLoop(agent, url, THROUGHPUT, bodyOf)
    const after = await server.usage(agent)
    note('requests answered', full.answered / full.seconds, 'per second', '≥', 2000)
    note(
      'processor time of the server',
      (1000 * (after.cpuSeconds - before.cpuSeconds)) / THROUGHPUT,
      'ms per request',
      '',
    )
    others = watchOthers()
    const steady = await openLoop(agent, url, RATE, RATE * 20, bodyOf)
    note(`p50 at ${RATE} per second`, quantile(steady.milliseconds, 0.5), 'ms', '')
    note(`p99 at ${RATE} per second`, quantile(steady.milliseconds, 0.99), 'ms', '≤', 20)
    note('failed of these', full.failed + steady.failed, 'requests', '≤', 0)
    others = watchOthers()
    // beside the load, a model is loaded every other second
    const swaps = setInterval(() => process.kill(server.pid, 'SIGHUP'), 500)
    const swapped = await closedLoop(agent, url, THROUGHPUT, bodyOf)
    clearInterval(swaps)
    note(`failed of ${THROUGHPUT} while models are swapped`, swapped.failed, 'requests', '≤', 0)
    note('swaps meanwhile', (await server.loads(agent)) - 1, 'models', '≥', 3)
    note('p99 while models are swapped', quantile(swapped.milliseconds, 0.99), 'ms', '')
    note('memory at the end', (await server.usage(agent)).megabytes, 'MB', '≤', 200)
  } finally {
    await agent.close()
    await server.stop()
    await rm(folder, { recursive: true })
  }
  return figures
}
