/** Stage `data`: interactions read, filtered, held out, and kept as Parquet with the words that say how. */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { hashData } from '../dataset/hash.ts'
import { loadSplit } from '../dataset/load.ts'
import type { DataReport } from '../dataset/report.ts'
import { readSplit, writeSplit } from '../dataset/store.ts'
import { UsageError } from '../errors.ts'
import { writeAtomic } from '../files.ts'
import type { Run, RunData } from './context.ts'
import { readManifest, runStage } from './stage.ts'

export async function dataStage(run: Run): Promise<RunData> {
  const { directory, plan, source, signal } = run
  const kept = await readManifest(join(directory, 'data'))
  if (!source && !kept)
    throw new UsageError(
      `${directory}: this run has no data yet: start it with "dualtree run <data> --out ${directory}"`,
    )
  return runStage(run, {
    name: 'data',
    title: 'Reading the data',
    options: plan.source,
    inputs: source ? await hashData(source, signal) : kept!.inputs,
    async compute(folder, report) {
      if (!source)
        throw new UsageError(
          `${directory}: its data stage was made with other options or is damaged: give the data again`,
        )
      const { split, report: words } = await loadSplit(source, plan.source, {
        ...(signal && { signal }),
        progress: ({ message }) => report.message(message),
      })
      await writeSplit(split, folder, signal)
      await writeAtomic(join(folder, 'report.json'), `${JSON.stringify(words, null, 2)}\n`)
    },
    load: folder => readSplit(folder, signal),
  })
}

/** What was read and decided. */
export async function readDataReport(directory: string): Promise<DataReport> {
  return JSON.parse(await readFile(join(directory, 'data', 'report.json'), 'utf8'))
}
