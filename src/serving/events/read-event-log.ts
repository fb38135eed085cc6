/** An event log that is there, as it is read. */
import { existsSync } from 'node:fs'
import type { DatabaseSync } from 'node:sqlite'
import { DataError, messageOf, UsageError } from '../../errors.ts'
import { plural } from '../../numbers.ts'
import { openDatabase } from './event-database.ts'
import { WHOLE } from './schema.ts'

export interface ReadEventLog {
  /** its table `events` has those that are as they were written */
  readonly database: DatabaseSync
  /** events that are not, and are left out */
  readonly damaged: number
}

/** Opens a log that is there, to read what is in it. A server may go on writing. @throws DataError when it is damaged as a whole */
export function readEventLog(path: string): ReadEventLog {
  if (!existsSync(path))
    throw new UsageError(`${path}: no event log there; "dualtree serve … --events ${path}" makes one`)
  const database = openDatabase(path)
  try {
    const [{ integrity_check: state }] = database.prepare('PRAGMA integrity_check(1)').all() as [
      { integrity_check: string },
    ]
    if (state !== 'ok') throw new Error(state)
    const { damaged } = database.prepare(`SELECT count(*) AS damaged FROM main.events WHERE NOT ${WHOLE}`).get() as {
      damaged: number
    }
    return { database, damaged }
  } catch (error) {
    database.close()
    throw new DataError(
      `${path}: damaged (${messageOf(error).split('\n')[0]}): save what is left with "sqlite3 ${path} .recover", and give another --events file`,
      { cause: error },
    )
  }
}

export function describeDamaged({ damaged }: { readonly damaged: number }): string {
  return damaged > 0 ? `; left out: ${plural(damaged, 'damaged event')}` : ''
}
