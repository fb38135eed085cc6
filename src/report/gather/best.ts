/** The best method of a run, what it gains over what is there without it, and what it recommends to three users. */
import { join } from 'node:path'
import type { ExternalId } from '../../dataset/dataset.ts'
import type { Split } from '../../dataset/split.ts'
import { evaluatedUsers } from '../../evaluation/protocols.ts'
import { columnsOf } from '../../kernels/csr.ts'
import { derive, randomStream } from '../../random.ts'
import {
  decidingMetric,
  headlineRows,
  type MethodSummary,
  type MetricsFile,
  overSeeds,
  type Variant,
} from '../../run/metrics-file.ts'
import type { RunPlan } from '../../run/options/plan.ts'
import { readLists } from '../../run/stages/evaluation-files.ts'
import { shellWord } from '../../shell.ts'

export interface ReportBest {
  readonly method: string
  /** that it is best on */
  readonly part: 'valid' | 'test'
  readonly variant: Variant
  /** that decides, such as ndcg@20 */
  readonly metric: string
  readonly value: number
  /** of popularity, where it is another row */
  readonly popularity?: number
  /** the best baseline, where it is another row */
  readonly baseline?: { readonly method: string; readonly value: number }
  readonly examples: readonly ExampleUser[]
  /** what to do next, as commands */
  readonly commands: readonly string[]
}

export interface ExampleUser {
  readonly user: ExternalId
  /** some items of train, the newest where there is time, as they are called */
  readonly history: readonly string[]
  /** best first */
  readonly items: readonly string[]
}

const USERS = 3
const ITEMS = 5

/** @returns undefined where nothing was measured */
export async function readBest(
  directory: string,
  { rows, evaluatedOn }: MetricsFile,
  plan: RunPlan,
  split: Split,
  labelOf: (item: number) => string,
): Promise<ReportBest | undefined> {
  const strict = headlineRows(rows).filter(row => row.protocol === 'strict' && row.skipped === undefined)
  const metric = decidingMetric(strict[0])
  if (metric === undefined) return undefined
  const value = (row: Pick<MethodSummary, 'metrics'>) => row.metrics[metric]
  const summaries = overSeeds(strict)
  const highest = (some: readonly MethodSummary[]) => some.reduce((a, b) => (value(b) > value(a) ? b : a))
  const best = highest(summaries)
  const others = summaries.filter(row => row !== best)
  const popularity = others.find(({ method }) => method === 'popularity')
  const baselines = others.filter(row => row !== popularity && plan.baselines.some(({ name }) => name === row.method))
  const baseline = baselines.length > 0 ? highest(baselines) : undefined
  const folder = join(directory, strict.find(row => row.method === best.method)!.evaluation)
  return {
    method: best.method,
    part: evaluatedOn,
    variant: best.variant,
    metric,
    value: value(best),
    ...(popularity && { popularity: value(popularity) }),
    ...(baseline && { baseline: { method: baseline.method, value: value(baseline) } }),
    examples: await readExamples(folder, split, evaluatedOn, plan.run.seed, labelOf),
    // what is served is chosen on validation, never on test
    commands: ['fit', 'serve'].map(command => `npx dualtree ${command} ${shellWord(directory)}`),
  }
}

/** @param folder of the method's evaluation */
async function readExamples(
  folder: string,
  split: Split,
  part: 'valid' | 'test',
  seed: number,
  labelOf: (item: number) => string,
): Promise<ExampleUser[]> {
  const { train } = split
  const evaluated = evaluatedUsers(split[part])
  const random = randomStream(derive(seed, 'examples of the report'))
  const drawn = new Set<number>()
  while (drawn.size < Math.min(USERS, evaluated.length)) drawn.add(evaluated[random.below(evaluated.length)])
  const users = Int32Array.from(drawn).sort()
  const lists = await readLists(folder, ITEMS, users, train)
  return Array.from(users, (user, row) => ({
    user: train.userIds.ids[user],
    history: newest(train, user).map(labelOf),
    items: Array.from(lists.subarray(row * ITEMS, (row + 1) * ITEMS))
      .filter(item => item >= 0)
      .map(labelOf),
  }))
}

function newest({ byUser, timestamps }: Split['train'], user: number): number[] {
  const items = Array.from(columnsOf(byUser, user))
  if (!timestamps) return items.slice(0, ITEMS)
  const times = timestamps.subarray(byUser.offsets[user], byUser.offsets[user + 1])
  const order = items.map((_, at) => at).sort((a, b) => times[b] - times[a])
  return order.slice(0, ITEMS).map(at => items[at])
}
