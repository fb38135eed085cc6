/** Puts a new run in the place of the one that is served, unless it is shown to be worse. */
import { randomUUID } from 'node:crypto'
import { lstat, realpath, rename, rm, symlink } from 'node:fs/promises'
import { dirname, relative, resolve } from 'node:path'
import { z } from 'zod'
import { compareAcross } from '../comparison/across.ts'
import { entriesOf, namesOfRuns } from '../comparison/choice.ts'
import type { Comparison } from '../comparison/compare.ts'
import { compareRuns, compareRunsOptions, type RunComparison } from '../comparison/runs.ts'
import { UsageError } from '../errors.ts'
import { cannotWrite } from '../files.ts'
import { number, parseOptions } from '../options.ts'
import { type FinishedRun, readFinishedRun } from '../run/finished-run.ts'
import type { Watch } from '../run/stage.ts'
import type { ServingModel } from './model/serving-model.ts'

const { metrics, level, resamples, permutations, seed } = compareRunsOptions.shape

export const promoteOptions = z.object({
  ...{ metrics, level, resamples, permutations, seed },
  tolerance: number(0, 1)
    .default(0.1)
    .describe('share by which new data may be smaller, and the figures of one method on them lower'),
})

export interface PromoteRequest extends Watch {
  /** run directory with the new model */
  readonly next: string
  /** link to the run directory that is served; made when there is none */
  readonly link: string
  /** loads what would be served of a run directory */
  readonly open: (directory: string) => Promise<ServingModel>
  readonly options?: Readonly<Record<string, unknown>>
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
 * The rows that are served are compared user by user: those of both runs when they are of the same data. Else the new one's row
 * is compared with the row of the current method in the new run, and whether the data are sound is seen by their size and by the
 * current method in both runs, over the users in common.
 * @throws UsageError when `next` has no model that can be served, or when there is no row to compare with
 */
export async function promote({ next, link, open, options: given = {}, ...watch }: PromoteRequest): Promise<Promotion> {
  const { tolerance, ...options } = parseOptions(promoteOptions, given, 'promote')
  const method = await methodOf(next, open)
  const before = await currentTarget(link)
  const base = { link, method, ...(before !== undefined && { before }) }
  const decide = async (
    reason: string,
    worse: readonly Comparison[] = [],
    comparison?: RunComparison,
    held = false,
  ) => {
    const promoted = !held && worse.length === 0
    if (promoted) await swap(next, link)
    return { ...base, promoted, worse, reason, ...(comparison && { comparison }) }
  }
  if (before === undefined) return decide(`${link} led nowhere: there was nothing to compare with.`)
  if (before === (await realpath(next)))
    return { ...base, promoted: true, worse: [], reason: `${link} leads there already.` }
  const current = await methodOf(before, open)
  const runs = [await readFinishedRun(next), await readFinishedRun(before)] as const
  const [own, other] = runs
  let across: RunComparison | undefined
  if (own.metrics.dataHash !== other.metrics.dataHash) {
    const smaller = lostData(own, other, tolerance)
    if (smaller)
      return decide(`${next} has ${smaller}, over --tolerance: data may be missing.${BY_HAND}`, [], undefined, true)
    const found = await compareAcross(runs, current, options, watch)
    across = found.comparison
    if (across.users < found.users / 2)
      return decide(
        `of the ${found.users} users with held-out items in ${before}, ${across.users} have some in ${next}: these are other users, or their ids have changed.${BY_HAND}`,
        [],
        undefined,
        true,
      )
    const fell = across.comparisons.filter(({ interval, means }) => interval.high < -tolerance * means[1])
    if (fell.length > 0)
      return decide(
        `${current} is worse on the new data in ${namesOf(fell)}, by more than --tolerance: these may be damaged.${BY_HAND}`,
        fell,
        across,
      )
    if (method === current)
      return decide(`the data are new, and ${method} does about as well on them, over the users in common.`, [], across)
  }
  const pair = await pairOf(next, method, before, current, across !== undefined)
  if ('same' in pair) return decide(pair.same)
  const comparison = await compareRuns(
    pair.runs,
    { ...options, method: pair.method, against: [pair.against], groups: 0 },
    watch,
  )
  const worse = comparison.comparisons.filter(({ interval }) => interval.high < 0)
  return worse.length > 0
    ? decide(`${next} is worse in ${namesOf(worse)}: the interval lies below zero.`, worse, comparison)
    : decide(`no interval shows ${next} to be worse.`, [], comparison)
}

const BY_HAND = ' If that is as it should be, move the link by hand: ln -sfn RUN LINK.'

const namesOf = (compared: readonly Comparison[]) => compared.map(({ metric }) => metric).join(' and ')

/** What there is less of by more than a share; undefined when there is as much as before. */
function lostData({ data: own }: FinishedRun, { data: before }: FinishedRun, tolerance: number): string | undefined {
  const sizes = ({ counts: { users, items, train, valid, test } }: FinishedRun['data']) =>
    ({ users, items, interactions: train + valid + test }) as const
  const [now, then] = [sizes(own), sizes(before)]
  return (['interactions', 'users', 'items'] as const)
    .filter(what => now[what] < (1 - tolerance) * then[what])
    .map(what => `${now[what]} ${what} where there were ${then[what]}`)[0]
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
      `--over ${link}: expected a link to a run directory, found a ${entry.isDirectory() ? 'directory' : 'file'}; make one with "ln -s RUN LINK" and serve the link`,
    )
  return realpath(link).catch(() => undefined)
}

type Pair =
  | { readonly runs: readonly string[]; readonly method: string; readonly against: string }
  | { readonly same: string }

async function pairOf(
  next: string,
  method: string,
  before: string,
  currentMethod: string,
  otherData: boolean,
): Promise<Pair> {
  if (otherData) return { runs: [next], method, against: currentMethod }
  const [old, anew] = namesOfRuns([before, next])
  const [against, own] = [`${currentMethod} (${old})`, `${method} (${anew})`]
  const { repeated } = await entriesOf([await readFinishedRun(before), await readFinishedRun(next)], 'strict')
  // a row that both runs have is listed once, as the first one's
  const listed = repeated.includes(own) ? `${method} (${old})` : own
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
