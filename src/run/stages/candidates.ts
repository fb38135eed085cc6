/** Stage `candidates`: which unobserved items of a user are looked at. */
import { join } from 'node:path'
import type { Dataset } from '../../dataset/dataset.ts'
import { filledRows } from '../../dataset/patterns.ts'
import { readTable, writeTable } from '../../dataset/table.ts'
import { generateCandidates } from '../../enhance/candidates.ts'
import { describe, readGivenCandidates } from '../../enhance/given-candidates.ts'
import { sha256OfGiven } from '../../files.ts'
import { type Candidates, noCandidates } from '../../judges/judge.ts'
import { candidateColumns } from '../../judges/verdict-file.ts'
import { embeddingRecommender } from '../../models/embeddings.ts'
import { filledPlaces } from '../../places.ts'
import type { Run, RunData } from '../context.ts'
import { vectorRecency } from '../recency.ts'
import { type MergedRows, rowsOfUsers, type ShardedRows, spreadRows } from '../sharding.ts'
import { runStage, type StageResult } from '../stage.ts'
import { fitBaseline } from './fit-baseline.ts'
import type { TrainedModel } from './train.ts'

export async function candidatesStage(
  run: Run,
  data: RunData,
  base: StageResult<TrainedModel>,
): Promise<StageResult<Candidates>> {
  const { plan, kernels, signal } = run
  const { train } = data.value
  const { candidatesPerUser: k, candidates: given, seed } = plan.run
  const { proposer } = plan
  // a baseline is good for the scope of memory that it is fitted in
  const generate = (progress: (done: number, users: number) => void, users?: Int32Array) =>
    kernels.memory.scope(() =>
      generateCandidates({
        recommender: proposer
          ? fitBaseline({ train, kernels, seed }, proposer, '--candidate-model')
          : embeddingRecommender(base.value.embeddings, kernels, train),
        train,
        options: { k },
        seed,
        ...(users && { users }),
        ...(signal && { signal }),
        progress,
      }),
    )
  const shared: ShardedRows = {
    users: () => filledRows(train.byUser),
    async rows(users, progress) {
      const { items, scores } = await generate(progress, users)
      return { arrays: { items: rowsOfUsers(items, users, k), scores: rowsOfUsers(scores, users, k) } }
    },
  }
  return runStage(run, {
    name: 'candidates',
    title: 'Listing the candidates',
    options: { candidatesPerUser: k, seed, ...(proposer ? { proposer } : vectorRecency(plan)) },
    inputs: given
      ? { data: data.hash, candidates: await sha256OfGiven(given, '--candidates') }
      : { data: data.hash, ...(!proposer && { base: base.hash }) },
    ...(!given && { shared }),
    async compute(folder, report, _key, merged) {
      if (given) {
        const { candidates, left } = await readGivenCandidates(given, train, k)
        if (Object.keys(left).length > 0) report.message(`Rows of ${given} that are not used: ${describe(left)}.`)
        return writeCandidates(folder, train, candidates)
      }
      const progress = (done: number, total: number) => report.progress(done, total, 'users')
      await writeCandidates(folder, train, merged ? mergedCandidates(merged, train, k) : await generate(progress))
    },
    load: folder => readCandidates(folder, train, k),
  })
}

async function writeCandidates(folder: string, train: Dataset, { items, scores, k }: Candidates): Promise<void> {
  const places = filledPlaces(items)
  await writeTable(
    join(folder, 'candidates.parquet'),
    [
      ...candidateColumns(train, { items, k }, places),
      { name: 'score', type: 'FLOAT', value: row => scores[places[row]] },
    ],
    places.length,
  )
}

function mergedCandidates({ users, arrays }: MergedRows, train: Dataset, k: number): Candidates {
  const candidates = noCandidates(train, k)
  spreadRows(arrays.items, users, k, candidates.items)
  spreadRows(arrays.scores, users, k, candidates.scores)
  return candidates
}

/** The candidates of every user of `train`, [U × k], from the folder of the stage. */
export async function readCandidates(folder: string, train: Dataset, k: number): Promise<Candidates> {
  const table = await readTable(join(folder, 'candidates.parquet'), ['user_id', 'rank', 'item_id', 'score'])
  const { items, scores } = noCandidates(train, k)
  table.user_id.forEach((user, row) => {
    const place = train.userIds.indexOf(user!) * k + Number(table.rank[row]) - 1
    items[place] = train.itemIds.indexOf(table.item_id[row]!)
    scores[place] = Number(table.score[row])
  })
  return { k, items, scores }
}
