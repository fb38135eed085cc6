/**
 * A ledger of many answers: `node bench/judge-ledger.ts FOLDER [ANSWERS]` makes one of ten million, where there is none, and says how long
 * it takes to open it and to say where its job stands.
 */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { zstdCompressSync } from 'node:zlib'
import { formatTable } from '../src/cli/shared/table.ts'
import { openLedger } from '../src/judges/llm/ledger.ts'
import { jobStatus } from '../src/judges/llm/status.ts'

const [folder, answers = '10000000'] = process.argv.slice(2)
const count = Number(answers)
const path = join(folder, 'ledger.sqlite')

if (!existsSync(path)) {
  const ledger = await openLedger(folder)
  const counts = { prompts: count, done: count, positive: count, negative: 19 * count, invalid: 0, faults: {} }
  ledger.setJob('job', counts, 0)
  ledger.close()
  const database = new DatabaseSync(path)
  const body = zstdCompressSync(JSON.stringify({ choices: [{ message: { content: '{"verdicts": []}' } }] })).toString(
    'hex',
  )
  database.exec('PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA cache_size = -1000000')
  database.exec(`
    WITH RECURSIVE numbers (value) AS (SELECT 1 UNION ALL SELECT value + 1 FROM numbers WHERE value < ${count})
    INSERT INTO answers SELECT value, printf('%040x', value), 1, 'tiny', 'completion', 0,
      'http://x', 1500, 0, 240, 0.5, x'${body}', randomblob(16) FROM numbers`)
  database.close()
}

const timed = async <T>(body: () => Promise<T> | T): Promise<[T, number]> => {
  const start = performance.now()
  const value = await body()
  return [value, (performance.now() - start) / 1000]
}
const [ledger, opened] = await timed(() => openLedger(folder))
const [status, told] = await timed(() => jobStatus(ledger, ledger.job('job')!, 'tiny'))
ledger.close()
console.log(
  formatTable(['answers', 'open, s', 'status, s'], [[String(status.answers), opened.toFixed(3), told.toFixed(3)]]),
)
