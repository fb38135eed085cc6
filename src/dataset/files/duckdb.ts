/** DuckDB in memory, for as long as one function runs. Imported on first use: it is 70 MB. */
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { DuckDBDataChunk, DuckDBInstance, DuckDBValue } from '@duckdb/node-api'

export interface Database {
  run(sql: string): Promise<void>
  /** name and type of each column of a table function */
  describe(from: string): Promise<[name: string, type: string][]>
  /** all rows; for small results */
  rows(sql: string): Promise<DuckDBValue[][]>
  /** the rows in chunks of up to 2048, never all at once */
  stream(sql: string, visit: (chunk: DuckDBDataChunk) => void): Promise<void>
}

/** Beyond this, tables and sorts go to the temporary directory: the memory is for what is trained. */
const MEMORY = '200MB'

async function openInstance(): Promise<DuckDBInstance> {
  const { DuckDBInstance } = await import('@duckdb/node-api')
  return DuckDBInstance.create(':memory:', {
    // what does not fit into memory goes there, not into the working directory
    temp_directory: join(tmpdir(), `dualtree-${process.pid}`),
    memory_limit: MEMORY,
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
    const rows = async (sql: string) => (await connection.run(sql)).getRows()
    return await body({
      rows,
      run: async sql => void (await connection.run(sql)),
      describe: async from =>
        (await rows(`DESCRIBE SELECT * FROM ${from}`)).map(([name, type]) => [String(name), String(type)]),
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
