/** A ledger over its open database. */
import { createHash } from 'node:crypto'
import type { DatabaseSync } from 'node:sqlite'
import { zstdCompressSync, zstdDecompressSync } from 'node:zlib'
import { DataError } from '../../errors.ts'
import { parseJson } from '../../llm/completion.ts'
import { withNext } from './budget.ts'
import {
  type AnswerState,
  type AskedPrompt,
  addCounts,
  type Batch,
  type Claim,
  type JobCounts,
  type NewAnswer,
  type NewFault,
  type Spending,
} from './ledger-records.ts'
import { createTotals } from './ledger-spending.ts'
import { prepareAll } from './ledger-statements.ts'
import type { Presence } from './liveness.ts'

/** Leases of a batch outlive every process. */
const ownerOf = (batch: string) => `batch:${batch}`

export type Ledger = ReturnType<typeof createLedger>

/**
 * @param presence absent when nobody else can be at work
 * @param path for messages
 */
export function createLedger(database: DatabaseSync, presence: Presence | undefined, path: string) {
  const owner = presence?.owner ?? 'alone'
  const sql = prepareAll(database)
  const { spending, faults } = createTotals(database, sql)
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
    const { check, ...counts } = Object(parseJson(row?.counts ?? ''))
    return check === checkOf(counts) ? counts : undefined
  }
  const batches = () => sql.batches.all() as unknown as Batch[]
  const setJob = (key: string, counts: JobCounts) =>
    sql.setJob.run(key, JSON.stringify({ ...counts, check: checkOf(counts) }))

  return {
    /** undefined when it was never answered */
    state,
    nextAttempt: (id: string): number => (state(id)?.attempt ?? 0) + 1,
    /** The raw text of the last answer. One that is not what was written is none, and will be asked for again. */
    body(id: string): string | undefined {
      const row = sql.answer.get(id) as Record<string, never> | undefined
      const body = row && readBody(row)
      if (row && body === undefined) {
        retry(id)
        damaged++
      }
      return body
    },
    /** answers that were found not to be what was written, since the ledger was opened */
    damaged: () => damaged,
    /**
     * Takes leases on prompts that nobody has answered or is asking, in order, as long as `fits` says that there is room
     * for all that would then be spent and reserved. A process that has ended holds no lease.
     * @param batch for whom, when it is not this process
     */
    claim(prompts: readonly AskedPrompt[], fits?: (spending: Spending) => boolean, batch?: string): Claim {
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
          const holder = batch === undefined ? owner : ownerOf(batch)
          sql.takeLease.run(id, holder, model, worst.promptTokens, worst.completionTokens)
          note(prompt)
          claimed.push({ id, attempt: (answer?.attempt ?? 0) + 1 })
        }
        return { claimed, elsewhere }
      })
    },
    /**
     * Keeps answers and ends their leases. A second answer to the same attempt is not kept; returns how many are.
     * @param then within the same transaction, with the answers in place
     */
    record(answers: readonly NewAnswer[], then?: () => void): number {
      return inTransaction(() => {
        const kept = answers.reduce((sum, answer) => sum + Number(keep(answer)), 0)
        then?.()
        return kept
      })
    },
    addFault({ id, model, endpoint, kind, detail, worst }: NewFault): void {
      sql.fault.run(id, model, endpoint, kind, detail, worst.promptTokens, worst.completionTokens)
    },
    /** Notes for whom a prompt is asked, without a lease. */
    note(prompts: readonly AskedPrompt[]): void {
      inTransaction(() => prompts.forEach(note))
    },
    release(ids: readonly string[]): void {
      inTransaction(() => {
        for (const id of ids) sql.endLease.run(id)
      })
    },
    /** Ends the leases of processes that have ended. */
    sweep,
    /** Lets the last answer of a prompt be asked again; counts of jobs are made anew. */
    retry: (id: string) => inTransaction(() => retry(id)),
    spending,
    /** tries that failed, by kind */
    faults,
    /** what the model's server does not take in a request */
    refusals: (model: string): string[] =>
      (sql.refusals.all(model) as { parameter: string }[]).map(({ parameter }) => parameter),
    refuse(model: string, parameter: string): void {
      sql.refuse.run(model, parameter)
    },
    job,
    /** a number that grows with every answer */
    lastAnswer,
    /** Keeps the counts of a job, unless another process is at work, or answers came since `last`. */
    setJob(key: string, counts: JobCounts, last: number): void {
      inTransaction(() => {
        const { count } = sql.leasesOfOthers.get(owner) as { count: number }
        if (count === 0 && lastAnswer() === last) setJob(key, counts)
      })
    },
    /** Adds to the counts of a job that has some. */
    addToJob(key: string, more: Omit<JobCounts, 'prompts'>): void {
      const counts = job(key)
      if (!counts) return
      setJob(key, addCounts(counts, more))
    },
    batches,
    openBatches: () => batches().filter(({ state }) => state === 'open'),
    setBatch({ name, model, endpoint, requests, tokens, file, batch, state }: Batch): void {
      sql.setBatch.run(name, model, endpoint, requests, tokens, file, batch, state)
    },
    /** the prompts that a batch has */
    leasesOf: (batch: string): string[] => (sql.leasesOf.all(ownerOf(batch)) as { id: string }[]).map(({ id }) => id),
    /**
     * every prompt that has an answer, with whom it was asked for
     * @throws DataError at one that is not what was written
     */
    *answered(): Generator<Pick<AskedPrompt, 'id' | 'model' | 'mode' | 'user' | 'items'>> {
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
    close(): void {
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

/** Counts that are damaged are made anew. */
const checkOf = (counts: object): string => digestOf([JSON.stringify(counts)]).toString('hex')
