/** A trained embedding model as a file: two tables in safetensors, and in its metadata what made them. */
import { readFile } from 'node:fs/promises'
import { DataError } from '../errors.ts'
import { writeAtomic } from '../files.ts'
import type { Embeddings } from './embeddings.ts'
import { decodeTensors, encodeTensors } from './safetensors.ts'

export async function saveEmbeddings(
  path: string,
  embeddings: Embeddings,
  metadata: Record<string, string>,
): Promise<void> {
  const { users, items, dimensions, userVectors, itemVectors } = embeddings
  await writeAtomic(
    path,
    encodeTensors({
      tensors: {
        user_vectors: { shape: [users, dimensions], values: userVectors },
        item_vectors: { shape: [items, dimensions], values: itemVectors },
      },
      metadata,
    }),
  )
}

/** @throws DataError when the file lacks a table or the tables do not fit together */
export async function loadEmbeddings(
  path: string,
): Promise<Embeddings & { metadata: Readonly<Record<string, string>> }> {
  const { tensors, metadata } = decodeTensors(await readFile(path), path)
  const { user_vectors: user, item_vectors: item } = tensors
  if (!user || !item || user.shape[1] !== item.shape[1])
    throw new DataError(
      `${path}: expected tensors "user_vectors" [U × D] and "item_vectors" [I × D]; train the model again`,
    )
  return {
    users: user.shape[0],
    items: item.shape[0],
    dimensions: user.shape[1],
    userVectors: user.values as Float32Array,
    itemVectors: item.values as Float32Array,
    metadata,
  }
}
