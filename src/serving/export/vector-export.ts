/** A model as vectors for other systems: its score is the inner product of a user's and an item's. */
import { sliceRows } from '../../dataset/histories.ts'
import { UsageError } from '../../errors.ts'
import { createKernels } from '../../kernels/wasm/wasm.ts'
import { openStored } from '../../models/open-stored.ts'
import { copyItemRows } from '../../models/rows.ts'
import type { StoredRecommender } from '../../models/stored.ts'
import { type Catalogue, openCatalogue } from '../items/catalogue.ts'
import type { ModelContent } from '../model/model-folder.ts'

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
  const catalogue = openCatalogue(content)
  const users = vectorsOfUsers(recommender, catalogue)
  return {
    ...{ method: made.method, catalogue, dimensions },
    item(index) {
      const vector = new Float32Array(dimensions)
      copyItemRows({ packed }, dimensions, [index], vector)
      return vector
    },
    user: index => users.subarray(index * dimensions, (index + 1) * dimensions),
  }
}

/** Users made into vectors at a time. */
const AT_ONCE = 1024

/** [U × D] What the model ranks by for each user: another vector than the trained one where the history has grown since, or is weighted. */
function vectorsOfUsers(stored: StoredRecommender, { histories, users }: Catalogue): Float32Array {
  const kernels = createKernels()
  try {
    const model = openStored(stored, kernels, 'the exported model')
    const vectors = new Float32Array(users.length * Number(stored.options.dimensions))
    for (let begin = 0; begin < users.length; begin += AT_ONCE) {
      const length = Math.min(AT_ONCE, users.length - begin)
      const block = {
        histories: sliceRows(histories, begin, begin + length),
        users: Int32Array.from({ length }, (_, at) => begin + at),
      }
      vectors.set(model.vectors!(block), (begin * vectors.length) / users.length)
    }
    return vectors
  } finally {
    kernels.close()
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
