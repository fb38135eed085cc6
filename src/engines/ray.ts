/**
 * Shards as jobs of a Ray cluster, by its Jobs REST. Ray answers 405 to the `Sec-Fetch-*` headers that `fetch` adds, so requests go by
 * our own client over undici's `request`; submitting an id twice is a 500, so it is looked up first.
 * @source https://docs.ray.io/en/latest/cluster/running-applications/job-submission/rest.html
 */
import { readFile } from 'node:fs/promises'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { messageOf, RunError, UsageError } from '../errors.ts'
import { sha256OfFile } from '../files.ts'
import { ConnectionFault, createHttpClient } from '../llm/http.ts'
import { jobState } from './job.ts'
import { jobFile } from './job-file.ts'

export const RAY_ADDRESS = 'http://127.0.0.1:8265'

interface RayJob {
  readonly status: 'PENDING' | 'RUNNING' | 'STOPPED' | 'SUCCEEDED' | 'FAILED'
  readonly message?: string | null
}

export interface RayShard {
  readonly index: number
  /** of the last submission; absent where there was none */
  readonly id?: string
  readonly status: RayJob['status'] | 'WHOLE' | 'NEVER SUBMITTED'
  readonly message?: string
}

export interface RaySubmit {
  readonly folder: string
  readonly address?: string | undefined
  /** what a node runs; `{index}` is the shard's. Without it one submission stands for all shards. */
  readonly entrypoint: string
  readonly cpus?: number | undefined
}

/** Ended without success: the shard may be submitted once more. */
const ENDED = ['STOPPED', 'FAILED', 'SUCCEEDED']

/**
 * Submits every shard that is neither whole nor under way.
 * @throws RunError when the cluster does not answer, or refuses
 */
export async function submitToRay({ folder, address, entrypoint, cpus }: RaySubmit): Promise<RayShard[]> {
  const shards: RayShard[] = []
  const found = await rayShards(folder, address)
  const underWay = ({ id, status }: RayShard) => id !== undefined && status !== 'WHOLE' && !ENDED.includes(status)
  const one = !entrypoint.includes('{index}')
  for (const shard of found) {
    if (shard.status === 'WHOLE' || underWay(shard) || (one && [...found, ...shards].some(underWay))) {
      shards.push(shard)
      continue
    }
    const attempt = shard.id === undefined ? 1 : attemptOf(shard.id) + 1
    const id = `${await prefixOf(folder)}-${shard.index}-${attempt}`
    await call(address, 'POST', '', {
      submission_id: id,
      entrypoint: entrypoint.replaceAll('{index}', String(shard.index)),
      ...(cpus !== undefined && { entrypoint_num_cpus: cpus }),
    })
    shards.push({ index: shard.index, id, status: 'PENDING' })
  }
  return shards
}

/** Where every shard stands: by its part, else by its last submission. */
export async function rayShards(folder: string, address?: string): Promise<RayShard[]> {
  const { states } = await jobState(folder)
  const prefix = await prefixOf(folder)
  const shards: RayShard[] = []
  for (const [index, state] of states.entries()) {
    let last: (RayJob & { id: string }) | undefined
    for (let attempt = 1; ; attempt++) {
      const id = `${prefix}-${index}-${attempt}`
      const found = await call<RayJob>(address, 'GET', id)
      if (!found) break
      last = { ...found, id }
    }
    const status = state === 'whole' ? 'WHOLE' : (last?.status ?? 'NEVER SUBMITTED')
    shards.push({ index, status, ...(last && { id: last.id }), ...(last?.message && { message: last.message }) })
  }
  return shards
}

/** @throws RunError when the shard was never submitted */
export async function rayLogs(folder: string, index: number, address?: string): Promise<string> {
  const id = (await rayShards(folder, address)).find(shard => shard.index === index)?.id
  const answer = id === undefined ? undefined : await call<{ logs: string }>(address, 'GET', `${id}/logs`)
  if (!answer) throw new RunError(`shard ${index} of ${folder} was never submitted to this cluster`)
  return answer.logs
}

/** @returns the shards that were under way, and are stopped */
export async function stopRay(folder: string, address?: string): Promise<RayShard[]> {
  const live = (await rayShards(folder, address)).filter(({ id, status }) => id && !ENDED.includes(status) && status !== 'WHOLE') // biome-ignore format: one line
  for (const { id } of live) await call(address, 'POST', `${id}/stop`)
  return live
}

const attemptOf = (id: string) => Number(id.split('-').at(-1))

/** A job that was planned anew has other ids. */
const prefixOf = async (folder: string) => `dualtree-${(await sha256OfFile(jobFile(folder))).slice(0, 12)}`

/** The token of a cluster that asks for one, from where Ray's own clients take it. */
async function tokenHeader(): Promise<Record<string, string>> {
  const { RAY_AUTH_MODE: mode, RAY_AUTH_TOKEN: given, RAY_AUTH_TOKEN_PATH: path } = process.env
  if (mode === 'disabled') return {}
  const token =
    given ??
    (await readFile(path ?? join(homedir(), '.ray', 'auth_token'), 'utf8').catch(error => {
      if (path === undefined) return ''
      throw new UsageError(`RAY_AUTH_TOKEN_PATH: ${path} cannot be read: ${messageOf(error)}`)
    }))
  return token.trim() === '' ? {} : { authorization: `Bearer ${token.trim()}` }
}

/** @returns undefined for what is not there */
async function call<T>(address = RAY_ADDRESS, method: 'GET' | 'POST', path: string, body: unknown = {}) {
  const url = `${address.replace(/\/$/, '')}/api/jobs/${path}`
  const client = await createHttpClient(await tokenHeader(), 60)
  try {
    const { status, body: text } = await client.send(url, method === 'GET' ? undefined : JSON.stringify(body))
    if (status === 404) return undefined
    if (status === 200) return JSON.parse(text) as T
    const remedy = status === 401 || status === 403 ? '; set RAY_AUTH_TOKEN: "ray get-auth-token" prints it' : ''
    throw new RunError(`Ray answers ${status} to ${method} ${url}: ${text.trim().split('\n').at(-1)}${remedy}`)
  } catch (error) {
    if (!(error instanceof ConnectionFault)) throw error
    throw new RunError(`Ray does not answer at ${url}: ${error.message}; check --address`, { cause: error })
  } finally {
    await client.close()
  }
}
