/** The file of an event log: of this version, or brought to it. */
import { DatabaseSync, type SQLOutputValue } from 'node:sqlite'
import { crc32 } from 'node:zlib'
import { DataError, messageOf, UsageError } from '../../errors.ts'
import { EVENTS_SCHEMA, EVENTS_UPGRADES, EVENTS_VERSION, WHOLE_EVENTS } from './schema.ts'

/** CRC-32 of an event: bits that a disk has changed are found. */
export function digestOf(...row: readonly SQLOutputValue[]): number {
  return crc32(JSON.stringify(row))
}

/** @throws UsageError when the file cannot be opened or is not an event log; DataError for another version */
export function openDatabase(path: string): DatabaseSync {
  try {
    const database = new DatabaseSync(path)
    const { user_version: version } = database.prepare('PRAGMA user_version').get() as { user_version: number }
    const tables = database.prepare('SELECT count(*) AS tables FROM sqlite_schema').get() as { tables: number }
    if (version === 0 && tables.tables === 0) {
      database.exec(`BEGIN; ${EVENTS_SCHEMA} PRAGMA user_version = ${EVENTS_VERSION}; COMMIT`)
    } else if (version in EVENTS_UPGRADES)
      database.exec(`BEGIN; ${EVENTS_UPGRADES[version]} PRAGMA user_version = ${version + 1}; COMMIT`)
    else if (version !== EVENTS_VERSION)
      throw new DataError(
        `${path}: expected an event log of version ${EVENTS_VERSION}, found ${version === 0 ? 'another database' : `version ${version}`}; give another --events file`,
      )
    database.function('event_digest', { varargs: true, deterministic: true }, digestOf)
    database.exec(WHOLE_EVENTS)
    return database
  } catch (error) {
    if (error instanceof DataError) throw error
    throw new UsageError(`${path}: cannot be opened as an event log: ${messageOf(error)}; give another --events file`, {
      cause: error,
    })
  }
}
