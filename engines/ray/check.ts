/** Shards of a job on a real Ray of this machine, through the Jobs REST. */
import { type ChildProcess, spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { openSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { check, dualtree, expect, folder, hashStage, NODE, Unavailable } from '../harness.ts'
import { newRuns } from '../jobs.ts'

const PORT = 8799
const ADDRESS = `http://127.0.0.1:${PORT}`
/** As a cluster asks for by default; commands and the head take it from the environment. */
const TOKEN = randomBytes(16).toString('hex')

export async function checkRay(bin: string): Promise<void> {
  let head: ChildProcess | undefined
  Object.assign(process.env, { RAY_AUTH_MODE: 'token', RAY_AUTH_TOKEN: TOKEN })
  try {
    await check('Ray: shards submitted by REST make the candidates of one machine', async () => {
      const { alone, shared } = await newRuns()
      const job = join(folder, 'by-ray')
      await dualtree('job', 'plan', shared, '--stage', 'candidates', '--shards', '2', '--out', job, '--quiet')
      const ports = ['--port', '6399', '--dashboard-host', '127.0.0.1', '--dashboard-port', String(PORT)]
      const start = ['start', '--head', '--block', ...ports, '--num-cpus', '2', '--disable-usage-stats']
      const log = openSync(join(folder, 'ray.log'), 'w')
      head = spawn(join(bin, 'ray'), start, { stdio: ['ignore', log, log] })
      const headers = { authorization: `Bearer ${TOKEN}` }
      const ready = () => fetch(`${ADDRESS}/api/version`, { headers }).then(reply => reply.ok, () => false) // biome-ignore format: one line
      for (let waited = 0; !(await ready()); waited++) {
        if (waited > 180 || head.exitCode !== null)
          throw new Unavailable(`the head of Ray does not start: ${readFileSync(join(folder, 'ray.log'), 'utf8').trim().split('\n').at(-1)}`) // biome-ignore format: one line
        await sleep(1000)
      }
      const how = ['--address', ADDRESS, '--json']
      const submit = () => dualtree('ray', 'submit', job, ...how, '--worker', NODE.join(' '), '--cpus', '1')
      await submit()
      await submit()
      for (let waited = 0; ; waited += 2) {
        const { shards } = JSON.parse(await dualtree('ray', 'status', job, ...how)) as { shards: { status: string }[] }
        if (shards.every(({ status }) => status === 'WHOLE')) break
        if (waited > 240 || shards.some(({ status }) => status === 'FAILED')) throw new Error(JSON.stringify(shards))
        await sleep(2000)
      }
      const logs = await dualtree('ray', 'logs', job, ...how, '--index', '0')
      expect(logs.includes('shard 0:'), logs)
      rmSync(join(shared, 'candidates'), { recursive: true, force: true })
      await dualtree('job', 'merge', job, '--quiet')
      expect(JSON.stringify(hashStage(shared, 'candidates')) === JSON.stringify(hashStage(alone, 'candidates')), 'other candidates') // biome-ignore format: one line
      const stopped = JSON.parse(await dualtree('ray', 'stop', job, ...how))
      return { shards: 2, stopped: stopped.stopped.length }
    })
  } finally {
    // which stops what it has started
    head?.kill('SIGTERM')
  }
}
