/** Vectors as SQL for PostgreSQL with the extension pgvector. */
import { once } from 'node:events'
import { createWriteStream } from 'node:fs'
import { rename, rm } from 'node:fs/promises'
import { dirname } from 'node:path'
import { rowOfEntry } from '../../dataset/csr.ts'
import { cannotWrite, makeDirectory } from '../../files.ts'
import type { IdColumn } from '../items/texts.ts'
import { type ExportTarget, type VectorExport, vectorsOf } from './vector-export.ts'

/** Rows of an INSERT. */
const ROWS = 500
/** What pgvector indexes at most. */
const INDEXED = 2000

export const pgvector: ExportTarget = {
  name: 'pgvector',
  summary: 'SQL that makes tables of items, users and what users have seen, an index, and a function that recommends',
  out: 'file',
  async write(content, out) {
    const vectors = vectorsOf(content)
    const temporary = `${out}.partial`
    try {
      await makeDirectory(dirname(out))
      const file = createWriteStream(temporary)
      for (const statement of statements(vectors)) if (!file.write(`${statement}\n`)) await once(file, 'drain')
      file.end()
      await once(file, 'close')
      await rename(temporary, out)
    } catch (error) {
      await rm(temporary, { force: true }).catch(() => {})
      throw cannotWrite(out, error)
    }
    const { items, users } = vectors.catalogue
    return `${items.length} items and ${users.length} users with vectors of ${vectors.dimensions}: ${out}. Load it with psql -f; pgvector's <#> is the negative of the score.`
  },
}

function* statements({ method, catalogue, dimensions, item, user }: VectorExport): Generator<string> {
  const { items, users, titles, histories } = catalogue
  const [itemType, userType] = [typeOf(items), typeOf(users)]
  yield `-- Vectors of ${comment(method)}. The score of an item is the inner product; <#> is its negative, so that ORDER BY puts the best first.
BEGIN;
CREATE EXTENSION IF NOT EXISTS vector;
DROP TABLE IF EXISTS dualtree_seen, dualtree_users, dualtree_items CASCADE;
CREATE TABLE dualtree_items (item_id ${itemType} PRIMARY KEY, title text, vector vector(${dimensions}) NOT NULL);
CREATE TABLE dualtree_users (user_id ${userType} PRIMARY KEY, vector vector(${dimensions}) NOT NULL);
CREATE TABLE dualtree_seen (user_id ${userType} NOT NULL, item_id ${itemType} NOT NULL, PRIMARY KEY (user_id, item_id));`
  yield* inserts('dualtree_items', items.length, row => [
    value(items.at(row)),
    titles?.at(row) ? value(titles.at(row)) : 'NULL',
    vectorOf(item(row)),
  ])
  yield* inserts('dualtree_users', users.length, row => [value(users.at(row)), vectorOf(user(row))])
  const rows = rowOfEntry(histories)
  yield* inserts('dualtree_seen', rows.length, row => [
    value(users.at(rows[row])),
    value(items.at(histories.indices[row])),
  ])
  if (dimensions <= INDEXED)
    yield '-- approximate: leave it out for exact results up to some 100,000 items\nCREATE INDEX ON dualtree_items USING hnsw (vector vector_ip_ops);'
  yield `CREATE OR REPLACE FUNCTION dualtree_recommend(who ${userType}, k integer)
RETURNS TABLE (item_id ${itemType}, score real) LANGUAGE sql STABLE AS $$
  SELECT i.item_id, (-(i.vector <#> (SELECT u.vector FROM dualtree_users u WHERE u.user_id = who)))::real
  FROM dualtree_items i
  WHERE NOT EXISTS (SELECT FROM dualtree_seen s WHERE s.user_id = who AND s.item_id = i.item_id)
  ORDER BY i.vector <#> (SELECT u.vector FROM dualtree_users u WHERE u.user_id = who)
  LIMIT k
$$;
COMMIT;`
}

function* inserts(table: string, count: number, cells: (row: number) => string[]): Generator<string> {
  for (let begin = 0; begin < count; begin += ROWS) {
    const length = Math.min(ROWS, count - begin)
    const rows = Array.from({ length }, (_, at) => `(${cells(begin + at).join(',')})`)
    yield `INSERT INTO ${table} VALUES\n${rows.join(',\n')};`
  }
}

const typeOf = (ids: IdColumn) => (ids.length > 0 && typeof ids.at(0) === 'number' ? 'bigint' : 'text')

/** A literal; PostgreSQL has no NUL in a text. */
function value(cell: string | number): string {
  return typeof cell === 'number' ? String(cell) : `'${cell.replaceAll('\0', '').replaceAll("'", "''")}'`
}

/** Nine digits tell every f32 from every other. */
const vectorOf = (vector: Float32Array) => `'[${Array.from(vector, x => Number(x.toPrecision(9))).join(',')}]'`

const comment = (text: string) => text.replaceAll('\n', ' ')
