/** The SQL of a ledger. */
import type { DatabaseSync } from 'node:sqlite'

export function prepareAll(database: DatabaseSync) {
  const sum = (column: string) => `coalesce(sum(${column}), 0)`
  return {
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
    totals: database.prepare(
      `SELECT answers, seconds, prompt_tokens AS promptTokens, cached_tokens AS cachedTokens, completion_tokens AS completionTokens,
       batch_prompt_tokens AS batchPromptTokens, batch_completion_tokens AS batchCompletionTokens FROM totals WHERE model = ?`,
    ),
    reserved: database.prepare(
      `SELECT ${sum('prompt_tokens')} AS promptTokens, ${sum('completion_tokens')} AS completionTokens FROM leases WHERE model = ?`,
    ),
    faultKinds: database.prepare('SELECT kind, count FROM fault_totals WHERE model = ? ORDER BY kind'),
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
