/** The tables of an event log, and its one version number. */
export const EVENTS_VERSION = 2

/** Ids are texts: "7" and 7 are the same user, as in every vocabulary. */
export const EVENTS_SCHEMA = `
CREATE TABLE IF NOT EXISTS events (
  number INTEGER PRIMARY KEY,
  event_id TEXT NOT NULL UNIQUE, -- the client's, so that a repeated request changes nothing
  user_id TEXT NOT NULL,
  item_id TEXT NOT NULL,
  type TEXT NOT NULL,
  weight REAL NOT NULL,
  time INTEGER NOT NULL,         -- ms since 1970
  request_id TEXT,               -- of the answer that led to it
  digest INTEGER                 -- of the columns from event_id on; none in events of version 1
);
CREATE INDEX IF NOT EXISTS events_of_user ON events (user_id, number);

CREATE TABLE IF NOT EXISTS answers ( -- how many, not which: click-through needs no more
  source TEXT NOT NULL,          -- the model and the call, as request ids begin
  model TEXT NOT NULL,
  call TEXT NOT NULL,
  day INTEGER NOT NULL,          -- days since 1970, UTC
  answers INTEGER NOT NULL,
  PRIMARY KEY (source, day)
) WITHOUT ROWID;

CREATE TABLE IF NOT EXISTS named_answers ( -- those whose request id the client chose
  request_id TEXT PRIMARY KEY,
  source TEXT NOT NULL
) WITHOUT ROWID;
`

/** From each earlier version to the next one. */
export const EVENTS_UPGRADES: Readonly<Record<number, string>> = { 1: 'ALTER TABLE events ADD COLUMN digest INTEGER;' }

/** Whether an event is as it was written, by the function `event_digest`. */
export const WHOLE =
  '(digest IS NULL OR digest = event_digest(event_id, user_id, item_id, type, weight, time, request_id))'

/** In place of the table, for all that reads: events that are damaged are not among them. */
export const WHOLE_EVENTS = `CREATE TEMP VIEW events AS SELECT * FROM main.events WHERE ${WHOLE};`
