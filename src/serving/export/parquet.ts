/** Vectors, or the weights between items, as Parquet tables. */
import { join } from 'node:path'
import { rowOfEntry } from '../../dataset/csr.ts'
import { writeTable } from '../../dataset/table.ts'
import type { CsrMatrix } from '../../kernels/interface/kernels.ts'
import { type Catalogue, openCatalogue } from '../items/catalogue.ts'
import type { IdColumn } from '../items/texts.ts'
import type { ModelContent } from '../model/model-folder.ts'
import { type ExportTarget, vectorsOf } from './vector-export.ts'

export const parquet: ExportTarget = {
  name: 'parquet',
  summary: 'items.parquet and users.parquet with vectors, or neighbors.parquet with the weights between items',
  out: 'directory',
  write: (content, out) =>
    content.recommender.kind === 'neighbors' ? writeWeights(content, out) : writeVectors(content, out),
}

export async function writeVectors(content: ModelContent, out: string): Promise<string> {
  const { catalogue, dimensions, item, user } = vectorsOf(content)
  const { items, users, titles } = catalogue
  await writeTable(
    join(out, 'items.parquet'),
    [
      idsOf('item_id', items),
      ...(titles ? [{ name: 'title', type: 'VARCHAR' as const, value: (row: number) => titles.at(row) }] : []),
      { name: 'vector', type: 'FLOAT[]', value: row => Array.from(item(row)) },
    ],
    items.length,
  )
  await writeTable(
    join(out, 'users.parquet'),
    [idsOf('user_id', users), { name: 'vector', type: 'FLOAT[]', value: row => Array.from(user(row)) }],
    users.length,
  )
  return `${items.length} items and ${users.length} users with vectors of ${dimensions}: ${out}. A score is the inner product of both.`
}

async function writeWeights(content: ModelContent, out: string): Promise<string> {
  const { items }: Catalogue = openCatalogue(content)
  const { weight_offsets, weight_items, weights } = content.recommender.tensors
  const matrix = { offsets: weight_offsets.values, indices: weight_items.values, values: weights.values } as CsrMatrix
  const rows = rowOfEntry(matrix)
  await writeTable(
    join(out, 'neighbors.parquet'),
    [
      { ...idsOf('item_id', items), value: row => items.at(rows[row]) },
      { ...idsOf('neighbor_id', items), value: row => items.at(matrix.indices[row]) },
      { name: 'weight', type: 'FLOAT', value: row => matrix.values[row] },
    ],
    rows.length,
  )
  return `${rows.length} weights between ${items.length} items: ${out}. The score of an item is the sum of its weights to the items of a history.`
}

/** Ids in the type that they have. */
function idsOf(name: string, ids: IdColumn) {
  const type = ids.length > 0 && typeof ids.at(0) === 'number' ? ('BIGINT' as const) : ('VARCHAR' as const)
  return { name, type, value: (row: number) => ids.at(row) }
}
