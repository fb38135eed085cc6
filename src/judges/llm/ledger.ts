/**
 * What was asked and answered: an append-only SQLite file that several processes can share. Each prompt is asked under a
 * lease, and its answer is recorded once; raw answers are kept, and read by whoever wants to.
 */
import { dirname, join } from 'node:path'
import type { DatabaseSync } from 'node:sqlite'
import { DataError, messageOf } from '../../errors.ts'
import { makeDirectory } from '../../files.ts'
import type { Usage } from '../../llm/completion.ts'
import type { FinalOutcome } from '../../llm/replies.ts'
import { hasLostCommits } from '../../write-ahead-log.ts'
import { LEDGER_SCHEMA, LEDGER_VERSION, UPGRADES } from './ledger-schema.ts'
import { createLedger } from './ledger-store.ts'
import { DERIVE_TOTALS } from './ledger-totals.ts'
import { registerProcess } from './liveness.ts'

/** Tokens read and written; of a request not yet answered, the most there can be. */
export type Tokens = Pick<Usage, 'promptTokens' | 'completionTokens'>

/** A prompt as the ledger keeps it. */
export interface AskedPrompt {
  readonly id: string
  readonly model: string
  readonly mode: string
  readonly template: string
  /** external ids */
  readonly user: string | number
  readonly items: readonly (string | number)[]
  readonly historyKept: number
  readonly historyOf: number
  readonly worst: Tokens
}

/** `overflow`: the prompt was longer than the model's context. `error`: there will be no answer. */
export type AnswerKind = 'completion' | 'overflow' | 'error'

export interface NewAnswer {
  readonly id: string
  readonly attempt: number
  readonly model: string
  readonly kind: AnswerKind
  readonly truncated: boolean
  readonly endpoint: string
  readonly usage: Usage
  readonly seconds: number
  readonly body: string
}

/** What a server answered, as it is kept. */
export function answerFrom(
  outcome: FinalOutcome,
  about: Pick<NewAnswer, 'id' | 'attempt' | 'model' | 'endpoint' | 'seconds'>,
): NewAnswer {
  const { kind, body } = outcome
  const nothing = { answer: { truncated: false }, usage: { promptTokens: 0, cachedTokens: 0, completionTokens: 0 } }
  const { answer, usage } = kind === 'completion' ? outcome.completion : nothing
  return { ...about, kind, truncated: answer.truncated, usage, body }
}

/** The last answer to a prompt, without its body. */
export interface AnswerState {
  readonly attempt: number
  readonly kind: AnswerKind
  readonly truncated: boolean
  /** marked to be asked again */
  readonly retry: boolean
}

export interface NewFault {
  readonly id: string
  readonly model: string
  readonly endpoint: string
  readonly kind: string
  readonly detail: string
  readonly worst: Tokens
}

/** What a model has cost: by its answers and by tries that may have cost something; `reserved` by leases, at most. */
export interface Spending {
  readonly answers: number
  /** of all answers, added up */
  readonly seconds: number
  readonly spent: Usage
  /** of what is spent, what batches took, which may have a price of their own */
  readonly inBatches: Tokens
  readonly reserved: Tokens
}

/** What a job has come to, kept beside its answers so that nobody need read them all. */
export interface JobCounts {
  /** different prompts; those with an answer, follow-ups included */
  readonly prompts: number
  readonly done: number
  /** verdicts on the candidates of the prompts that are done */
  readonly positive: number
  readonly negative: number
  readonly invalid: number
  /** what is wrong with answers, by kind */
  readonly faults: Readonly<Record<string, number>>
}

/** Prompts that were sent as one file; they are leased until its results are in. */
export interface Batch {
  readonly name: string
  readonly model: string
  readonly endpoint: string
  readonly requests: number
  /** of its prompts and answers, by estimate */
  readonly tokens: number
  /** the server's names for it */
  readonly file: string | null
  readonly batch: string | null
  readonly state: 'open' | 'collected'
}

export interface Claim {
  /** prompts that are ours now, and the attempt that each is */
  readonly claimed: readonly { readonly id: string; readonly attempt: number }[]
  /** prompts that another process is asking */
  readonly elsewhere: readonly string[]
  /** the first prompt that the budget had no room for */
  readonly refused?: string
}

export type Ledger = ReturnType<typeof createLedger>

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
    database = open(path, 30_000)
    database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL')
    prepareTables(database, path)
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

export function ledgerFile(folder: string): string {
  return join(folder, 'ledger.sqlite')
}

function prepareTables(database: DatabaseSync, path: string): void {
  const { user_version: version } = database.prepare('PRAGMA user_version').get() as { user_version: number }
  if (version > LEDGER_VERSION)
    throw new DataError(
      `${path}: a ledger of version ${version}, this dualtree knows ${LEDGER_VERSION}: use the version of dualtree that wrote it`,
    )
  const isOld = version > 0 && version < LEDGER_VERSION
  const upgrade = isOld ? UPGRADES.map(([last, sql]) => (version <= last ? sql : '')).join(' ') : ''
  database.exec('BEGIN IMMEDIATE')
  const lost = hasLostCommits(path)
  database.exec(
    `${upgrade} ${LEDGER_SCHEMA} ${isOld ? DERIVE_TOTALS : ''} PRAGMA user_version = ${LEDGER_VERSION}; COMMIT`,
  )
  if (!lost) return
  database.exec('PRAGMA wal_checkpoint(TRUNCATE)')
  throw new DataError(
    `${path}-wal was damaged: its last answers are lost; start the same command again, and it goes on with those before ("judge run" asks for the others again)`,
  )
}
