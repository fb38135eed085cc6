/** `dualtree serve` in a process of its own, as a benchmark sees it from outside. */
import { type ChildProcess, spawn } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { type Agent, request } from 'undici'

/** The package where it is built, else the sources, which take longer to load. */
const BUILT = resolve(import.meta.dirname, '../../dist/dualtree.js')
const PROGRAM = existsSync(BUILT) ? BUILT : resolve(import.meta.dirname, '../../src/cli/bin.ts')

export interface ServerProcess {
  readonly url: string
  readonly pid: number
  /** from the start of the process to the first answer of /health/ready */
  readonly readyMs: number
  /** processor time so far, and memory that is resident, in MB */
  usage(agent: Agent): Promise<{ cpuSeconds: number; megabytes: number }>
  /** models loaded so far */
  loads(agent: Agent): Promise<number>
  stop(): Promise<void>
}

export async function startProcess(model: string, port: number, more: readonly string[] = []): Promise<ServerProcess> {
  const start = performance.now()
  const flags = ['serve', model, '--port', String(port), '--rate', '0', ...more]
  const child = spawn(process.execPath, [PROGRAM, ...flags], { stdio: ['ignore', 'ignore', 'inherit'] })
  const url = `http://127.0.0.1:${port}`
  while (!(await fetch(`${url}/health/ready`).catch(() => undefined))?.ok) {
    if (child.exitCode !== null || performance.now() - start > 30_000)
      throw new Error(`the server is not ready (exit code ${child.exitCode})`)
    await sleep(2)
  }
  const readyMs = performance.now() - start
  return {
    url,
    pid: child.pid!,
    readyMs,
    async usage(agent) {
      const value = await readMetrics(url, agent)
      return { cpuSeconds: cpuSecondsOf(child.pid!), megabytes: value('process_resident_memory_bytes') / 1e6 }
    },
    async loads(agent) {
      return (await readMetrics(url, agent))('dualtree_model_loads_total{result="loaded"}')
    },
    stop: () => stopped(child),
  }
}

/** User and system time since the process began, where the system tells (on Linux). */
function cpuSecondsOf(pid: number): number {
  const stat = `/proc/${pid}/stat`
  if (!existsSync(stat)) return Number.NaN
  const fields = readFileSync(stat, 'utf8').split(') ')[1].split(' ')
  return (Number(fields[11]) + Number(fields[12])) / 100
}

async function readMetrics(url: string, agent: Agent): Promise<(name: string) => number> {
  const { body } = await request(`${url}/metrics`, { dispatcher: agent })
  const lines = (await body.text()).split('\n')
  return name => Number(lines.find(line => line.startsWith(`${name} `))!.slice(name.length + 1))
}

function stopped(child: ChildProcess): Promise<void> {
  return new Promise(settle => {
    child.on('exit', () => settle())
    child.kill('SIGTERM')
  })
}
