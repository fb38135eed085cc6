/**
 * What was asked and answered: an append-only SQLite file that several processes can share. Each prompt is asked under a
 * lease, and its answer is recorded once; raw answers are kept, and read by whoever wants to.
 */
import { dirname, join } from 'node:path'
import { zstdCompressSync, zstdDecompressSync } from 'node:zlib'
import { DataError, messageOf } from '../../errors.ts'
import { makeDirectory } from '../../files.ts'
import type { Usage } from '../completion.ts'
import { LEDGER_SCHEMA, LEDGER_VERSION } from './ledger-schema.ts'
import { joinWork, type Presence } from './liveness.ts'

/** Tokens read and written; of a request not yet answered, the most there can be. */
export type Tokens = Pick<Usage, 'promptTokens' | 'completionTokens'>

/** A prompt as the ledger keeps it. */
export interface AskedPrompt {
  readonly id: string
  readonly model: string
  readonly mode: string
  readonly template: string
  /** external ids */
  readonly user: string | number
  readonly items: readonly (string | number)[]
  readonly historyKept: number
  readonly historyOf: number
  readonly worst: Tokens
}

/** `overflow`: the prompt was longer than the model's context. `error`: there will be no answer. */
export type AnswerKind = 'completion' | 'overflow' | 'error'

export interface NewAnswer {
  readonly id: string
  readonly attempt: number
  readonly model: string
  readonly kind: AnswerKind
  readonly truncated: boolean
  readonly endpoint: string
  readonly usage: Usage
  readonly seconds: number
  readonly body: string
}

/** The last answer to a prompt, without its body. */
export interface AnswerState {
  readonly attempt: number
  readonly kind: AnswerKind
  readonly truncated: boolean
  /** marked to be asked again */
  readonly retry: boolean
}

export interface NewFault {
  readonly id: string
  readonly model: string
  readonly endpoint: string
  readonly kind: string
  readonly detail: string
  readonly worst: Tokens
}

/** What a model has cost: by its answers and by tries that may have cost something; `reserved` by leases, at most. */
export interface Spending {
  readonly answers: number
  /** of all answers, added up */
  readonly seconds: number
  readonly spent: Usage
  readonly reserved: Tokens
}

export interface Claim {
  /** prompts that are ours now, and the attempt that each is */
  readonly claimed: readonly { readonly id: string; readonly attempt: number }[]
  /** prompts that another process is asking */
  readonly elsewhere: readonly string[]
  /** the first prompt that the budget had no room for */
  readonly refused?: string
}

export interface Ledger {
  /** undefined when it was never answered */
  state(id: string): AnswerState | undefined
  /** the raw text of the last answer */
  body(id: string): string | undefined
  /**
   * Takes leases on prompts that nobody has answered or is asking, in order, as long as `fits` says that there is room
   * for all that would then be spent and reserved. A process that has ended holds no lease.
   */
  claim(prompts: readonly AskedPrompt[], fits?: (spending: Spending) => boolean): Claim
  /** Keeps an answer and ends the lease. A second answer to the same attempt is not kept: returns false. */
  record(answer: NewAnswer): boolean
  addFault(fault: NewFault): void
  /** Notes for whom a prompt is asked, without a lease. */
  note(prompts: readonly AskedPrompt[]): void
  release(ids: readonly string[]): void
  /** Lets the last answer of a prompt be asked again. */
  retry(id: string): void
  spending(model: string): Spending
  /** tries that failed, by kind */
  faults(model: string): Record<string, number>
  /** every prompt that has an answer, with whom it was asked for */
  answered(): Iterable<Pick<AskedPrompt, 'id' | 'model' | 'mode' | 'user' | 'items'>>
  close(): void
}

/**
 * @param folder where the ledger lies, on a local disk; it is made. In memory when absent
 * @throws DataError when there is a file that is no ledger, or one of another version; OutputError when it cannot be written
 */
export async function openLedger(folder?: string): Promise<Ledger> {
  // loaded late: old Nodes warn when they load it
  const { DatabaseSync } = await import('node:sqlite')
  const path = folder === undefined ? ':memory:' : ledgerFile(folder)
  if (folder !== undefined) await makeDirectory(folder)
  const open = (file: string, timeout: number) => new DatabaseSync(file, { timeout })
  const database = open(path, 30_000)
  try {
    database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL')
    prepareTables(database, path)
  } catch (error) {
    database.close()
    throw error instanceof DataError
      ? error
      : new DataError(`${path}: cannot be used as a ledger of answers: ${messageOf(error)}`, { cause: error })
  }
  const presence = folder === undefined ? undefined : joinWork(join(dirname(path), 'at-work'), file => open(file, 0))
  return createLedger(database, presence)
}

export function ledgerFile(folder: string): string {
  return join(folder, 'ledger.sqlite')
}

type Database = import('node:sqlite').DatabaseSync

function prepareTables(database: Database, path: string): void {
  const { user_version: version } = database.prepare('PRAGMA user_version').get() as { user_version: number }
  if (version !== 0 && version !== LEDGER_VERSION)
    throw new DataError(
      `${path}: a ledger of version ${version}, this dualtree knows ${LEDGER_VERSION}: use the version of dualtree that wrote it`,
    )
  database.exec(`BEGIN IMMEDIATE; ${LEDGER_SCHEMA} PRAGMA user_version = ${LEDGER_VERSION}; COMMIT`)
}

