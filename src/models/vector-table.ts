/** What models without a graph share: one vector a node, which is its parameter and its only hop. */
import { initializeEmbeddings, parameterOver } from './embeddings.ts'
import type { EmbeddingContext, EmbeddingModel, Parameter } from './model.ts'

export interface VectorTable extends EmbeddingModel {
  readonly embeddings: Parameter
}

/** @param length of a vector, a multiple of 4 */
export function createVectorTable(context: EmbeddingContext, length: number): VectorTable {
  const { train, kernels } = context
  const { users, items } = train
  const embeddings = { ...parameterOver(kernels.memory.floats((users + items) * length), kernels), sparse: true }
  initializeEmbeddings(embeddings.values, users, items, length, context)
  return {
    embeddings,
    parameters: { embeddings },
    tables: { users, items, dimensions: length, hops: 1, hop: embeddings.values, pooled: embeddings.values },
    forward() {},
    backward: write => write(0, embeddings.gradient),
  }
}
