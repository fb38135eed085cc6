import { cpSync, existsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { beforeAll, describe, expect, it, onTestFinished, vi } from 'vitest'
import { readVerdictRows } from '../../src/judges/verdict-file.ts'
import { derive, randomStream } from '../../src/random.ts'
import { runGiven } from '../../src/run/run.ts'
import { createBatchServer, listenForBatches } from '../support/batch-server.ts'
import { budget } from '../support/budget.ts'
import type { ChatServerOptions, Misdeed } from '../support/chat-server.ts'
import { QUICK, runCli, runHere, writeSmallData } from '../support/cli.ts'
import { sharedDirectory } from '../support/directory.ts'
import { startChatServer } from '../support/serving.ts'

const directory = sharedDirectory()
/** Users, and so prompts, of the small data. */
const PROMPTS = 80
const prepared = join(directory, 'prepared')
/** QUICK, in a program. */
const AS_QUICK = { dimensions: 8, layers: 1, epochs: 6, validateEvery: 2, batchSize: 256, threads: 1, leafSize: 8, baselines: [] } // biome-ignore format: one line
let input: string
let runs = 0

beforeAll(async () => {
  input = writeSmallData(directory)
  await runGiven({ directory: prepared, source: input, options: AS_QUICK, until: 'candidates' })
})

/** A run with candidates of its own. */
function newRun(): string {
  const at = join(directory, `run-${runs++}`)
  cpSync(prepared, at, { recursive: true })
  return at
}

const judge = (...args: string[]) => runHere(['judge', ...args])
const askWith = (url: string) => ['--llm-model', 'tiny', '--base-url', url]

/** How many answers the ledger of a run has, and to how many prompts. */
function countAnswers(run: string) {
  const database = new DatabaseSync(join(run, 'ledger', 'ledger.sqlite'))
  const counts = database
    .prepare(
      'SELECT count(*) AS answers, count(DISTINCT custom_id) AS prompts, (SELECT count(*) FROM leases) AS leases FROM answers',
    )
    .get()
  database.close()
  return { ...counts }
}

describe('dualtree judge plan', () => {
  it('says what it would take, with three prompts, and sends nothing', async () => {
    const run = newRun()
    const prices = join(directory, 'prices.json')
    writeFileSync(prices, JSON.stringify({ models: { tiny: { input: 1, output: 4 } } }))
    const args = ['plan', run, '--llm-model', 'tiny', '--prices', prices, '--tokens-per-second', '1000']
    const plan = JSON.parse((await judge(...args, '--json')).stdout)
    expect(plan).toMatchObject({ prompts: PROMPTS, answered: 0, candidates: 20 * PROMPTS })
    expect(plan.cost).toBeCloseTo((plan.promptTokens + 4 * plan.completionTokens) / 1e6, 9)
    expect(plan.seconds).toBeCloseTo((plan.promptTokens + plan.completionTokens) / 1000, 9)
    expect(plan.histogram.reduce((sum: number, bin: { prompts: number }) => sum + bin.prompts, 0)).toBe(PROMPTS)
    expect(plan.samples).toHaveLength(3)
    const { stdout } = await judge('plan', run, '--llm-model', 'tiny')
    expect(stdout).toContain('cost left: unknown (give a price file with --prices)')
    expect(stdout).toContain('time left: unknown')
    expect(stdout).toContain('── user text of sample prompt 3 ──\nHistory (')
  })
})

it('the stage says what is wrong with answers, and what to do about it', async () => {
  const run = newRun()
  const { url } = await startChatServer({ misdeed: ({ body }) => (body.messages.at(-1)!.content.length % 16 < 2 ? 'refusal' : undefined) }) // biome-ignore format: one line
  const { stderr } = await judge(run, '--judge', 'chat', ...askWith(url), '--concurrency', '1')
  expect(stderr.replace(/\s+/g, ' ')).toMatch(
    /\d+ of [\d,]+ candidates have no verdict that can be read: they change nothing; \d+ refused: "dualtree judge retry \S+ --only invalid" asks again; the model refuses: try another --mode or --llm-model/,
  )
})

describe('mode text', () => {
  it('shows titles in place of codes, and both on request; other titles are other prompts', async () => {
    const run = newRun()
    const items = join(directory, 'items.csv')
    const write = (word: string) =>
      writeFileSync(
        items,
        `id,name\n${Array.from({ length: 120 }, (_, item) => `i${item},${word} ${item}\n`).join('')}`,
      )
    write('Tent')
    const about = ['--items', items, '--item-id', 'id', '--title', 'name']
    const plan = async (mode: string) =>
      JSON.parse((await judge('plan', run, '--llm-model', 'tiny', '--mode', mode, ...about, '--json')).stdout)
    const [text, both] = [await plan('text'), await plan('both')]
    expect(text.samples[0].user).toMatch(/^History \(\d+ items\):\nTent \d+\nTent \d+\n/)
    expect(both.samples[0].user).toMatch(/\n0\. Tent \d+ \| co [-\d]+ \| emb [-\d]+\n/)
    const server = await startChatServer()
    const ask = () => judge('run', run, ...askWith(server.url), '--mode', 'text', ...about)
    expect(await ask()).toMatchObject({ code: 0, stdout: expect.stringMatching(/^80 of 80 prompts done/) })
    write('Stove')
    expect(await ask()).toMatchObject({ code: 0 })
    expect(server.requests).toHaveLength(2 * PROMPTS)
    expect(await judge('plan', run, '--llm-model', 'tiny', '--mode', 'text')).toMatchObject({ code: 0 })
    expect(await judge('plan', prepared, '--llm-model', 'tiny', '--mode', 'text')).toMatchObject({
      code: 2,
      stderr: 'error: mode text needs to know what an item is: give --items FILE, with --title COLUMN\n',
    })
  })
})

describe('dualtree judge run', () => {
  it('asks a sample, stops at a budget, goes on, and ends with the verdicts of the run', async () => {
    const server = await startChatServer()
    const run = newRun()
    const sample = await judge('run', run, ...askWith(server.url), '--sample', '5', '--json')
    expect(JSON.parse(sample.stdout)).toMatchObject({ prompts: PROMPTS, done: 5, open: PROMPTS - 5 })
    for (const command of ['evaluate', 'fit']) {
      const { code, stderr } = await runHere([command, run])
      expect([code, stderr]).toEqual([
        2,
        `error: ${run}: tiny has answered 5 of ${PROMPTS} prompts: go on with "dualtree judge resume ${run}", or judge in another way, such as --judge prefix\n`,
      ])
    }
    expect(server.requests).toHaveLength(5)
    const budget = await runHere(['judge', 'run', run, ...askWith(server.url), '--max-tokens', '30k'])
    expect(budget).toMatchObject({
      code: 5,
      stdout: '',
      stderr: expect.stringContaining('error: the budget is reached (--max-tokens 30000)'),
    })
    const status = JSON.parse((await judge('status', run, '--json')).stdout)
    expect(status.done).toBe(server.requests.length)
    expect(status.done).toBeLessThan(PROMPTS)
    expect(await judge('parse', run)).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(
        /error: \d+ of 80 prompts have no answer yet: ask them with "dualtree judge resume/,
      ),
    })
    const resumed = await judge('resume', run, '--max-tokens', '10M')
    expect(resumed.code).toBe(0)
    expect(resumed.stdout).toMatch(/^80 of 80 prompts done \(100\.0 %\), 0 left\n/)
    expect(resumed.stdout).toContain('chat: ')
    expect(server.requests).toHaveLength(PROMPTS)
    expect(countAnswers(run)).toEqual({ answers: PROMPTS, prompts: PROMPTS, leases: 0 })
    // the run knows its judge now, and needs nobody
    await server.stop()
    const evaluated = await runHere(['evaluate', run, '--history-at-test', 'train', '--json'])
    expect(evaluated.code).toBe(0)
    expect(evaluated.stderr).toContain('judge: reused')
  })

  it('retry asks again what got no answer, and keeps both answers', async () => {
    let broken = true
    const server = await startChatServer({
      misdeed: ({ number }) => (broken && number % 10 === 0 ? 'empty' : undefined),
    })
    const run = newRun()
    await judge('run', run, ...askWith(server.url))
    broken = false
    const before = server.requests.length
    expect((await judge('status', run)).stdout).toContain(
      `answers with faults: 8 empty\n  8 empty: "dualtree judge retry ${run} --only invalid" asks again; try another --response-format`,
    )
    const shown = await judge('show', run, '--faults', 'invalid', '--first', '1')
    expect(shown.stdout).toMatch(/^── system text of every prompt ──\nYou judge/)
    expect(shown.stdout).toMatch(
      /\n── user u\d+: empty ──\nHistory \(.*\n── answer ──\n\{"id":.*\n── remedy: try another/s,
    )
    expect((await judge('show', run, '--faults', 'errors')).stdout).toBe('no answers with faults (errors)\n')
    const { stdout } = await judge('retry', run, '--only', 'invalid')
    expect(stdout).toMatch(/^8 asked again\n80 of 80 prompts done/)
    expect(server.requests.slice(before).map(({ body }) => body.seed)).toEqual(Array(8).fill(2))
    expect(countAnswers(run)).toMatchObject({ answers: PROMPTS + 8, prompts: PROMPTS })
    expect((await judge('status', run)).stdout).toContain('answers with faults: none')
  })

  it('two processes share the work, and nothing is asked twice', async () => {
    const server = await startChatServer({ delay: 30 })
    const run = newRun()
    const ask = () => runCli(['judge', 'run', run, ...askWith(server.url), '--concurrency', '2'])
    const results = await Promise.all([ask(), ask()])
    for (const { code, stderr } of results)
      expect({ code, stderr }).toEqual({ code: 0, stderr: expect.not.stringContaining('error') })
    expect(server.requests).toHaveLength(PROMPTS)
    expect(countAnswers(run)).toEqual({ answers: PROMPTS, prompts: PROMPTS, leases: 0 })
    expect(existsSync(join(run, 'judge', 'verdicts.parquet'))).toBe(true)
  })

  it('refuses a run without candidates, a judge that asks nobody, and a run without a server', async () => {
    const run = join(directory, 'only-data')
    await runHere(['data', input, '--out', run])
    expect(await judge('run', run, ...askWith('http://127.0.0.1:1/v1'))).toMatchObject({
      code: 2,
      stderr: `error: ${run}: the stage "train-base" is not there, or was made with other options: run "dualtree candidates ${run}" first\n`,
    })
    expect(await judge('run', run, '--judge', 'prefix')).toMatchObject({
      code: 2,
      stderr: 'error: judge "prefix" asks no language model: give one of --judge chat, ai-sdk, batch\n',
    })
    expect(await judge('run', prepared, '--llm-model', 'tiny')).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('80 of 80 prompts have no answer yet: say whom to ask with --base-url'),
    })
    expect((await judge('plan', prepared)).stderr).toBe(
      'error: judge "chat": --llm-model must be given: language model, as its server names it\n',
    )
    expect((await judge('plan', 'nowhere')).stderr).toContain('nowhere is not a run directory')
  })
})

