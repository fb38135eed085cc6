-- A ledger as version 1 made it.
CREATE TABLE IF NOT EXISTS asked (
  custom_id TEXT NOT NULL,
  user_id TEXT NOT NULL,         -- external id, as JSON
  item_ids TEXT NOT NULL,        -- external ids of candidates 0 … K−1, as JSON
  model TEXT NOT NULL,
  mode TEXT NOT NULL,
  template TEXT NOT NULL,        -- hash of the prompt's words
  history_kept INTEGER NOT NULL, -- items of the history in the prompt
  history_of INTEGER NOT NULL,   -- items of the history that there are
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

CREATE TABLE IF NOT EXISTS totals (
  model TEXT PRIMARY KEY,
  answers INTEGER NOT NULL,
  seconds REAL NOT NULL,
  prompt_tokens INTEGER NOT NULL,
  cached_tokens INTEGER NOT NULL,
  completion_tokens INTEGER NOT NULL
) WITHOUT ROWID;

CREATE TRIGGER IF NOT EXISTS answers_count AFTER INSERT ON answers BEGIN
  INSERT INTO totals VALUES (NEW.model, 1, NEW.seconds, NEW.prompt_tokens, NEW.cached_tokens, NEW.completion_tokens)
  ON CONFLICT (model) DO UPDATE SET answers = answers + 1, seconds = seconds + excluded.seconds,
    prompt_tokens = prompt_tokens + excluded.prompt_tokens, cached_tokens = cached_tokens + excluded.cached_tokens,
    completion_tokens = completion_tokens + excluded.completion_tokens;
END;
CREATE TRIGGER IF NOT EXISTS faults_count AFTER INSERT ON faults BEGIN
  INSERT INTO totals VALUES (NEW.model, 0, 0, NEW.prompt_tokens, 0, NEW.completion_tokens)
  ON CONFLICT (model) DO UPDATE SET prompt_tokens = prompt_tokens + excluded.prompt_tokens,
    completion_tokens = completion_tokens + excluded.completion_tokens;
END;
CREATE TRIGGER IF NOT EXISTS answers_stay BEFORE UPDATE ON answers BEGIN SELECT RAISE(ABORT, 'answers are only added'); END;
CREATE TRIGGER IF NOT EXISTS answers_last BEFORE DELETE ON answers BEGIN SELECT RAISE(ABORT, 'answers are only added'); END;
CREATE TRIGGER IF NOT EXISTS faults_stay BEFORE UPDATE ON faults BEGIN SELECT RAISE(ABORT, 'faults are only added'); END;
CREATE TRIGGER IF NOT EXISTS faults_last BEFORE DELETE ON faults BEGIN SELECT RAISE(ABORT, 'faults are only added'); END;
INSERT INTO asked VALUES ('a', '"u1"', '["i1"]', 'tiny', 'user', 't', 1, 1);
INSERT INTO answers VALUES (1, 'a', 1, 'tiny', 'completion', 0, 'http://x', 10, 0, 5, 0.5, x'28b52ffd200d690000616e206f6c6420616e73776572');
INSERT INTO faults VALUES (1, 'a', 'tiny', 'http://x', 'reset', 'd', 0, 0), (2, 'a', 'tiny', 'http://x', 'reset', 'd', 0, 0), (3, 'a', 'tiny', 'http://x', 'timeout', 'd', 0, 0);
PRAGMA user_version = 1;
