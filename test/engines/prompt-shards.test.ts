import { appendFileSync, existsSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { runShard } from '../../src/engines/prompt-shard.ts'
import type { JudgeContext } from '../../src/judges/judge.ts'
import { importResults } from '../../src/judges/llm/import-results.ts'
import { collectVerdicts, withSession } from '../../src/judges/llm/llm-judge.ts'
import { promptOptions } from '../../src/judges/llm/prompt-options.ts'
import { createKernels } from '../../src/kernels/wasm/wasm.ts'
import { type AskingOptions, askingOptions } from '../../src/llm/asking-options.ts'
import { readResults, requestLine, resultLine } from '../../src/llm/batch-files.ts'
import { checkShardFile, partFile, readJob, shardFile, writeJob } from '../../src/llm/job-folder.ts'
import { unfinishedShardFile } from '../../src/shard-files.ts'
import { temporaryDirectory } from '../support/directory.ts'
import { randomCandidates, randomCodes } from '../support/judging.ts'
import { startChatServer } from '../support/serving.ts'
import { randomDataset } from '../support/toy.ts'

const train = randomDataset(30, 40, 0.1)
const candidates = randomCandidates(train, 5)
const context: JudgeContext = { train, codes: randomCodes(train.items), kernels: createKernels(), seed: 1 }
const options = promptOptions.parse({ llmModel: 'tiny' })
const about = { model: 'tiny', mode: 'user', template: 'x' }
const WHOLE = { shardBytes: 1e6, shardRequests: 1000 }
const asking = (url: string, more: Partial<AskingOptions> = {}) => askingOptions.parse({ baseUrl: [url], ...more })

/** A job folder with all prompts, as `judge export` makes it. */
async function exported(cuts = WHOLE) {
  const folder = join(await temporaryDirectory(), 'job')
  const job = await withSession(context, options, candidates, ({ distinct, maker }) =>
    writeJob(
      folder,
      about,
      distinct.map(question => requestLine(question.id, maker.body(question, 1))),
      cuts,
    ),
  )
  return { folder, job }
}

describe('shards', () => {
  it('are cut by bytes and by count, and hold every request once', async () => {
    const small = await exported({ shardBytes: 8000, shardRequests: 1000 })
    expect(small.job.shards.length).toBeGreaterThan(5)
    for (const { bytes } of small.job.shards) expect(bytes).toBeLessThanOrEqual(8000)
    const { folder, job } = await exported({ shardBytes: 1e6, shardRequests: 7 })
    expect(job.shards.map(({ requests }) => requests)).toEqual([7, 7, 7, 7, 1])
    const lines = job.shards.flatMap((_, index) => readFileSync(shardFile(folder, index), 'utf8').trim().split('\n'))
    const requests = lines.map(line => JSON.parse(line))
    expect(new Set(requests.map(({ custom_id }) => custom_id)).size).toBe(29)
    expect(requests[0]).toEqual({
      custom_id: expect.stringMatching(/^[0-9a-f]{40}$/),
      method: 'POST',
      url: '/v1/chat/completions',
      body: expect.objectContaining({ model: 'tiny', temperature: 0 }),
    })
    expect(await readJob(folder)).toEqual(job)
  })

  it('are not written over, nor made of nothing', async () => {
    const { folder } = await exported()
    await expect(writeJob(folder, about, ['{}\n'], WHOLE)).rejects.toThrow(
      `${folder} holds a job already: merge it, then remove it, or choose another --out`,
    )
    await expect(writeJob(join(folder, 'new'), about, [], WHOLE)).rejects.toThrow(
      'every prompt has an answer already: there is nothing to export',
    )
    await expect(readJob(join(folder, 'nowhere'))).rejects.toThrow(
      'is no job folder (it has no job.json): make one with',
    )
    writeFileSync(join(folder, 'job.json'), '{}')
    await expect(readJob(folder)).rejects.toThrow(
      'job.json: damaged, or of another version of dualtree; export the job again',
    )
  })
})

describe('runShard', () => {
  it('asks all, says that the part is whole, and leaves a whole part alone', async () => {
    const server = await startChatServer({ misdeed: ({ number }) => (number === 3 ? { status: 500 } : undefined) })
    const { folder, job } = await exported()
    expect(await runShard(folder, 0, asking(server.url))).toEqual({ rows: 29, before: 0 })
    expect(await checkShardFile(folder, 0, job)).toBe('whole')
    expect(JSON.parse(readFileSync(join(folder, 'part-0.ok'), 'utf8'))).toMatchObject({ rows: 29 })
    const asked = server.requests.length
    expect(await runShard(folder, 0, asking(server.url))).toEqual({ rows: 29, before: 29 })
    expect(server.requests).toHaveLength(asked)
    const judged = await withSession(context, options, candidates, async session => {
      expect(await importResults(session, 'x', readResults(partFile(folder, 0)))).toEqual({
        taken: 29,
        known: 0,
        foreign: 0,
        failed: 0,
      })
      expect(await importResults(session, 'x', readResults(partFile(folder, 0)))).toMatchObject({
        taken: 0,
        known: 29,
      })
      return collectVerdicts(session, candidates)
    })
    expect(judged.details).toMatchObject({ prompts: 29, faults: {} })
  })

  it('goes on where it was stopped, past half a line', async () => {
    const server = await startChatServer({ delay: 20 })
    const { folder } = await exported()
    const stop = new AbortController()
    const progress = (done: number) => {
      if (done === 5) stop.abort(new Error('enough'))
    }
    await expect(
      runShard(folder, 0, asking(server.url, { concurrency: 2 }), { signal: stop.signal, progress }),
    ).rejects.toThrow('enough')
    const partial = unfinishedShardFile(folder, 0)
    const rows = readFileSync(partial, 'utf8').trim().split('\n').length
    truncateSync(partial, readFileSync(partial).length - 10)
    const result = await runShard(folder, 0, asking(server.url))
    expect(result).toEqual({ rows: 29, before: rows - 1 })
    expect(server.requests).toHaveLength(30)
    expect(existsSync(partial)).toBe(false)
    // killed between the rename and the last file
    rmSync(join(folder, 'part-0.ok'))
    expect(await runShard(folder, 0, asking(server.url))).toEqual({ rows: 29, before: 29 })
    expect(server.requests).toHaveLength(30)
  })

  it('names an index that there is not, and a part that was changed', async () => {
    const server = await startChatServer()
    const { folder, job } = await exported()
    await expect(runShard(folder, 7, asking(server.url))).rejects.toThrow(`${folder} has shards 0 to 0, not 7`)
    await expect(runShard(folder, 0, { ...asking(server.url), baseUrl: [] })).rejects.toThrow(
      'nobody to ask: give --base-url',
    )
    expect(await checkShardFile(folder, 0, job)).toBe('missing')
    await runShard(folder, 0, asking(server.url))
    appendFileSync(partFile(folder, 0), 'x')
    expect(await checkShardFile(folder, 0, job)).toBe('part-0.jsonl is not the file that part-0.ok is of')
    rmSync(partFile(folder, 0))
    await runShard(folder, 0, asking(server.url))
    expect(await checkShardFile(folder, 0, { ...job, shards: [{ ...job.shards[0], requests: 3 }] })).toBe(
      'part-0.jsonl has 29 rows, its shard 3',
    )
  })
})

describe('results', () => {
  const all = async (content: string) => {
    const path = join(await temporaryDirectory({ 'results.jsonl': content }), 'results.jsonl')
    return {
      path,
      read: () => withSession(context, options, candidates, session => importResults(session, 'x', readResults(path))),
    }
  }

  it('of other prompts are left alone, and errors stay open', async () => {
    const { distinct } = await withSession(context, options, candidates, ({ distinct }) => ({ distinct }))
    const lines = [
      resultLine({ id: 'other', status: 200, body: '{}' }),
      resultLine({ id: distinct[0].id, status: 500, body: 'out of memory' }),
      JSON.stringify({ custom_id: distinct[1].id, response: null, error: { code: 'expired' } }),
      resultLine({ id: distinct[2].id, status: 400, body: '{"error":{"message":"bad"}}' }),
    ]
    expect(await (await all(lines.join('\n'))).read()).toEqual({ taken: 1, known: 0, foreign: 1, failed: 2 })
  })

  it('that are none are refused with file and line', async () => {
    const cut = await all(`${resultLine({ id: 'a', status: 200, body: '{}' })}{"custom_id": "b", "resp`)
    await expect(cut.read()).rejects.toThrow(`${cut.path} line 2: not JSON: was the file cut off?`)
    const other = await all('{"prompt": "x"}\n')
    await expect(other.read()).rejects.toThrow(
      `${other.path} line 1: expected a result with "custom_id" and "response" or "error"`,
    )
    await expect(
      withSession(context, options, candidates, session => importResults(session, 'x', readResults('nowhere.jsonl'))),
    ).rejects.toThrow('nowhere.jsonl: cannot be read: ')
  })
})
