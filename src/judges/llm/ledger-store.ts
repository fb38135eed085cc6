/** A ledger over its open database. */
import type { DatabaseSync } from 'node:sqlite'
import { zstdCompressSync, zstdDecompressSync } from 'node:zlib'
import type { AnswerState, AskedPrompt, Ledger, NewAnswer, Spending, Tokens } from './ledger.ts'
import { prepareAll } from './ledger-statements.ts'
import type { Presence } from './liveness.ts'

/** @param presence absent when nobody else can be at work */
export function createLedger(database: DatabaseSync, presence: Presence | undefined): Ledger {
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
  const keep = ({ id, attempt, model, kind, truncated, endpoint, usage, seconds, body }: NewAnswer): boolean => {
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
    record(answers) {
      return inTransaction(() => answers.reduce((kept, answer) => kept + Number(keep(answer)), 0))
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
