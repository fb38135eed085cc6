import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { rayLogs, rayShards, stopRay, submitToRay } from '../../src/engines/ray.ts'
import { writeJson } from '../../src/files.ts'
import { writeShardFile } from '../../src/shard-files.ts'
import { temporaryDirectory } from '../support/directory.ts'

interface Job {
  status: string
  entrypoint: string
  message?: string
}

/** The Jobs REST as Ray 2.60 answers: 405 to `Sec-Fetch-*`, 500 to an id that there is. */
async function startRay(token?: string) {
  const jobs = new Map<string, Job>()
  const server = createServer(async (request, reply) => {
    const answer = (status: number, body: unknown) => {
      reply.writeHead(status, { 'content-type': 'application/json' })
      reply.end(typeof body === 'string' ? body : JSON.stringify(body))
    }
    if (token && request.headers.authorization !== `Bearer ${token}`) return answer(401, 'Unauthorized: no token')
    if (Object.keys(request.headers).some(name => name.startsWith('sec-fetch-'))) return answer(405, 'not allowed')
    const [, , , id, action] = request.url!.split('/')
    const body = request.method === 'POST' ? JSON.parse((await request.toArray()).join('') || '{}') : undefined
    if (request.method === 'POST' && !id) {
      if (jobs.has(body.submission_id)) return answer(500, `Traceback\nValueError: ${body.submission_id} exists`)
      jobs.set(body.submission_id, { status: 'PENDING', entrypoint: body.entrypoint })
      return answer(200, { submission_id: body.submission_id })
    }
    const job = jobs.get(id)
    if (!job) return answer(404, `Job ${id} does not exist`)
    if (action === 'logs') return answer(200, { logs: `log of ${id}` })
    if (action === 'stop') job.status = 'STOPPED'
    return answer(200, job)
  })
  await new Promise<void>(ready => server.listen(0, '127.0.0.1', ready))
  onTestFinished(() => void server.close())
  return { jobs, address: `http://127.0.0.1:${(server.address() as AddressInfo).port}` }
}

async function newJob() {
  const folder = await temporaryDirectory()
  const shards = [0, 1, 2].map(at => ({ from: at, to: at + 1, rows: 1 }))
  const work = [{ folder: 'candidates', key: 'x' }]
  await writeJson(join(folder, 'job.json'), { version: 2, stage: 'candidates', run: '..', work, shards })
  return folder
}

const finish = (folder: string, index: number) =>
  writeShardFile(join(folder, `part-${index}.safetensors`), folder, index, [Uint8Array.of(1)], 1)

describe('a job on Ray', () => {
  it('has a submission per open shard, none twice, and another one after a failure', async () => {
    const { jobs, address } = await startRay()
    const folder = await newJob()
    await finish(folder, 1)
    const request = { folder, address, entrypoint: 'dualtree job run-shard J --index {index}' }
    expect((await submitToRay(request)).map(({ status }) => status)).toEqual(['PENDING', 'WHOLE', 'PENDING'])
    expect([...jobs.values()].map(({ entrypoint }) => entrypoint)).toEqual([
      'dualtree job run-shard J --index 0',
      'dualtree job run-shard J --index 2',
    ])
    await submitToRay(request)
    expect(jobs.size).toBe(2)
    const [first] = jobs.keys()
    expect(first).toMatch(/^dualtree-[0-9a-f]{12}-0-1$/)
    Object.assign(jobs.get(first)!, { status: 'FAILED', message: 'no memory\nmore' })
    expect(await rayShards(folder, address)).toMatchObject([
      { index: 0, status: 'FAILED', message: 'no memory\nmore', id: first },
      { index: 1, status: 'WHOLE' },
      { index: 2, status: 'PENDING' },
    ])
    await submitToRay(request)
    expect([...jobs.keys()].at(-1)).toBe(first.replace(/1$/, '2'))
    expect(await rayLogs(folder, 0, address)).toBe(`log of ${first.replace(/1$/, '2')}`)
    expect((await stopRay(folder, address)).map(({ index }) => index)).toEqual([0, 2])
    expect(await stopRay(folder, address)).toEqual([])
  })

  it('has one submission where the entry point is for all shards', async () => {
    const { jobs, address } = await startRay()
    const folder = await newJob()
    await finish(folder, 0)
    for (let time = 0; time < 2; time++) await submitToRay({ folder, address, entrypoint: 'python judge.py J' })
    expect([...jobs.values()].map(({ entrypoint }) => entrypoint)).toEqual(['python judge.py J'])
  })

  it("brings the token of the cluster from where Ray's clients have it", async () => {
    const { address } = await startRay('s3cret')
    const [folder, home] = [await newJob(), await temporaryDirectory({ 'token.txt': 's3cret\n' })]
    onTestFinished(() => void vi.unstubAllEnvs())
    for (const [name, value] of Object.entries({ HOME: home, RAY_AUTH_TOKEN: undefined, RAY_AUTH_MODE: undefined }))
      vi.stubEnv(name, value)
    const status = async () => (await rayShards(folder, address))[0].status
    await expect(status()).rejects.toThrow(
      /^Ray answers 401 .* no token; set RAY_AUTH_TOKEN: "ray get-auth-token" prints/,
    )
    vi.stubEnv('RAY_AUTH_TOKEN_PATH', join(home, 'none.txt'))
    await expect(status()).rejects.toThrow(/^RAY_AUTH_TOKEN_PATH: .*none\.txt cannot be read: /)
    vi.stubEnv('RAY_AUTH_TOKEN_PATH', join(home, 'token.txt'))
    expect(await status()).toBe('NEVER SUBMITTED')
    vi.stubEnv('RAY_AUTH_TOKEN', 'another')
    await expect(status()).rejects.toThrow('401')
    vi.stubEnv('RAY_AUTH_TOKEN', 's3cret')
    expect(await status()).toBe('NEVER SUBMITTED')
    vi.stubEnv('RAY_AUTH_MODE', 'disabled')
    await expect(status()).rejects.toThrow('401')
  })

  it('says what is wrong with the cluster', async () => {
    const folder = await newJob()
    await expect(rayShards(folder, 'http://127.0.0.1:9')).rejects.toThrow(
      /^Ray does not answer at http:\/\/127\.0\.0\.1:9\/api\/jobs\/dualtree-[0-9a-f]+-0-1: .*; check --address$/,
    )
    const { address } = await startRay()
    await expect(rayLogs(folder, 0, address)).rejects.toThrow(
      `shard 0 of ${folder} was never submitted to this cluster`,
    )
  })
})