describe('dualtree judge export, run-shard, merge and import', () => {
  it('take a job out of a run and its answers back', async () => {
    const server = await startChatServer()
    const run = newRun()
    const job = join(run, 'job')
    const exported = await judge('export', run, '--llm-model', 'tiny', '--mode', 'compact', '--shard-requests', '50')
    expect(exported.stdout).toMatch(/^80 requests in 2 shards:\n {2}\S+shard-0\.jsonl: 50 requests, 0\.\d MB\n/)
    expect(await judge('run-shard', job, '--base-url', server.url)).toMatchObject({
      code: 2,
      stderr: 'error: which shard? give --index <i>, or set SLURM_ARRAY_TASK_ID or JOB_COMPLETION_INDEX\n',
    })
    for (const text of ['-1', '3-1', '0,1'])
      expect((await judge('run-shard', job, '--base-url', server.url, `--index=${text}`)).stderr).toContain(
        `expected an integer from 0 or a range such as 0-9, got "${text}"`,
      )
    await judge('run-shard', job, '--base-url', server.url, '--index', '0')
    // what makes the prompts is remembered from the export
    expect(await judge('merge', run)).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('1 of 2 parts are missing (1): run "dualtree job run-shard'),
    })
    const shard = (...args: string[]) => judge('run-shard', job, '--base-url', server.url, ...args)
    vi.stubEnv('SLURM_ARRAY_TASK_ID', '1')
    onTestFinished(() => void vi.unstubAllEnvs())
    expect((await shard()).stdout).toBe('shard 1: 30 rows\n')
    expect((await shard('--index', '0-1')).stdout).toBe('shards 0 to 1: 80 rows, 80 of them from before\n')
    expect((await judge('merge', run)).stdout).toMatch(/^80 answers taken, 0 known already\n/)
    expect((await judge('import', run, join(job, 'part-1.jsonl'))).stdout).toMatch(
      /^0 answers taken, 30 known already\n/,
    )
    expect((await judge('parse', run)).stdout).toMatch(/^batch: \d+ of 1600 candidates judged positive/)
    expect(countAnswers(run)).toEqual({ answers: PROMPTS, prompts: PROMPTS, leases: 0 })
  })
})

