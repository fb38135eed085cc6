import { existsSync } from 'node:fs'
import { z } from 'zod'
import type { Dataset } from '../dataset/dataset.ts'
import { DataError, UsageError } from '../errors.ts'
import { refuseUnreadable, sha256OfFile } from '../files.ts'
import { text } from '../options.ts'
import { type Candidates, defineJudge, INVALID, type Ruling, ruleEach } from './judge.ts'
import { readLedgerVerdicts } from './llm/ledger-verdicts.ts'
import { readVerdictRows, type VerdictRow } from './verdict-file.ts'

/**
 * Gives the verdicts that were given before: those of a run (`judge/verdicts.parquet`) or those that can be read from
 * the answers in a ledger (`ledger/ledger.sqlite`), by user and item. A candidate that was not judged there is invalid.
 */
export const replay = defineJudge({
  name: 'replay',
  summary: 'Verdicts of an earlier run, from its table or its ledger.',
  source: 'ours: verdicts are data, usable without their judge',
  options: z.object({
    from: text.describe(
      'verdicts.parquet or ledger.sqlite, or your own file; Parquet or CSV with user_id, item_id, verdict (positive or negative) and optionally confidence',
    ),
    fromModel: text.optional().describe('model whose answers in the ledger count; needed where several answered'),
  }),
  unsupportedReason: ({ from }) => (existsSync(from) ? undefined : `there is no file "${from}" to replay: give --from`),
  inputs: async ({ from }) => {
    const hash = (path: string) => sha256OfFile(path).catch(cause => Promise.reject(unreadable(path, cause)))
    // the last answers of a ledger are in its log until somebody closes it
    const log = `${from}-wal`
    return { from: await hash(from), ...(from.endsWith('.sqlite') && existsSync(log) && { log: await hash(log) }) }
  },
  counts: ['missing'],
  create({ train }, { from, fromModel }) {
    return async candidates => {
      const given = from.endsWith('.sqlite') ? await readLedgerVerdicts(from, fromModel) : await readVerdictRows(from)
      return ruleFrom(given, candidates, train, from)
    }
  },
})

function unreadable(path: string, cause: unknown): DataError {
  refuseUnreadable(path, cause)
  return new DataError(`${path}: cannot be read: ${(cause as Error).message}`, { cause })
}

function ruleFrom(given: readonly VerdictRow[], candidates: Candidates, train: Dataset, from: string): Ruling {
  const { userIds, itemIds, items } = train
  const known = new Map<number, VerdictRow & { row: number }>()
  const keyOf = (user: number, item: number) => user * items + item
  for (const [index, verdict] of given.entries()) {
    const [user, item] = [userIds.indexOf(verdict.user), itemIds.indexOf(verdict.item)]
    if (user < 0 || item < 0) continue
    const before = known.get(keyOf(user, item))
    if (before && (before.label !== verdict.label || before.confidence !== verdict.confidence))
      throw new DataError(
        `${from} row ${index + 1}: user ${verdict.user} and item ${verdict.item} have another verdict in row ${before.row}; keep one of them`,
      )
    known.set(keyOf(user, item), { ...verdict, row: index + 1 })
  }
  const { labels, confidence } = ruleEach(candidates, () => ({ positive: false, confidence: 0 }))
  let missing = 0
  candidates.items.forEach((item, place) => {
    if (item < 0) return
    const verdict = known.get(keyOf(Math.floor(place / candidates.k), item))
    if (!verdict) missing++
    labels[place] = verdict?.label ?? INVALID
    confidence[place] = verdict?.confidence ?? 0
  })
  const asked = labels.reduce((sum, label) => sum + Number(label >= INVALID), 0)
  if (asked > 0 && missing === asked)
    throw new UsageError(`${from}: none of its verdicts is about a candidate of this run: is it of the same data?`)
  return { labels, confidence, details: { missing } }
}
