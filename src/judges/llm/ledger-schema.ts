/**
 * The tables of a ledger. What was answered is never changed or taken away: triggers see to that. Leases, batches, and
 * the sums that are kept beside, are the only things that move. Digests tell a damaged row; older ledgers have none.
 */
import { TOTALS_SCHEMA } from './ledger-totals.ts'

/** Raised when the tables change. */
export const LEDGER_VERSION = 3

export const LEDGER_SCHEMA = `
CREATE TABLE IF NOT EXISTS asked (
  custom_id TEXT NOT NULL,
  user_id TEXT NOT NULL,         -- external id, as JSON
  item_ids TEXT NOT NULL,        -- external ids of candidates 0 … K−1, as JSON
  model TEXT NOT NULL,
  mode TEXT NOT NULL,
  template TEXT NOT NULL,        -- hash of the prompt's words
  history_kept INTEGER NOT NULL, -- items of the history in the prompt
  history_of INTEGER NOT NULL,   -- items of the history that there are
  digest BLOB,                   -- of the columns before
  PRIMARY KEY (custom_id, user_id, item_ids)
) WITHOUT ROWID;

CREATE TABLE IF NOT EXISTS answers (
  number INTEGER PRIMARY KEY,
  custom_id TEXT NOT NULL,
  attempt INTEGER NOT NULL,      -- 1, and more for each retry
  model TEXT NOT NULL,
  kind TEXT NOT NULL CHECK (kind IN ('completion', 'overflow', 'error')),
  truncated INTEGER NOT NULL,
  endpoint TEXT NOT NULL,
  prompt_tokens INTEGER NOT NULL,
  cached_tokens INTEGER NOT NULL,
  completion_tokens INTEGER NOT NULL,
  seconds REAL NOT NULL,
  body BLOB NOT NULL,            -- what the server sent, byte for byte, zstd
  digest BLOB,                   -- of the columns before, with the body as it was sent
  UNIQUE (custom_id, attempt)
);

CREATE TABLE IF NOT EXISTS faults (
  number INTEGER PRIMARY KEY,
  custom_id TEXT NOT NULL,
  model TEXT NOT NULL,
  endpoint TEXT NOT NULL,
  kind TEXT NOT NULL,
  detail TEXT NOT NULL,
  prompt_tokens INTEGER NOT NULL,     -- what the try may have cost, at most
  completion_tokens INTEGER NOT NULL
);

CREATE TABLE IF NOT EXISTS retries (
  custom_id TEXT NOT NULL,
  attempt INTEGER NOT NULL,      -- the attempt whose answer is not wanted
  PRIMARY KEY (custom_id, attempt)
) WITHOUT ROWID;

CREATE TABLE IF NOT EXISTS leases (
  custom_id TEXT PRIMARY KEY,
  owner TEXT NOT NULL,
  model TEXT NOT NULL,
  prompt_tokens INTEGER NOT NULL,     -- what it may cost, at most
  completion_tokens INTEGER NOT NULL
) WITHOUT ROWID;

CREATE TABLE IF NOT EXISTS refusals (
  model TEXT NOT NULL,
  parameter TEXT NOT NULL,       -- what the model's server does not take: requests go without
  PRIMARY KEY (model, parameter)
) WITHOUT ROWID;

CREATE TABLE IF NOT EXISTS jobs (
  job TEXT PRIMARY KEY,          -- hash of what makes its prompts
  counts TEXT NOT NULL           -- JSON
) WITHOUT ROWID;

CREATE TABLE IF NOT EXISTS batches (
  name TEXT PRIMARY KEY,         -- ours; the metadata of the batch has it
  model TEXT NOT NULL,
  endpoint TEXT NOT NULL,
  requests INTEGER NOT NULL,
  tokens INTEGER NOT NULL,       -- enqueued, by estimate
  file TEXT,                     -- the server's ids, as soon as there are some
  batch TEXT,
  state TEXT NOT NULL            -- open or collected
) WITHOUT ROWID;

${TOTALS_SCHEMA}
CREATE TRIGGER IF NOT EXISTS answers_stay BEFORE UPDATE ON answers BEGIN SELECT RAISE(ABORT, 'answers are only added'); END;
CREATE TRIGGER IF NOT EXISTS answers_last BEFORE DELETE ON answers BEGIN SELECT RAISE(ABORT, 'answers are only added'); END;
CREATE TRIGGER IF NOT EXISTS faults_stay BEFORE UPDATE ON faults BEGIN SELECT RAISE(ABORT, 'faults are only added'); END;
CREATE TRIGGER IF NOT EXISTS faults_last BEFORE DELETE ON faults BEGIN SELECT RAISE(ABORT, 'faults are only added'); END;
`

/** Before the tables above, for ledgers up to that version; `DERIVE_TOTALS` follows. */
export const UPGRADES: readonly (readonly [number, string])[] = [
  [1, 'ALTER TABLE asked ADD COLUMN digest BLOB; ALTER TABLE answers ADD COLUMN digest BLOB;'],
  [2, 'DROP TRIGGER answers_count; DROP TRIGGER faults_count; DROP TABLE totals; DROP TABLE IF EXISTS fault_totals;'],
]
