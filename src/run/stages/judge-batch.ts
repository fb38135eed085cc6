/** A run's prompts as a job folder, and answers from elsewhere into its ledger. */
import { basename, join, relative } from 'node:path'
import type { z } from 'zod'
import { UsageError } from '../../errors.ts'
import { advanceBatches, type BatchCount, type batchOptions, finishBatches } from '../../judges/llm/batch-api.ts'
import { addImports, type ImportCount, importResults, NO_IMPORTS } from '../../judges/llm/import-results.ts'
import { countOpen, openQuestions } from '../../judges/llm/llm-judge.ts'
import { countJob } from '../../judges/llm/status.ts'
import { promptHash } from '../../judges/prompt.ts'
import { readResults, requestLine } from '../../llm/batch-files.ts'
import { withHttpClient } from '../../llm/chat-client.ts'
import { checkShardFile, type JobFile, partFile, readJob, type shardOptions, writeJob } from '../../llm/job-folder.ts'
import { priceFor } from '../../llm/prices.ts'
import { checkWhole } from '../../shard-files.ts'
import { showAsStage } from '../shown.ts'
import type { Watch } from '../stage.ts'
import type { JudgeJob } from './judge-job.ts'
import { inJob, rememberJob } from './judge-run.ts'

/** Where a run's job folder is when nobody says where. */
export function jobFolder(directory: string): string {
  return join(directory, 'job')
}

/**
 * Writes every prompt that has no answer into shards.
 * @param cuts how large a shard may be, or how many there shall be
 */
export async function exportJob(
  job: JudgeJob,
  folder: string,
  cuts: z.output<typeof shardOptions> | { readonly shards: number },
): Promise<JobFile> {
  const { llmModel: model, mode } = job.options
  return inJob(job, async session => {
    await rememberJob(job, session)
    const lines = openQuestions(session).map(({ question, attempt }) =>
      requestLine(question.id, session.maker.body(question, attempt)),
    )
    const equal = 'shards' in cuts && {
      shardBytes: Infinity,
      shardRequests: Math.ceil(countOpen(session) / cuts.shards),
    }
    const about = { run: relative(folder, job.directory), model, mode, template: promptHash(mode) }
    return writeJob(folder, about, lines, equal || (cuts as z.output<typeof shardOptions>))
  })
}

/** Takes answers out of result files; a file may be given again. */
export async function importFiles(job: JudgeJob, files: readonly string[]): Promise<ImportCount> {
  return inJob(job, async session => {
    await rememberJob(job, session)
    let count = NO_IMPORTS
    for (const file of files)
      count = addImports(count, await importResults(session, `file:${basename(file)}`, readResults(file)))
    return count
  })
}

/**
 * Takes the answers of a job folder whose parts are all whole.
 * @throws UsageError naming the parts that are not
 */
export async function mergeJob(job: JudgeJob, folder: string): Promise<ImportCount> {
  const file = await readJob(folder)
  const states = await Promise.all(file.shards.map((_, index) => checkShardFile(folder, index, file)))
  checkWhole(folder, states)
  return importFiles(
    job,
    states.map((_, index) => partFile(folder, index)),
  )
}

/** Submits what has no answer to a batch API and, with `collect`, takes in what has finished there; `wait` until all is. */
export function batchJob(
  job: JudgeJob,
  cuts: z.output<typeof batchOptions>,
  how: { readonly collect: boolean; readonly wait: boolean },
  watch: Watch,
): Promise<{ count: BatchCount; open: number }> {
  const { asking } = job
  if (asking.baseUrl.length === 0) throw new UsageError('nobody to submit to: give --base-url')
  return showAsStage(watch.emit, { stage: 'batch', title: `Batches of ${job.options.llmModel}` }, progress =>
    inJob(job, async session => {
      await rememberJob(job, session, cuts)
      const price = await priceFor(asking, session.model)
      await countJob(session)
      const count = await withHttpClient(asking, client => {
        const request = { session, client, asking, price, cuts }
        return how.wait ? finishBatches(request, { signal: watch.signal, progress }) : advanceBatches(request, how)
      })
      return { count, open: countOpen(session) }
    }),
  )
}
