/**
 * What was asked and answered: an append-only SQLite file that several processes can share. Each prompt is asked under a
 * lease, and its answer is recorded once; raw answers are kept, and read by whoever wants to.
 */
import { dirname, join } from 'node:path'
import type { DatabaseSync } from 'node:sqlite'
import { DataError, messageOf } from '../../errors.ts'
import { makeDirectory } from '../../files.ts'
import { type CommittedFrames, committedFrames, hasLostCommits } from '../../write-ahead-log.ts'
import { LEDGER_SCHEMA, LEDGER_VERSION, UPGRADES } from './ledger-schema.ts'
import { createLedger, type Ledger } from './ledger-store.ts'
import { DERIVE_TOTALS } from './ledger-totals.ts'
import { registerProcess } from './liveness.ts'

/**
 * @param folder where the ledger lies, on a local disk; it is made. In memory when absent
 * @throws DataError when there is a file that is no ledger, or one of another version; OutputError when it cannot be written
 */
export async function openLedger(folder?: string): Promise<Ledger> {
  // loaded late: old Nodes warn when they load it
  const { DatabaseSync } = await import('node:sqlite')
  const path = folder === undefined ? ':memory:' : ledgerFile(folder)
  if (folder !== undefined) await makeDirectory(folder)
  const open = (file: string, timeout: number) => new DatabaseSync(file, { timeout })
  let database: DatabaseSync | undefined
  try {
    const committed = committedFrames(path)
    database = open(path, 30_000)
    database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL')
    prepareTables(database, path, committed)
    const presence =
      folder === undefined ? undefined : registerProcess(join(dirname(path), 'at-work'), file => open(file, 0))
    return createLedger(database, presence, path)
  } catch (error) {
    database?.close()
    throw error instanceof DataError
      ? error
      : new DataError(`${path}: cannot be used as a ledger of answers: ${messageOf(error)}`, { cause: error })
  }
}

/**
 * Opens the ledger for as long as `body` works.
 * @throws DataError also when it turns out to be damaged where `body` reads or writes
 */
export async function inLedger<T>(folder: string | undefined, body: (ledger: Ledger) => Promise<T> | T): Promise<T> {
  const ledger = await openLedger(folder)
  try {
    return await body(ledger)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ERR_SQLITE_ERROR') throw error
    throw new DataError(
      `${folder ?? 'memory'}: the ledger cannot be used (${messageOf(error)}): when its disk has room, bring back a copy, or move ledger.sqlite away and ask anew`,
      { cause: error },
    )
  } finally {
    ledger.close()
  }
}

export function ledgerFile(folder: string): string {
  return join(folder, 'ledger.sqlite')
}

function prepareTables(database: DatabaseSync, path: string, committed: CommittedFrames | undefined): void {
  const { user_version: version } = database.prepare('PRAGMA user_version').get() as { user_version: number }
  if (version > LEDGER_VERSION)
    throw new DataError(
      `${path}: a ledger of version ${version}, this dualtree knows ${LEDGER_VERSION}: use the version of dualtree that wrote it`,
    )
  const isOld = version > 0 && version < LEDGER_VERSION
  const upgrade = isOld ? UPGRADES.map(([last, sql]) => (version <= last ? sql : '')).join(' ') : ''
  database.exec('BEGIN IMMEDIATE')
  const lost = hasLostCommits(path, committed)
  database.exec(
    `${upgrade} ${LEDGER_SCHEMA} ${isOld ? DERIVE_TOTALS : ''} PRAGMA user_version = ${LEDGER_VERSION}; COMMIT`,
  )
  if (!lost) return
  database.exec('PRAGMA wal_checkpoint(TRUNCATE)')
  throw new DataError(
    `${path}-wal was damaged: its last answers are lost; start the same command again, and it goes on with those before ("judge run" asks for the others again)`,
  )
}
