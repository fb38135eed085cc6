/** A model as vectors for other systems: its score is the inner product of a user's and an item's. */
import { UsageError } from '../../errors.ts'
import { copyItemRows } from '../../models/rows.ts'
import type { StoredRecommender } from '../../models/stored.ts'
import { type Catalogue, openCatalogue } from '../catalogue.ts'
import type { ModelContent } from '../model-folder.ts'

export interface VectorExport {
  readonly method: string
  readonly catalogue: Catalogue
  readonly dimensions: number
  /** [D] of an item, by its internal id */
  item(index: number): Float32Array
  user(index: number): Float32Array
}

/** How to write a model for another system. */
export interface ExportTarget {
  /** as given to --to */
  readonly name: string
  readonly summary: string
  /** whether --out is a file or a directory */
  readonly out: 'file' | 'directory'
  /** @returns what was written, in a sentence or two */
  write(content: ModelContent, out: string): Promise<string>
}

/** @throws UsageError for a model whose scores are no inner products, with what can be exported */
export function vectorsOf(content: ModelContent): VectorExport {
  const { made, recommender } = content
  if (recommender.kind !== 'vectors') throw new UsageError(refusal(made.method, recommender))
  const dimensions = Number(recommender.options.dimensions)
  const packed = recommender.tensors.item_panels.values as Float32Array
  const users = recommender.tensors.user_vectors.values as Float32Array
  return {
    method: made.method,
    catalogue: openCatalogue(content),
    dimensions,
    item(index) {
      const vector = new Float32Array(dimensions)
      copyItemRows({ packed }, dimensions, [index], vector)
      return vector
    },
    user: index => users.subarray(index * dimensions, (index + 1) * dimensions),
  }
}

const SCORES: Readonly<Record<string, string>> = {
  fusion: 'its scores are those of two models, each mapped onto 0 to 1 within a list of its own',
  neighbors: 'its scores are sums of weights between items',
  dense: 'its scores are sums of weights between items',
  scorer: 'its scores are those of a network',
  popularity: 'its scores are the same for everybody',
}

function refusal(method: string, { kind, parts = {} }: StoredRecommender): string {
  const base = method.slice(0, method.lastIndexOf('+'))
  const remedies = [
    ...(Object.values(parts).some(part => part.kind === 'vectors') && base
      ? [`the vectors that are fused can, with --method ${base}`]
      : []),
    ...(kind === 'neighbors' ? ['--to parquet writes the weights'] : []),
    'all recommendations can, with "dualtree recommend MODEL --all --out recommendations.parquet"',
  ]
  return `method "${method}" cannot be exported as vectors: ${SCORES[kind] ?? `it is of kind "${kind}"`}; ${remedies.join('; ')}`
}
