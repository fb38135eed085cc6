/**
 * The sums of a ledger, by model: triggers keep them beside its rows, of which there may be a million. A check sum grows
 * with each, so that a bit that flipped shows whatever is added later; sums that are not sound are made anew from the rows.
 */

const SUMS = ['answers', 'microseconds', 'prompt_tokens', 'cached_tokens', 'completion_tokens', 'batch_prompt_tokens', 'batch_completion_tokens', 'faults'] // biome-ignore format: one line
/** Odd factors: no change of one bit leaves it the same. */
const CHECK = SUMS.map((name, index) => `${2 * index + 3} * ${name}`).join(' + ')

/** What a row adds. @param row `NEW.` in a trigger */
const select = (values: readonly string[]) =>
  `SELECT ${['model', ...SUMS].map((name, index) => `${values[index]} AS ${name}`).join(', ')}`
const ofAnswer = (row = '') => {
  const [prompt, completion] = [`${row}prompt_tokens`, `${row}completion_tokens`]
  const inBatch = (tokens: string) => `iif(${row}endpoint LIKE 'batch:%', ${tokens}, 0)`
  const microseconds = `CAST(round(1e6 * ${row}seconds) AS INTEGER)`
  return select([`${row}model`, '1', microseconds, prompt, `${row}cached_tokens`, completion, inBatch(prompt), inBatch(completion), '0']) // biome-ignore format: one line
}
const ofFault = (row = '') =>
  select([`${row}model`, '0', '0', `${row}prompt_tokens`, '0', `${row}completion_tokens`, '0', '0', '1'])

const add = (values: string) => `
  INSERT INTO totals SELECT *, ${CHECK} FROM (${values}) WHERE true ON CONFLICT (model) DO UPDATE SET
    ${[...SUMS, 'check_sum'].map(name => `${name} = ${name} + excluded.${name}`).join(', ')};`

export const TOTALS_SCHEMA = `
CREATE TABLE IF NOT EXISTS totals (
  model TEXT PRIMARY KEY,
  ${SUMS.map(name => `${name} INTEGER NOT NULL`).join(', ')},  -- tokens of batches are among the others too
  check_sum INTEGER NOT NULL
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS fault_totals (
  model TEXT NOT NULL,
  kind TEXT NOT NULL,
  count INTEGER NOT NULL,
  again TEXT NOT NULL,           -- the kind once more
  PRIMARY KEY (model, kind)
) WITHOUT ROWID;
CREATE TRIGGER IF NOT EXISTS answers_count AFTER INSERT ON answers BEGIN ${add(ofAnswer('NEW.'))} END;
CREATE TRIGGER IF NOT EXISTS faults_count AFTER INSERT ON faults BEGIN ${add(ofFault('NEW.'))}
  INSERT INTO fault_totals VALUES (NEW.model, NEW.kind, 1, NEW.kind) ON CONFLICT (model, kind) DO UPDATE SET count = count + 1;
END;
`

const sumsOf = (where: string) => `SELECT *, ${CHECK} FROM (
  SELECT model, ${SUMS.map(name => `sum(${name}) AS ${name}`).join(', ')}
  FROM (${ofAnswer()} FROM answers ${where} UNION ALL ${ofFault()} FROM faults ${where}) GROUP BY model)`
const kindsOf = (where: string) => `SELECT model, kind, count(*), kind FROM faults ${where} GROUP BY model, kind`

/** All of them, into empty tables. */
export const DERIVE_TOTALS = `INSERT INTO totals ${sumsOf('')}; INSERT INTO fault_totals ${kindsOf('')};`

const OF_MODEL = 'WHERE model = ?1'
export const TOTALS_SQL = {
  /** no row where there are none, or not what was added */
  totals: `SELECT answers, microseconds / 1e6 AS seconds, prompt_tokens AS promptTokens, cached_tokens AS cachedTokens,
    completion_tokens AS completionTokens, batch_prompt_tokens AS batchPromptTokens, batch_completion_tokens AS batchCompletionTokens
    FROM totals ${OF_MODEL} AND check_sum = ${CHECK}
    AND faults = (SELECT coalesce(sum(count), 0) FROM fault_totals ${OF_MODEL} AND kind = again)`,
  faultKinds: `SELECT kind, count FROM fault_totals ${OF_MODEL} ORDER BY kind`,
  dropTotals: `DELETE FROM totals ${OF_MODEL}`,
  dropFaultTotals: `DELETE FROM fault_totals ${OF_MODEL}`,
  deriveTotals: `INSERT INTO totals ${sumsOf(OF_MODEL)}`,
  deriveFaultTotals: `INSERT INTO fault_totals ${kindsOf(OF_MODEL)}`,
}
