/** Puts a new run in the place of the one that is served, unless it is shown to be worse. */

import { randomUUID } from 'node:crypto'
import { lstat, realpath, rename, rm, symlink } from 'node:fs/promises'
import { dirname, relative, resolve } from 'node:path'
import { z } from 'zod'
import { entriesOf } from '../comparison/choice.ts'
import type { Comparison } from '../comparison/compare.ts'
import { compareRuns, compareRunsOptions, type RunComparison } from '../comparison/runs.ts'
import { UsageError } from '../errors.ts'
import { cannotWrite } from '../files.ts'
import { parseOptions } from '../options.ts'
import { readFinishedRun } from '../run/finished-run.ts'
import type { RunEvent } from '../run/stage.ts'
import type { ServingModel } from './serving-model.ts'

const { metrics, level, resamples, permutations, seed } = compareRunsOptions.shape

export const promoteOptions = z.object({ metrics, level, resamples, permutations, seed })

export interface PromoteRequest {
  /** run directory with the new model */
  readonly next: string
  /** link to the run directory that is served; made when there is none */
  readonly link: string
  /** loads what would be served of a run directory */
  readonly open: (directory: string) => Promise<ServingModel>
  readonly options?: Readonly<Record<string, unknown>>
  readonly signal?: AbortSignal
  readonly emit?: (event: RunEvent) => void
}

export interface Promotion {
  readonly promoted: boolean
  readonly link: string
  /** what the link led to before */
  readonly before?: string
  /** of the new model */
  readonly method: string
  /** what was compared; absent when there was nothing to compare */
  readonly comparison?: RunComparison
  /** the differences that show the new one to be worse */
  readonly worse: readonly Comparison[]
  /** one sentence */
  readonly reason: string
}

/**
 * The rows that are served are compared user by user: those of both runs when they are of the same data, or else, since
 * figures on different data do not compare, the new one's row with the row of the current method in the new run.
 * @throws UsageError when `next` has no model that can be served, or when there is no row to compare with
 */
export async function promote({ next, link, open, options: given = {}, ...watch }: PromoteRequest): Promise<Promotion> {
  const options = parseOptions(promoteOptions, given, 'promote')
  const method = await methodOf(next, open)
  const before = await currentTarget(link)
  const base = { link, method, ...(before !== undefined && { before }) }
  if (before === undefined) {
    await swap(next, link)
    return { ...base, promoted: true, worse: [], reason: `${link} led nowhere: there was nothing to compare with.` }
  }
  if (before === (await realpath(next)))
    return { ...base, promoted: true, worse: [], reason: `${link} leads there already.` }
  const pair = await pairOf(next, method, before, await methodOf(before, open))
  if ('same' in pair) {
    await swap(next, link)
    return { ...base, promoted: true, worse: [], reason: pair.same }
  }
  const comparison = await compareRuns(
    pair.runs,
    { ...options, method: pair.method, against: [pair.against], groups: 0 },
    watch,
  )
  const worse = comparison.comparisons.filter(({ interval }) => interval.high < 0)
  if (worse.length > 0) {
    const names = worse.map(({ metric }) => metric).join(' and ')
    return {
      ...base,
      promoted: false,
      comparison,
      worse,
      reason: `${next} is worse in ${names}: the interval lies below zero.`,
    }
  }
  await swap(next, link)
  return { ...base, promoted: true, comparison, worse, reason: `no interval shows ${next} to be worse.` }
}

async function methodOf(directory: string, open: PromoteRequest['open']): Promise<string> {
  const model = await open(directory)
  model.close()
  return model.info.method
}

/** Where the link leads; undefined when there is nothing of that name. */
async function currentTarget(link: string): Promise<string | undefined> {
  const entry = await lstat(link).catch(() => undefined)
  if (!entry) return undefined
  if (!entry.isSymbolicLink())
    throw new UsageError(
      `--over ${link}: expected a link to a run directory, found a ${entry.isDirectory() ? 'directory' : 'file'}; make one with "ln -s <run> <link>" and serve the link`,
    )
  return realpath(link).catch(() => undefined)
}

type Pair =
  | { readonly runs: readonly string[]; readonly method: string; readonly against: string }
  | { readonly same: string }

async function pairOf(next: string, method: string, before: string, currentMethod: string): Promise<Pair> {
  const runs = [await readFinishedRun(before), await readFinishedRun(next)]
  if (runs[0].metrics.dataHash !== runs[1].metrics.dataHash) {
    if (method === currentMethod)
      return { same: `${method} was served before too, and the data are new: there was nothing to compare.` }
    const { entries } = await entriesOf([runs[1]], 'strict')
    if (entries.some(entry => entry.method === currentMethod)) return { runs: [next], method, against: currentMethod }
    throw new UsageError(
      `${before} is of other data, and ${next} has no row "${currentMethod}", which is served now, to compare "${method}" with: run ${next} with that row too (--compare or --baselines)`,
    )
  }
  const [against, own] = [`${currentMethod} (${before})`, `${method} (${next})`]
  const { repeated } = await entriesOf(runs, 'strict')
  // a row that both runs have is listed once, as the first one's
  const listed = repeated.includes(own) ? `${method} (${before})` : own
  if (listed === against) return { same: `${method} has the same figures in both runs, bit by bit.` }
  return { runs: [before, next], method: listed, against }
}

/** Atomic: whoever looks sees the one or the other. */
async function swap(next: string, link: string): Promise<void> {
  const temporary = `${link}.${randomUUID()}.tmp`
  try {
    await symlink(relative(await realpath(dirname(resolve(link))), await realpath(next)), temporary)
    await rename(temporary, link)
  } catch (error) {
    await rm(temporary, { force: true })
    throw cannotWrite(link, error)
  }
}
