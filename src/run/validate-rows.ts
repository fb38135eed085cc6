/** The rows of a run by what they reach on validation data, without a training: others may be at work in the directory. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { OutputError, UsageError } from '../errors.ts'
import { readOptions } from './directory.ts'
import { withFinishedStages } from './finished-stages.ts'
import { acquireLock } from './lock.ts'
import type { RunTarget } from './request.ts'
import { runStages } from './run-stages.ts'
import { servableRows } from './servable.ts'
import type { Watch } from './stage.ts'
import { chooseStage, type ValidatedRow } from './stages/choose.ts'

/**
 * The best first; those that cannot be served come last. Baselines are fitted on train and compared once: the run keeps the
 * comparison, unless it cannot be written to now.
 * @param until what the run's table has: rows that are trained, the base model alone, or baselines alone
 * @throws UsageError when a stage of the run is missing, or was made with other options
 */
export async function validateRows(
  directory: string,
  until: Extract<RunTarget, 'evaluate' | 'base' | 'data'>,
  { emit = () => {}, signal }: Watch = {},
): Promise<readonly ValidatedRow[]> {
  let validated: readonly ValidatedRow[] = []
  const remedy = `dualtree evaluate ${directory}`
  await withFinishedStages(directory, await readOptions(directory), { remedy }, async (asked, data) => {
    await runStages(asked, data, until, async (run, __, { methods }) => {
      const rows = servableRows(run, methods)
      const { readOnly: _, ...own } = run
      const making = { ...own, emit, ...(signal && { signal }) }
      validated = await chooseStage(run, data, rows).catch(error => {
        if (!(error instanceof UsageError)) throw error
        return inPlace(directory, place => chooseStage({ ...making, directory: place }, data, rows))
      })
    })
  })
  return validated
}

/** @param body is given the directory while it is locked, or else a temporary one */
async function inPlace<T>(directory: string, body: (place: string) => Promise<T>): Promise<T> {
  const lock = await acquireLock(directory).catch(error => {
    if (!(error instanceof OutputError)) throw error
  })
  const place = lock ? directory : await mkdtemp(join(tmpdir(), 'dualtree-choose-'))
  try {
    return await body(place)
  } finally {
    lock?.release()
    if (!lock) await rm(place, { recursive: true, force: true })
  }
}