function createLedger(database: Database, presence: Presence | undefined): Ledger {
  const owner = presence?.owner ?? 'alone'
  const sql = prepareAll(database)
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
    sql.note.run(id, JSON.stringify(user), JSON.stringify(items), model, mode, template, historyKept, historyOf)
  }
  /** Ends the leases of processes that have ended. */
  const sweep = () => {
    for (const { owner: other } of sql.owners.all() as { owner: string }[])
      if (other !== owner && presence?.isGone(other)) sql.endLeasesOf.run(other)
  }
  const heldByOther = (id: string): boolean => {
    const lease = sql.lease.get(id) as { owner: string } | undefined
    if (!lease || lease.owner === owner) return false
    if (!presence?.isGone(lease.owner)) return true
    sql.endLeasesOf.run(lease.owner)
    return false
  }
  const spending = (model: string): Spending => {
    const none = { answers: 0, seconds: 0, promptTokens: 0, cachedTokens: 0, completionTokens: 0 }
    const { answers, seconds, ...spent } = { ...none, ...sql.totals.get(model) }
    return { answers, seconds, spent, reserved: { ...(sql.reserved.get(model) as unknown as Tokens) } }
  }

  return {
    state,
    body(id) {
      const row = sql.body.get(id) as { body: Uint8Array } | undefined
      return row && zstdDecompressSync(row.body).toString()
    },
    claim(prompts, fits) {
      return inTransaction(() => {
        const claimed: { id: string; attempt: number }[] = []
        const elsewhere: string[] = []
        for (const prompt of prompts) {
          const { id, model, worst } = prompt
          const answer = state(id)
          if (answer && !answer.retry) continue
          if (heldByOther(id)) {
            elsewhere.push(id)
            continue
          }
          const hasRoom = () => !fits || fits(withNext(spending(model), worst))
          if (!hasRoom()) {
            sweep()
            if (!hasRoom()) return { claimed, elsewhere, refused: id }
          }
          sql.takeLease.run(id, owner, model, worst.promptTokens, worst.completionTokens)
          note(prompt)
          claimed.push({ id, attempt: (answer?.attempt ?? 0) + 1 })
        }
        return { claimed, elsewhere }
      })
    },
    record({ id, attempt, model, kind, truncated, endpoint, usage, seconds, body }) {
      return inTransaction(() => {
        const { promptTokens, cachedTokens, completionTokens } = usage
        const tokens = [promptTokens, cachedTokens, completionTokens] as const
        const packed = zstdCompressSync(body)
        const { changes } = sql.record.run(
          id,
          attempt,
          model,
          kind,
          Number(truncated),
          endpoint,
          ...tokens,
          seconds,
          packed,
        )
        sql.endLease.run(id)
        return changes === 1
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
    retry(id) {
      sql.retry.run(id, id)
    },
    spending,
    faults(model) {
      const rows = sql.faultKinds.all(model) as { kind: string; count: number }[]
      return Object.fromEntries(rows.map(({ kind, count }) => [kind, count]))
    },
    *answered() {
      for (const row of sql.answered.iterate() as Iterable<Record<string, string>>)
        yield {
          id: row.custom_id,
          model: row.model,
          mode: row.mode,
          user: JSON.parse(row.user_id),
          items: JSON.parse(row.item_ids),
        }
    },
    close() {
      if (presence) sql.endLeasesOf.run(owner)
      database.close()
      presence?.leave()
    },
  }
}

function withNext(spending: Spending, next: Tokens): Spending {
  const { promptTokens, completionTokens } = spending.reserved
  const reserved = {
    promptTokens: promptTokens + next.promptTokens,
    completionTokens: completionTokens + next.completionTokens,
  }
  return { ...spending, reserved }
}

function prepareAll(database: Database) {
  const sum = (column: string) => `coalesce(sum(${column}), 0)`
  return {
    state: database.prepare(
      `SELECT attempt, kind, truncated, EXISTS (SELECT 1 FROM retries r WHERE r.custom_id = a.custom_id AND r.attempt = a.attempt) AS retry
       FROM answers a WHERE custom_id = ? ORDER BY attempt DESC LIMIT 1`,
    ),
    body: database.prepare('SELECT body FROM answers WHERE custom_id = ? ORDER BY attempt DESC LIMIT 1'),
    note: database.prepare('INSERT OR IGNORE INTO asked VALUES (?, ?, ?, ?, ?, ?, ?, ?)'),
    owners: database.prepare('SELECT DISTINCT owner FROM leases'),
    lease: database.prepare('SELECT owner FROM leases WHERE custom_id = ?'),
    takeLease: database.prepare('INSERT OR REPLACE INTO leases VALUES (?, ?, ?, ?, ?)'),
    endLease: database.prepare('DELETE FROM leases WHERE custom_id = ?'),
    endLeasesOf: database.prepare('DELETE FROM leases WHERE owner = ?'),
    record: database.prepare('INSERT OR IGNORE INTO answers VALUES (NULL, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)'),
    fault: database.prepare('INSERT INTO faults VALUES (NULL, ?, ?, ?, ?, ?, ?, ?)'),
    retry: database.prepare(
      'INSERT OR IGNORE INTO retries SELECT ?, max(attempt) FROM answers WHERE custom_id = ? HAVING count(*) > 0',
    ),
    totals: database.prepare(
      `SELECT answers, seconds, prompt_tokens AS promptTokens, cached_tokens AS cachedTokens, completion_tokens AS completionTokens
       FROM totals WHERE model = ?`,
    ),
    reserved: database.prepare(
      `SELECT ${sum('prompt_tokens')} AS promptTokens, ${sum('completion_tokens')} AS completionTokens FROM leases WHERE model = ?`,
    ),
    faultKinds: database.prepare(
      'SELECT kind, count(*) AS count FROM faults WHERE model = ? GROUP BY kind ORDER BY kind',
    ),
    answered: database.prepare(
      'SELECT custom_id, model, mode, user_id, item_ids FROM asked WHERE custom_id IN (SELECT custom_id FROM answers) ORDER BY custom_id, user_id, item_ids',
    ),
  }
}