describe('dualtree judge submit and collect', () => {
  it('send batches, and bring answers in when they have ended', async () => {
    const batches = createBatchServer(batch =>
      batch < 2 ? { status: 'expired', share: 0.25 } : { status: 'completed' },
    )
    const { url, close } = await listenForBatches(batches)
    const run = newRun()
    expect((await judge('submit', run, ...askWith(url), '--shard-requests', '40')).stdout).toBe(
      `2 batches submitted (80 prompts), 0 collected (0 answers), 2 under way\n80 prompts have no answer yet; "dualtree judge collect ${run}" resumes, with --wait until all are answered\n`,
    )
    expect((await judge('status', run)).stdout).toContain(
      `in batches: 80 prompts; "dualtree judge collect ${run}" collects their answers`,
    )
    expect(await judge('run', run, ...askWith(url))).toMatchObject({
      code: 4,
      stderr: expect.stringContaining('80 prompts are in batches that were submitted'),
    })
    expect((await judge('collect', run)).stdout).toMatch(
      // cut as they were submitted
      /^2 batches submitted \(60 prompts\), 2 collected \(20 answers\), 2 under way\n60 results without an answer: their prompts are open again\n60 prompts/,
    )
    expect((await judge('collect', run, '--wait')).stdout).toContain(
      `every prompt is answered: "dualtree judge parse ${run}" makes the verdicts`,
    )
    expect((await judge('parse', run)).stdout).toMatch(/of 1600 candidates judged positive/)
    close()
  })
})

