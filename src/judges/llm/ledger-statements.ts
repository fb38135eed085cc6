/** The SQL of a ledger. */
import type { DatabaseSync, StatementSync } from 'node:sqlite'
import { TOTALS_SQL } from './ledger-totals.ts'

export function prepareAll(database: DatabaseSync) {
  const sum = (column: string) => `coalesce(sum(${column}), 0)`
  const totals = Object.fromEntries(Object.entries(TOTALS_SQL).map(([name, text]) => [name, database.prepare(text)]))
  return {
    ...(totals as Record<keyof typeof TOTALS_SQL, StatementSync>),
    state: database.prepare(
      `SELECT attempt, kind, truncated, EXISTS (SELECT 1 FROM retries r WHERE r.custom_id = a.custom_id AND r.attempt = a.attempt) AS retry
       FROM answers a WHERE custom_id = ? ORDER BY attempt DESC LIMIT 1`,
    ),
    answer: database.prepare('SELECT * FROM answers WHERE custom_id = ? ORDER BY attempt DESC LIMIT 1'),
    note: database.prepare('INSERT OR IGNORE INTO asked VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)'),
    owners: database.prepare('SELECT DISTINCT owner FROM leases'),
    lease: database.prepare('SELECT owner FROM leases WHERE custom_id = ?'),
    takeLease: database.prepare('INSERT OR REPLACE INTO leases VALUES (?, ?, ?, ?, ?)'),
    endLease: database.prepare('DELETE FROM leases WHERE custom_id = ?'),
    leasesOf: database.prepare('SELECT custom_id AS id FROM leases WHERE owner = ?'),
    leasesOfOthers: database.prepare(
      "SELECT count(*) AS count FROM leases WHERE owner <> ? AND owner NOT LIKE 'batch:%'",
    ),
    endLeasesOf: database.prepare('DELETE FROM leases WHERE owner = ?'),
    record: database.prepare('INSERT OR IGNORE INTO answers VALUES (NULL, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)'),
    fault: database.prepare('INSERT INTO faults VALUES (NULL, ?, ?, ?, ?, ?, ?, ?)'),
    retry: database.prepare(
      'INSERT OR IGNORE INTO retries SELECT ?, max(attempt) FROM answers WHERE custom_id = ? HAVING count(*) > 0',
    ),
    reserved: database.prepare(
      `SELECT ${sum('prompt_tokens')} AS promptTokens, ${sum('completion_tokens')} AS completionTokens FROM leases WHERE model = ?`,
    ),
    answered: database.prepare(
      'SELECT * FROM asked WHERE custom_id IN (SELECT custom_id FROM answers) ORDER BY custom_id, user_id, item_ids',
    ),
    refusals: database.prepare('SELECT parameter FROM refusals WHERE model = ? ORDER BY parameter'),
    refuse: database.prepare('INSERT OR IGNORE INTO refusals VALUES (?, ?)'),
    lastAnswer: database.prepare('SELECT coalesce(max(number), 0) AS last FROM answers'),
    job: database.prepare('SELECT counts FROM jobs WHERE job = ?'),
    setJob: database.prepare('INSERT OR REPLACE INTO jobs VALUES (?, ?)'),
    dropJobs: database.prepare('DELETE FROM jobs'),
    batches: database.prepare('SELECT * FROM batches ORDER BY name'),
    setBatch: database.prepare('INSERT OR REPLACE INTO batches VALUES (?, ?, ?, ?, ?, ?, ?, ?)'),
  }
}
