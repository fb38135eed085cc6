/** Stage `data`: interactions read, filtered, held out, and kept as Parquet with the words that say how. */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { isDeepStrictEqual } from 'node:util'
import { type Found, findData, hashFound } from '../../dataset/files/find.ts'
import { formats } from '../../dataset/formats/index.ts'
import { loadSplit } from '../../dataset/load.ts'
import type { DataReport } from '../../dataset/report.ts'
import { readSplit, writeSplit } from '../../dataset/store.ts'
import { readJson, writeJson } from '../../files.ts'
import type { Run, RunData } from '../context.ts'
import { runStage } from '../stage.ts'
import { readManifest } from '../stage-folder.ts'

export async function dataStage(run: Run): Promise<RunData> {
  const { plan, source, signal } = run
  const { found, inputs } = await findInputs(run)
  const own = formats.own.length > 0 && { formats: formats.own.map(({ name, version }) => ({ name, version })) }
  try {
    return await runStage(run, {
      name: 'data',
      title: 'Reading the data',
      options: { ...plan.source, ...own },
      inputs,
      async compute(folder, report) {
        const { split, report: words } = await loadSplit(found ?? source, plan.source, {
          ...(signal && { signal }),
          progress: ({ message }) => report.message(message),
        })
        await writeSplit(split, folder, signal)
        await writeJson(join(folder, 'report.json'), words)
      },
      load: folder => readSplit(folder, signal),
    })
  } finally {
    await found?.dispose()
  }
}

/**
 * The source's files, found once since a pipe can be read once, and their hashes. A source that is gone (the run directory
 * was moved, say) is no reason to stop while the stage holds what was read from it with the same options; a source that is
 * there and cannot be read is, and so is another one than the run was made from.
 */
async function findInputs({
  directory,
  plan,
  source,
  sourceIsNew = false,
  sharding,
  readOnly,
  emit,
  signal,
}: Run): Promise<{ found?: Found; inputs: Readonly<Record<string, string>> }> {
  const kept = async () => {
    const manifest = await readManifest(join(directory, 'data'))
    return manifest && isDeepStrictEqual(manifest.options, plan.source) ? { inputs: manifest.inputs } : undefined
  }
  try {
    // a worker of a fleet has the run, not what it was made from
    const alone = sharding && readOnly ? await kept() : undefined
    if (alone) return alone
    const found = await findData(source, signal)
    return { found, inputs: await hashFound(found, signal) }
  } catch (error) {
    const known = sourceIsNew || existsSync(source) ? undefined : await kept()
    if (!known) throw error
    if (source !== '-')
      emit({ type: 'message', stage: 'data', text: `${source} is not there any more: what was read from it is used.` })
    return known
  }
}

/** What was read and decided. */
export async function readDataReport(directory: string): Promise<DataReport> {
  return readJson(join(directory, 'data', 'report.json'), `run "dualtree evaluate ${directory}"`)
}
