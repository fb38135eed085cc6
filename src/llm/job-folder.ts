/**
 * A job as a folder that any engine can work on: `job.json`, requests in `shard-i.jsonl`, and for each shard its results
 * in `part-i.jsonl`; `part-i.ok`, written last, says that they are whole, with their rows and SHA-256.
 */
import { createWriteStream } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { finished } from 'node:stream/promises'
import { z } from 'zod'
import { DataError, UsageError } from '../errors.ts'
import { cannotWrite, makeDirectory, sha256OfFile, writeJson } from '../files.ts'
import { integer, number } from '../options.ts'
import { checkShardFile as checkAny } from '../shard-files.ts'

const shardSchema = z.object({ requests: z.number(), bytes: z.number(), sha256: z.string() })
export const jobSchema = z.object({
  version: z.literal(1),
  /** run directory, from the job folder */
  run: z.string().optional(),
  model: z.string(),
  mode: z.string(),
  template: z.string(),
  shards: z.array(shardSchema).min(1),
})

export type JobFile = z.output<typeof jobSchema>

/** Cuts of a shard: OpenAI takes 200 MB and 50,000 requests. */
export const shardOptions = z.object({
  shardBytes: number(1000, 180e6, 'bytes; 10M is ten million')
    .default(180e6)
    .describe('largest shard; one request may be more'),
  shardRequests: integer(1, 45_000).default(45_000).describe('most requests of a shard'),
})

export const shardFile = (folder: string, index: number) => join(folder, `shard-${index}.jsonl`)
export const partFile = (folder: string, index: number) => join(folder, `part-${index}.jsonl`)
const jobFile = (folder: string) => join(folder, 'job.json')

/**
 * Writes lines into shards, then `job.json`.
 * @throws UsageError when there is no line, or the folder has a job already; OutputError when it cannot be written
 */
export async function writeJob(
  folder: string,
  about: Omit<JobFile, 'version' | 'shards'>,
  lines: Iterable<string>,
  { shardBytes, shardRequests }: z.output<typeof shardOptions>,
): Promise<JobFile> {
  await makeDirectory(folder)
  if (await readFile(jobFile(folder)).catch(() => undefined))
    throw new UsageError(`${folder} holds a job already: merge it, then remove it, or choose another --out`)
  const shards: { requests: number; bytes: number; sha256: string }[] = []
  let open: ReturnType<typeof openShard> | undefined
  const close = async () => {
    if (open) shards.push(await open.close())
    open = undefined
  }
  for (const line of lines) {
    const bytes = Buffer.byteLength(line)
    if (open && (open.bytes + bytes > shardBytes || open.requests === shardRequests)) await close()
    open ??= openShard(shardFile(folder, shards.length))
    await open.write(line, bytes)
  }
  await close()
  if (shards.length === 0) throw new UsageError('every prompt has an answer already: there is nothing to export')
  const job: JobFile = { version: 1, ...about, shards }
  await writeJson(jobFile(folder), job)
  return job
}

function openShard(path: string) {
  const stream = createWriteStream(path)
  const done = finished(stream)
  done.catch(() => {})
  const shard = {
    requests: 0,
    bytes: 0,
    async write(line: string, bytes: number) {
      shard.requests++
      shard.bytes += bytes
      if (!stream.write(line)) await Promise.race([new Promise<void>(drained => stream.once('drain', drained)), done])
    },
    async close() {
      stream.end()
      await done.catch(error => {
        throw cannotWrite(path, error)
      })
      return { requests: shard.requests, bytes: shard.bytes, sha256: await sha256OfFile(path) }
    },
  }
  return shard
}

/** @throws UsageError when the folder is no job; DataError when `job.json` is damaged */
export async function readJob(folder: string): Promise<JobFile> {
  const text = await readFile(jobFile(folder), 'utf8').catch(() => undefined)
  if (text === undefined)
    throw new UsageError(`${folder} is no job folder (it has no job.json): make one with "dualtree judge export RUN"`)
  try {
    return jobSchema.parse(JSON.parse(text))
  } catch (cause) {
    throw new DataError(`${jobFile(folder)}: damaged, or of another version of dualtree; export the job again`, {
      cause,
    })
  }
}

/** `whole`, `missing`, or what is wrong with a part. */
export function checkShardFile(folder: string, index: number, { shards }: JobFile): Promise<string> {
  return checkAny(partFile(folder, index), folder, index, shards[index].requests)
}
