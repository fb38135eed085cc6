/** Works one shard of a job folder off, without the run that it came from: what a machine of a fleet does. */
import { closeSync, existsSync, openSync, readFileSync, renameSync, truncateSync, writeSync } from 'node:fs'
import { UsageError } from '../errors.ts'
import { cannotWrite } from '../files.ts'
import type { JudgeControl } from '../judges/judge.ts'
import type { AskingOptions } from '../llm/asking-options.ts'
import { type BatchRequest, readRequests, resultLine } from '../llm/batch-files.ts'
import { httpChat } from '../llm/chat-client.ts'
import { dispatch } from '../llm/dispatch.ts'
import { checkShardFile, partFile, readJob, shardFile } from '../llm/job-folder.ts'
import type { Settled, Task, Workload } from '../llm/workload.ts'
import { derive, randomStream } from '../random.ts'
import { finishShardFile, unfinishedShardFile } from '../shard-files.ts'

export interface ShardResult {
  readonly rows: number
  /** rows that an earlier, killed attempt left */
  readonly before: number
}

/**
 * Asks every request of shard `index` and writes its results to `part-index.jsonl`; a killed attempt is gone on from, a
 * part that is whole is left as it is. One process a shard.
 * @throws UsageError for an index that there is not; what ends the asking, resumable
 */
export async function runShard(
  folder: string,
  index: number,
  options: Pick<
    AskingOptions,
    'baseUrl' | 'apiKeyEnv' | 'header' | 'concurrency' | 'timeout' | 'retries' | 'outage' | 'maxMinutes'
  >,
  { signal, progress }: JudgeControl = {},
): Promise<ShardResult> {
  const job = await readJob(folder)
  if (!Number.isInteger(index) || index < 0 || index >= job.shards.length)
    throw new UsageError(`${folder} has shards 0 to ${job.shards.length - 1}, not ${index}`)
  const total = job.shards[index].requests
  const state = await checkShardFile(folder, index, job)
  if (state === 'whole') return { rows: total, before: total }
  if (options.baseUrl.length === 0) throw new UsageError('nobody to ask: give --base-url')
  const requests: BatchRequest[] = []
  for await (const request of readRequests(shardFile(folder, index))) requests.push(request)
  const partial = unfinishedShardFile(folder, index)
  // renamed, but killed before it was said to be whole: its answers are paid for
  if (!existsSync(partial) && state === 'missing' && existsSync(partFile(folder, index)))
    renameSync(partFile(folder, index), partial)
  const done = readDone(partial)
  const before = done.size
  const output = openOutput(partial)
  try {
    const settled = (id: string) => {
      done.add(id)
      progress?.(done.size, total, 'requests')
    }
    const workload = createShardWork(
      requests.filter(({ id }) => !done.has(id)),
      output,
      settled,
    )
    const { uniform: random } = randomStream(derive(index, 'shard', process.pid))
    await httpChat(options).use(send =>
      dispatch(workload, { ...options, send, baseUrls: options.baseUrl, random, signal }),
    )
  } finally {
    closeSync(output)
  }
  renameSync(partial, partFile(folder, index))
  await finishShardFile(partFile(folder, index), folder, index, done.size)
  return { rows: done.size, before }
}

interface ShardTask extends Task {
  readonly body: string
}

function createShardWork(
  requests: readonly BatchRequest[],
  output: number,
  settled: (id: string) => void,
): Workload<ShardTask> {
  let next = 0
  return {
    take(count) {
      const tasks = requests.slice(next, next + count).map(request => ({ ...request, key: keyOf(request) }))
      next += tasks.length
      return { tasks, supply: next < requests.length ? 'ready' : 'done' }
    },
    body: ({ body }) => body,
    settle({ id }, { kind, body }: Settled) {
      const status = kind === 'completion' ? 200 : 400
      writeSync(output, resultLine({ id, status, body }))
      settled(id)
    },
    flush() {},
    failed() {},
    giveBack() {},
  }
}

/** The history, which all prompts of a user begin with: they go to one server. */
function keyOf({ body }: BatchRequest): string {
  const { messages } = JSON.parse(body) as { messages?: readonly { content?: unknown }[] }
  return String(messages?.at(-1)?.content ?? '').split('\n\n')[0]
}

/** The requests that have a whole line; half a line, which a kill left, is cut off. */
function readDone(partial: string): Set<string> {
  let text: string
  try {
    text = readFileSync(partial, 'utf8')
  } catch {
    return new Set()
  }
  const whole = text.slice(0, text.lastIndexOf('\n') + 1)
  if (whole.length < text.length) truncateSync(partial, Buffer.byteLength(whole))
  const lines = whole.split('\n').filter(line => line !== '')
  return new Set(lines.map(line => JSON.parse(line).custom_id as string))
}

function openOutput(path: string): number {
  try {
    return openSync(path, 'a')
  } catch (error) {
    throw cannotWrite(path, error)
  }
}
