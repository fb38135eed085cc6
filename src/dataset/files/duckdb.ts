/** DuckDB in memory, for as long as one function runs. Imported on first use: it is 70 MB. */
import { AsyncLocalStorage } from 'node:async_hooks'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { DuckDBConnection, DuckDBDataChunk, DuckDBInstance, DuckDBValue } from '@duckdb/node-api'

export interface Database {
  readonly connection: DuckDBConnection
  run(sql: string): Promise<void>
  /** all rows; for small results */
  rows(sql: string): Promise<DuckDBValue[][]>
  /** the rows in chunks of up to 2048, never all at once */
  stream(sql: string, visit: (chunk: DuckDBDataChunk) => void): Promise<void>
}

/** Beyond this, tables and sorts go to the temporary directory: the memory is for what is trained. */
const MEMORY = '200MB'

async function openInstance(threads?: number): Promise<DuckDBInstance> {
  const { DuckDBInstance } = await import('@duckdb/node-api')
  return DuckDBInstance.create(':memory:', {
    // what does not fit into memory goes there, not into the working directory
    temp_directory: join(tmpdir(), `dualtree-${process.pid}`),
    memory_limit: MEMORY,
    ...(threads !== undefined && { threads: String(threads) }),
  })
}

/** Opens a database, runs `body` and closes it. An abort interrupts the query under way and throws its reason. */
export async function withDatabase<T>(
  signal: AbortSignal | undefined,
  body: (database: Database) => Promise<T>,
): Promise<T> {
  signal?.throwIfAborted()
  const instance = await openInstance()
  try {
    return await withConnection(instance, signal, body)
  } finally {
    instance.closeSync()
  }
}

const scope = new AsyncLocalStorage<{ instance?: Promise<DuckDBInstance> }>()

/** Within `body`, all calls of `withTables` share one database, which takes longer to open than a small table to write. */
export async function sharingTables<T>(body: () => Promise<T>): Promise<T> {
  if (scope.getStore()) return body()
  const shared: { instance?: Promise<DuckDBInstance> } = {}
  try {
    return await scope.run(shared, body)
  } finally {
    await shared.instance?.then(instance => instance.closeSync())
  }
}

/** A database of one thread, so that the same rows give the same bytes. Tables have to be temporary: others may use the database. */
export async function withTables<T>(body: (database: Database) => Promise<T>, signal?: AbortSignal): Promise<T> {
  const shared = scope.getStore()
  if (!shared) return sharingTables(() => withTables(body, signal))
  signal?.throwIfAborted()
  shared.instance ??= openInstance(1)
  return withConnection(await shared.instance, signal, body)
}

async function withConnection<T>(
  instance: DuckDBInstance,
  signal: AbortSignal | undefined,
  body: (database: Database) => Promise<T>,
): Promise<T> {
  const connection = await instance.connect()
  const interrupt = () => connection.interrupt()
  signal?.addEventListener('abort', interrupt)
  try {
    // times without a zone are UTC on every machine
    await connection.run("SET TimeZone = 'UTC'")
    return await body({
      connection,
      run: async sql => void (await connection.run(sql)),
      rows: async sql => (await connection.run(sql)).getRows(),
      async stream(sql, visit) {
        const result = await connection.stream(sql)
        for (;;) {
          signal?.throwIfAborted()
          const chunk = await result.fetchChunk()
          if (!chunk || chunk.rowCount === 0) return
          visit(chunk)
        }
      },
    })
  } catch (error) {
    signal?.throwIfAborted()
    throw error
  } finally {
    signal?.removeEventListener('abort', interrupt)
    connection.closeSync()
  }
}

/** A text in SQL. */
export function literal(text: string): string {
  return `'${text.replaceAll("'", "''")}'`
}

/** A name in SQL. */
export function identifier(name: string): string {
  return `"${name.replaceAll('"', '""')}"`
}

/** A path for a table function, with the characters of a glob standing for themselves. */
export function pathLiteral(path: string): string {
  return literal(path.replace(/[[*?]/g, '[$&]'))
}

/** The first line of what DuckDB says. */
export function firstLine(message: string): string {
  return message.split('\n', 1)[0]
}
