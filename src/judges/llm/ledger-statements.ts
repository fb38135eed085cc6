/** The SQL of a ledger. */
import type { DatabaseSync } from 'node:sqlite'

export function prepareAll(database: DatabaseSync) {
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