describe('Ctrl-C', () => {
  /** Signals as soon as three requests are on their way. */
  async function interrupted(signals: readonly NodeJS.Signals[], misdeed?: Misdeed) {
    const underWay = Promise.withResolvers<readonly NodeJS.Signals[]>()
    const slow = await startChatServer({
      delay: 300,
      misdeed({ number }) {
        if (number === 0) underWay.resolve(signals)
        return misdeed
      },
    })
    const run = newRun()
    const result = await runCli(['judge', 'run', run, ...askWith(slow.url), '--concurrency', '4'], {
      kill: underWay.promise,
    })
    return { ...result, run, asked: slow.requests.length }
  }

  it('once waits for what is under way and keeps it', async () => {
    const { code, stderr, run, asked } = await interrupted(['SIGINT'])
    expect(code).toBe(130)
    expect(stderr).toContain('stopping after the work in progress; Ctrl-C again stops at once\n')
    expect(stderr).toContain('stopped; the same command resumes')
    expect(countAnswers(run)).toEqual({ answers: asked, prompts: asked, leases: 0 })
  })

  it('twice stops at once', async () => {
    const { code, stderr } = await interrupted(['SIGINT', 'SIGINT'], 'silence')
    expect(code).toBe(130)
    expect(stderr).not.toContain('stopped;')
  })
})

describe('killed with SIGKILL at random moments', () => {
  /** A server, and a promise that is kept when so many more requests have come. */
  async function countingServer(misdeed: ChatServerOptions['misdeed'] = () => undefined) {
    let left = Number.POSITIVE_INFINITY
    let reached = (_: readonly NodeJS.Signals[]) => {}
    const server = await startChatServer({
      delay: 5,
      misdeed(request) {
        if (--left === 0) reached(['SIGKILL'])
        return misdeed(request)
      },
    })
    const afterRequests = (requests: number) =>
      new Promise<readonly NodeJS.Signals[]>(settle => {
        ;[left, reached] = [requests, settle]
      })
    return { server, afterRequests }
  }
  const random = randomStream(derive(5, 'kill'))

  it('a job goes on each time, and its ledger ends complete and without duplicates', async () => {
    const { server, afterRequests } = await countingServer(({ number }) =>
      number % 7 === 0 ? { status: 429, headers: { 'retry-after-ms': '5' } } : number % 11 === 0 ? 'reset' : undefined,
    )
    const run = newRun()
    const args = ['judge', 'run', run, ...askWith(server.url), '--concurrency', '3']
    const kills = budget(1, 3)
    for (let kill = 0; kill < kills; kill++)
      expect((await runCli(args, { kill: afterRequests(1 + random.below(20)) })).code).toBe(null)
    const { code, stderr } = await runHere(args)
    expect(stderr).not.toContain('error')
    expect(code).toBe(0)
    expect(countAnswers(run)).toEqual({ answers: PROMPTS, prompts: PROMPTS, leases: 0 })
    // what was in flight when it was killed is asked again, and nothing else
    const answers = [...server.answered.values()].reduce((sum, count) => sum + count, 0)
    expect(answers - PROMPTS).toBeLessThanOrEqual(3 * kills)
  })

  it('a whole run with --judge chat ends with the verdicts of the rule', async () => {
    const { server, afterRequests } = await countingServer()
    const out = join(directory, 'whole')
    const judging = ['--judge', 'chat', ...askWith(server.url), '--concurrency', '3']
    const args = ['run', input, '--out', out, ...QUICK, '--baselines', '', ...judging]
    for (let kill = 0; kill < budget(0, 2); kill++)
      expect((await runCli(args, { kill: afterRequests(1 + random.below(30)) })).code).toBe(null)
    const { code, stderr } = await runHere(args)
    expect(stderr).not.toContain('error')
    expect(code).toBe(0)
    expect(countAnswers(out)).toEqual({ answers: PROMPTS, prompts: PROMPTS, leases: 0 })
    const byRule = newRun()
    await judge(byRule, '--judge', 'prefix', '--min-prefix', '2')
    const files = [out, byRule].map(run => readVerdictRows(join(run, 'judge', 'verdicts.parquet')))
    const [asked, ruled] = await Promise.all(files)
    expect(asked.map(({ label }) => label)).toEqual(ruled.map(({ label }) => label))
  })
})
