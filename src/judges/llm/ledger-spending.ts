/** What a model has cost, and how often it failed, by sums that the ledger keeps beside its rows. */
import type { DatabaseSync } from 'node:sqlite'
import type { Spending, Tokens } from './ledger-records.ts'
import type { prepareAll } from './ledger-statements.ts'

export function createTotals(database: DatabaseSync, sql: ReturnType<typeof prepareAll>) {
  const withoutTotals = new Set<string>()
  /** A model without sums has no rows either, or its sums are damaged: the rows are read once. */
  const soundTotals = (model: string): Record<string, number> | undefined => {
    const totals = () => sql.totals.get(model) as Record<string, number> | undefined
    const kept = totals()
    if (kept || withoutTotals.has(model)) return kept
    // within a transaction or not
    database.exec('SAVEPOINT sums')
    for (const step of [sql.dropTotals, sql.dropFaultTotals, sql.deriveTotals, sql.deriveFaultTotals]) step.run(model)
    database.exec('RELEASE sums')
    const derived = totals()
    if (!derived) withoutTotals.add(model)
    return derived
  }
  const spending = (model: string): Spending => {
    const tokens = { promptTokens: 0, cachedTokens: 0, completionTokens: 0 }
    const none = { answers: 0, seconds: 0, batchPromptTokens: 0, batchCompletionTokens: 0, ...tokens }
    const { answers, seconds, batchPromptTokens, batchCompletionTokens, ...spent } = { ...none, ...soundTotals(model) }
    const inBatches = { promptTokens: batchPromptTokens, completionTokens: batchCompletionTokens }
    return { answers, seconds, spent, inBatches, reserved: { ...(sql.reserved.get(model) as unknown as Tokens) } }
  }
  const faults = (model: string): Record<string, number> => {
    soundTotals(model)
    const rows = sql.faultKinds.all(model) as { kind: string; count: number }[]
    return Object.fromEntries(rows.map(({ kind, count }) => [kind, count]))
  }
  return { spending, faults }
}
