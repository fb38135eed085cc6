/** In the order in which detection asks them: the first that has a reason takes the file. */
import { createRegistry } from '../../registry.ts'
import { adjacency } from './adjacency.ts'
import { blocks } from './blocks.ts'
import { csv } from './csv.ts'
import { jsonl } from './jsonl.ts'
import { pairs } from './pairs.ts'
import { parquet } from './parquet.ts'
import { sequences } from './sequences.ts'
import { tsv } from './tsv.ts'

export const formats = createRegistry(
  'format',
  [parquet, jsonl, blocks, tsv, csv, pairs, adjacency, sequences],
  'own first',
)
