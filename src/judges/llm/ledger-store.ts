/** A ledger over its open database. */
import { createHash } from 'node:crypto'
import type { DatabaseSync } from 'node:sqlite'
import { zstdCompressSync, zstdDecompressSync } from 'node:zlib'
import { DataError } from '../../errors.ts'
import { addCounts } from './counts.ts'
import type { AnswerState, AskedPrompt, Batch, JobCounts, Ledger, NewAnswer, Spending, Tokens } from './ledger.ts'
import { prepareAll } from './ledger-statements.ts'
import type { Presence } from './liveness.ts'

/** Leases of a batch outlive every process. */
const ownerOf = (batch: string) => `batch:${batch}`

/**
 * @param presence absent when nobody else can be at work
 * @param path for messages
 */
export function createLedger(database: DatabaseSync, presence: Presence | undefined, path: string): Ledger {
  const owner = presence?.owner ?? 'alone'
  const sql = prepareAll(database)
  let damaged = 0
  const inTransaction = <T>(body: () => T): T => {
    database.exec('BEGIN IMMEDIATE')
    try {
      const value = body()
      database.exec('COMMIT')
      return value
    } catch (error) {
      database.exec('ROLLBACK')
      throw error
    }
  }
  const state = (id: string): AnswerState | undefined => {
    const row = sql.state.get(id)
    if (!row) return undefined
    const { attempt, kind, truncated, retry } = row as unknown as AnswerState
    return { attempt, kind, truncated: Boolean(truncated), retry: Boolean(retry) }
  }
  const note = (prompt: AskedPrompt) => {
    const { id, user, items, model, mode, template, historyKept, historyOf } = prompt
    const columns = [id, JSON.stringify(user), JSON.stringify(items), model, mode, template, historyKept, historyOf]
    sql.note.run(...columns, digestOf(columns))
  }
  const isGone = (other: string) => other !== owner && !other.startsWith('batch:') && (presence?.isGone(other) ?? false)
  const sweep = () => {
    for (const { owner: other } of sql.owners.all() as { owner: string }[])
      if (isGone(other)) sql.endLeasesOf.run(other)
  }
  const heldByOther = (id: string): boolean => {
    const lease = sql.lease.get(id) as { owner: string } | undefined
    if (!lease || lease.owner === owner) return false
    if (!isGone(lease.owner)) return true
    sql.endLeasesOf.run(lease.owner)
    return false
  }
  const keep = ({ id, attempt, model, kind, truncated, endpoint, usage, seconds, body }: NewAnswer): boolean => {
    const { promptTokens, cachedTokens, completionTokens } = usage
    const tokens = [promptTokens, cachedTokens, completionTokens] as const
    const columns = [id, attempt, model, kind, Number(truncated), endpoint, ...tokens, seconds] as const
    const { changes } = sql.record.run(...columns, zstdCompressSync(body), digestOf([...columns, body]))
    sql.endLease.run(id)
    return changes === 1
  }
  const readBody = (row: Record<string, never>): string | undefined => {
    const { number, body: packed, digest, ...columns } = row
    try {
      const body = zstdDecompressSync(packed).toString()
      return !digest || digestOf([...Object.values(columns), body]).equals(digest) ? body : undefined
    } catch {
      return undefined
    }
  }
  const retry = (id: string) => {
    sql.retry.run(id, id)
    sql.dropJobs.run()
  }
  const lastAnswer = () => (sql.lastAnswer.get() as { last: number }).last
  const job = (key: string): JobCounts | undefined => {
    const row = sql.job.get(key) as { counts: string } | undefined
    return row && JSON.parse(row.counts)
  }
  const spending = (model: string): Spending => {
    const none = { answers: 0, seconds: 0, promptTokens: 0, cachedTokens: 0, completionTokens: 0 }
    const {
      answers,
      seconds,
      batchPromptTokens = 0,
      batchCompletionTokens = 0,
      ...spent
    } = {
      ...none,
      ...(sql.totals.get(model) as Record<string, number> | undefined),
    }
    const inBatches = { promptTokens: batchPromptTokens, completionTokens: batchCompletionTokens }
    return { answers, seconds, spent, inBatches, reserved: { ...(sql.reserved.get(model) as unknown as Tokens) } }
  }

  return {
    state,
    body(id) {
      const row = sql.answer.get(id) as Record<string, never> | undefined
      const body = row && readBody(row)
      if (row && body === undefined) {
        retry(id)
        damaged++
      }
      return body
    },
    damaged: () => damaged,
    claim(prompts, fits, batch) {
      return inTransaction(() => {
        const claimed: { id: string; attempt: number }[] = []
        const elsewhere: string[] = []
        let known: Spending | undefined
        for (const prompt of prompts) {
          const { id, model, worst } = prompt
          const answer = state(id)
          if (answer && !answer.retry) continue
          if (heldByOther(id)) {
            elsewhere.push(id)
            continue
          }
          if (fits) {
            known = withNext(known ?? spending(model), worst)
            if (!fits(known)) {
              sweep()
              known = withNext(spending(model), worst)
            }
            if (!fits(known)) return { claimed, elsewhere, refused: id }
          }
          sql.takeLease.run(
            id,
            batch === undefined ? owner : ownerOf(batch),
            model,
            worst.promptTokens,
            worst.completionTokens,
          )
          note(prompt)
          claimed.push({ id, attempt: (answer?.attempt ?? 0) + 1 })
        }
        return { claimed, elsewhere }
      })
    },
    record(answers, then) {
      return inTransaction(() => {
        const kept = answers.reduce((sum, answer) => sum + Number(keep(answer)), 0)
        then?.()
        return kept
      })
    },
    addFault({ id, model, endpoint, kind, detail, worst }) {
      sql.fault.run(id, model, endpoint, kind, detail, worst.promptTokens, worst.completionTokens)
    },
    note(prompts) {
      inTransaction(() => prompts.forEach(note))
    },
    release(ids) {
      inTransaction(() => {
        for (const id of ids) sql.endLease.run(id)
      })
    },
    sweep,
    retry: id => inTransaction(() => retry(id)),
    spending,
    faults(model) {
      const rows = sql.faultKinds.all(model) as { kind: string; count: number }[]
      return Object.fromEntries(rows.map(({ kind, count }) => [kind, count]))
    },
    refusals: model => (sql.refusals.all(model) as { parameter: string }[]).map(({ parameter }) => parameter),
    refuse(model, parameter) {
      sql.refuse.run(model, parameter)
    },
    job,
    lastAnswer,
    setJob(key, counts, last) {
      inTransaction(() => {
        const { count } = sql.leasesOfOthers.get(owner) as { count: number }
        if (count === 0 && lastAnswer() === last) sql.setJob.run(key, JSON.stringify(counts))
      })
    },
    addToJob(key, more) {
      const counts = job(key)
      if (!counts) return
      sql.setJob.run(key, JSON.stringify(addCounts(counts, more)))
    },
    batches: () => sql.batches.all() as unknown as Batch[],
    setBatch({ name, model, endpoint, requests, tokens, file, batch, state }) {
      sql.setBatch.run(name, model, endpoint, requests, tokens, file, batch, state)
    },
    leasesOf: batch => (sql.leasesOf.all(ownerOf(batch)) as { id: string }[]).map(({ id }) => id),
    *answered() {
      for (const row of sql.answered.iterate() as Iterable<Record<string, string>>) {
        const { digest, ...columns } = row
        if (digest && !digestOf(Object.values(columns)).equals(digest as never))
          throw new DataError(
            `${path}: the row about prompt ${row.custom_id} is damaged: whom it was asked for is not known; judge anew into another --out`,
          )
        const { custom_id: id, model, mode, user_id, item_ids } = row
        yield { id, model, mode, user: JSON.parse(user_id), items: JSON.parse(item_ids) }
      }
    },
    close() {
      if (presence) sql.endLeasesOf.run(owner)
      database.close()
      presence?.leave()
    },
  }
}

/** 16 bytes: damage is told from what was written, not from what somebody made. */
function digestOf(columns: readonly (string | number)[]): Buffer {
  return createHash('sha256').update(JSON.stringify(columns)).digest().subarray(0, 16)
}

function withNext(spending: Spending, next: Tokens): Spending {
  const { promptTokens, completionTokens } = spending.reserved
  const reserved = {
    promptTokens: promptTokens + next.promptTokens,
    completionTokens: completionTokens + next.completionTokens,
  }
  return { ...spending, reserved }
}
