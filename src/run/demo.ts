/** The demo's data: planted structure, written as files that the ordinary pipeline reads. */
import { join } from 'node:path'
import { buildCsr } from '../dataset/csr.ts'
import { type Pairs, pickPairs } from '../dataset/dataset.ts'
import { type PlantedPairs, plantedData } from '../dataset/planted.ts'
import type { Split } from '../dataset/split.ts'
import { sealTruth } from '../dataset/truth.ts'
import { type JudgeAccuracy, judgeAccuracy } from '../evaluation/judge-accuracy.ts'
import { writeAtomic } from '../files.ts'
import { type Candidates, candidatePairs, POSITIVE, type Verdicts } from '../judges/judge.ts'
import { placesWhere } from '../places.ts'

/** What each user likes and train does not show: what a perfect judge would find. */
export interface HiddenLikes {
  readonly users: readonly string[]
  readonly items: readonly string[]
}

const userId = (user: number) => `user-${user}`
const itemId = (item: number) => `item-${item}`

/**
 * Writes train, valid and test files to `directory`-data, beside the run.
 * @returns their directory, the likes that train does not show, and the options that keep the demo to about a minute
 */
export async function prepareDemo(
  directory: string,
): Promise<{ source: string; hidden: HiddenLikes; options: Record<string, unknown> }> {
  const source = `${directory.replace(/[/\\]+$/, '')}-data`
  const data = plantedData()
  for (const part of ['train', 'valid', 'test'] as const)
    await writeAtomic(join(source, `${part}.csv`), toCsv(data[part]))
  const unseen = [data.valid, data.test, data.hidden]
  const hidden = {
    users: unseen.flatMap(({ users }) => users.map(userId)),
    items: unseen.flatMap(({ items }) => items.map(itemId)),
  }
  return {
    source,
    hidden,
    options: { dimensions: 32, learningRate: 0.004, epochs: 120, patience: 4, leafSize: 15, minPrefix: 4 },
  }
}

function toCsv({ users, items }: PlantedPairs): string {
  return `user_id,item_id\n${users.map((user, row) => `${userId(user)},${itemId(items[row])}\n`).join('')}`
}

/** Precision and recall of the positive verdicts on the hidden likes. */
export function scoreDemoJudge(
  split: Split,
  candidates: Candidates,
  verdicts: Verdicts,
  hidden: HiddenLikes,
): JudgeAccuracy {
  const { userIds, itemIds, users, items } = split.train
  const internal: Pairs = { users: hidden.users.map(userIds.indexOf), items: hidden.items.map(itemIds.indexOf) }
  const isKnown = (at: number) => internal.users[at] >= 0 && internal.items[at] >= 0
  const known = pickPairs(internal, placesWhere(hidden.users.length, isKnown))
  const truth = sealTruth(buildCsr(known.users, known.items, users, items).pattern, items)
  const positives = candidatePairs(candidates, place => verdicts.labels[place] === POSITIVE)
  return judgeAccuracy(positives, candidates, truth)
}
