import { appendFileSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import { jobState, mergeAnyJob, planJob, runJobShards } from '../../src/engines/job.ts'
import { cutUsers, type JobStage } from '../../src/engines/job-file.ts'
import { sha256OfFile } from '../../src/files.ts'
import { askingOptions } from '../../src/llm/asking-options.ts'
import { runGiven } from '../../src/run/run.ts'
import { openServing } from '../../src/serving/model/open-run.ts'
import { rowsOfAnswers, writeRecommendations } from '../../src/serving/write.ts'
import { unfinishedShardFile, writeShardFile } from '../../src/shard-files.ts'
import { hashArtifacts } from '../support/artifacts.ts'
import { writeSmallData } from '../support/cli.ts'
import { sharedDirectory, temporaryDirectory } from '../support/directory.ts'
import { startChatServer } from '../support/serving.ts'
import { SMALL_RUN } from '../support/small-run.ts'

const directory = sharedDirectory()
const [whole, shared] = [join(directory, 'whole'), join(directory, 'shared')]
const source = writeSmallData(directory)
const options = { ...SMALL_RUN, historyAtTest: 'observed', seeds: 2, baselines: ['popularity'] }
const nobody = askingOptions.parse({})
const SHARDS = 3

async function inShards(stage: JobStage, run = shared, name: string = stage) {
  const folder = join(directory, 'jobs', name)
  await planJob(stage, { run, folder, shards: SHARDS })
  // one alone, and two in one process
  for (const indices of [[SHARDS - 1], [0, 1]]) await runJobShards(folder, indices, nobody)
  return folder
}

beforeAll(async () => {
  await runGiven({ directory: whole, source, options })
  await runGiven({ directory: shared, source, options, until: 'train' })
})

describe('a stage in shards', () => {
  it('candidates, verdicts and evaluations are those of one machine, to the byte', async () => {
    for (const stage of ['candidates', 'judge', 'evaluate'] as const) {
      const folder = await inShards(stage)
      expect(await jobState(folder)).toMatchObject({ stage, states: ['whole', 'whole', 'whole'] })
      expect(await mergeAnyJob(folder, undefined, {})).toMatchObject({ stage })
    }
    expect(hashArtifacts(shared)).toEqual(hashArtifacts(whole))
    const metrics = (run: string) =>
      JSON.parse(readFileSync(join(run, 'metrics.json'), 'utf8')).rows.map((row: object) => ({ ...row, seconds: 0, peakBytes: 0 })) // biome-ignore format: one line
    expect(metrics(shared)).toEqual(metrics(whole))
  })

  it('recommendations are those of one machine, to the byte', async () => {
    const folder = await inShards('recommend', whole)
    const merged = await mergeAnyJob(folder, undefined, {})
    const model = await openServing(whole)
    const users = [...model.users()]
    const alone = join(directory, 'alone.parquet')
    await writeRecommendations(
      alone,
      rowsOfAnswers(users.map(String), model.recommendMany(users.map(user => ({ user })))),
    )
    model.close()
    expect(merged).toMatchObject({ stage: 'recommend', rows: users.length * 10 })
    expect(await sha256OfFile(join(folder, 'recommendations.parquet'))).toBe(await sha256OfFile(alone))
  })

  it('whatever a killed worker leaves, the next one leaves the same bytes', async () => {
    const folder = await inShards('candidates', whole, 'killed')
    const part = join(folder, 'part-1.safetensors')
    const [ok, bytes] = [join(folder, 'part-1.ok'), readFileSync(part)]
    const okBytes = readFileSync(ok)
    const leftovers: (() => void)[] = [
      () => rmSync(part),
      () => writeFileSync(unfinishedShardFile(folder, 1), bytes.subarray(0, 100)),
      () => writeFileSync(unfinishedShardFile(folder, 1), Buffer.concat([bytes, bytes])),
      () => renameSync(part, unfinishedShardFile(folder, 1)),
      () => appendFileSync(part, 'x'),
    ]
    for (const leave of leftovers) {
      rmSync(ok)
      leave()
      expect((await jobState(folder)).states[1]).toBe('missing')
      expect(await runJobShards(folder, [1], nobody)).toMatchObject({ before: 0 })
      expect(readFileSync(part)).toEqual(bytes)
      expect(readFileSync(ok)).toEqual(okBytes)
      expect(existsSync(unfinishedShardFile(folder, 1))).toBe(false)
    }
    expect(await runJobShards(folder, [1], nobody)).toMatchObject({ rows: 54, before: 54 })
  })

  it('verdicts of a language model come from prompts in shards', async () => {
    const server = await startChatServer()
    const run = join(directory, 'asked')
    await runGiven({
      directory: run,
      source,
      options: { ...SMALL_RUN, judge: 'chat', llmModel: 'tiny' },
      until: 'train',
    })
    const folder = join(directory, 'jobs', 'asked')
    expect(await planJob('judge', { run, folder, shards: SHARDS })).toMatchObject({ shards: SHARDS, of: 'prompts' })
    const asking = askingOptions.parse({ baseUrl: [server.url] })
    await runJobShards(folder, [0, 1, 2], asking)
    const merged = await mergeAnyJob(folder, undefined, {})
    expect(merged).toMatchObject({ stage: 'prompts', count: { failed: 0, foreign: 0 } })
    const asked = server.requests.length
    const alone = await runGiven({ directory: join(directory, 'asked-alone'), source, until: 'judge', options: { ...SMALL_RUN, judge: 'chat', llmModel: 'tiny', baseUrl: [server.url] } }) // biome-ignore format: one line
    expect(server.requests).toHaveLength(2 * asked)
    const verdicts = (directory: string) => sha256OfFile(join(directory, 'judge', 'verdicts.parquet'))
    expect(await verdicts(run)).toBe(await verdicts(alone.directory))
  })
})

describe('what a job refuses', () => {
  it('is said with what to do', async () => {
    const folder = await inShards('candidates', whole, 'refusals')
    await expect(runJobShards(folder, [3], nobody)).rejects.toThrow(`${folder} has shards 0 to 2, not 3`)
    await expect(planJob('candidates', { run: whole, folder, shards: 2 })).rejects.toThrow(
      `${folder} holds another job already: merge it, then remove it, or choose another --out`,
    )
    await expect(planJob('candidates', { run: whole, folder: join(directory, 'x'), shards: 5000 })).rejects.toThrow(
      '--shards 5000: there are only 80 users to share out',
    )
    rmSync(join(folder, 'part-2.ok'))
    await expect(mergeAnyJob(folder, undefined, {})).rejects.toThrow(
      `${folder}: 1 of 3 parts are missing (2): run "dualtree job run-shard ${folder} --index 2"`,
    )
    writeFileSync(join(folder, 'part-2.ok'), '{')
    expect((await jobState(folder)).states[2]).toBe('part-2.ok is damaged')
    await expect(mergeAnyJob(folder, undefined, {})).rejects.toThrow('part-2.ok is damaged; run its shard again')
    await expect(jobState(directory)).rejects.toThrow(
      `${directory} is no job folder (it has no job.json): make one with "dualtree job plan RUN --stage STAGE"`,
    )
    writeFileSync(join(directory, 'job.json'), '{"version": 7}')
    await expect(jobState(directory)).rejects.toThrow('job.json: damaged, or of another version of dualtree')
  })

  it('a run that has changed since', async () => {
    const run = join(directory, 'changing')
    await runGiven({ directory: run, source, options: SMALL_RUN, until: 'train' })
    const folder = await inShards('candidates', run, 'changing')
    await runGiven({ directory: run, options: { ...SMALL_RUN, epochs: 2 }, until: 'trees' })
    rmSync(join(folder, 'part-0.ok'))
    await expect(runJobShards(folder, [0], nobody)).rejects.toThrow(
      `is not as it was when the job was planned (candidates): remove the job folder and run "dualtree job plan`,
    )
  })
})

describe('parts', () => {
  it('two workers at the same shard do not harm each other', async () => {
    const folder = await temporaryDirectory()
    mkdirSync(folder, { recursive: true })
    const path = join(folder, 'part-0.bin')
    const piece = new Uint8Array(1e5).fill(7)
    await Promise.all([1, 2, 3].map(() => writeShardFile(path, folder, 0, [piece], 5)))
    expect(readFileSync(path)).toEqual(Buffer.from(piece))
  })
})

describe('cutUsers', () => {
  it('gives every shard about as many rows, each user to one shard', () => {
    const rows = [Int32Array.of(1, 2, 5, 9), Int32Array.of(2, 5)]
    expect(cutUsers(rows, 3)).toEqual([
      { from: 0, to: 2, rows: 1 },
      { from: 2, to: 5, rows: 2 },
      { from: 5, to: 10, rows: 3 },
    ])
    expect(cutUsers([Int32Array.of(0, 1)], 2)).toEqual([
      { from: 0, to: 1, rows: 1 },
      { from: 1, to: 2, rows: 1 },
    ])
  })
})
