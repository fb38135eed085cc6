/** A trained embedding model as a file: two tables, and what its scorer and folding in need, in safetensors; in its metadata what made them. */

import { z } from 'zod'
import { DataError } from '../errors.ts'
import { readWhole, refuseUnreadable, writeAtomic } from '../files.ts'
import { text } from '../options.ts'
import { checkRequest } from '../requests.ts'
import { checkTables, type Embeddings, embeddingsShape } from './embeddings.ts'
import { models } from './index.ts'
import { decodeTensors, encodeTensors, type Tensor } from './safetensors.ts'

/** Tensors of what folding a history in takes; how many hops there are is the metadata `hops`. */
const [OWN_USERS, STEP_ITEMS] = ['propagated_users', 'propagated_items']

/** Begins the names of the tensors of a scorer. */
const SCORER = 'scorer.'

const READ_FIELDS = { path: text }
const FIELDS = { ...READ_FIELDS, embeddings: embeddingsShape, metadata: z.record(z.string(), z.string()) }

/**
 * @param metadata its `model` names what can open the scorer again
 * @throws UsageError for tables that are not of the users, items and dimensions beside them; OutputError when it cannot be written
 */
export async function saveEmbeddings(
  path: string,
  embeddings: Embeddings,
  metadata: Record<string, string>,
): Promise<void> {
  checkRequest('saveEmbeddings', FIELDS, { path, embeddings, metadata })
  checkTables('saveEmbeddings', embeddings)
  const { users, items, dimensions, userVectors, itemVectors, scorer, propagated } = embeddings
  const ofScorer = Object.entries(scorer?.values ?? {}).map(([name, values]) => [
    `${SCORER}${name}`,
    { shape: [values.length], values },
  ])
  await writeAtomic(
    path,
    encodeTensors({
      tensors: {
        user_vectors: { shape: [users, dimensions], values: userVectors },
        item_vectors: { shape: [items, dimensions], values: itemVectors },
        ...Object.fromEntries(ofScorer),
        ...(propagated && {
          [OWN_USERS]: { shape: [users, dimensions], values: propagated.users },
          [STEP_ITEMS]: { shape: [items, dimensions], values: propagated.items },
        }),
      },
      metadata: { ...metadata, ...(propagated && { hops: String(propagated.hops) }) },
    }),
  )
}

/** @throws DataError when the file lacks a table or the tables do not fit together */
export async function loadEmbeddings(
  path: string,
): Promise<Embeddings & { metadata: Readonly<Record<string, string>> }> {
  checkRequest('loadEmbeddings', READ_FIELDS, { path })
  const bytes = await readWhole(path).catch(cause => {
    refuseUnreadable(path, cause)
    throw new DataError(`${path}: cannot be read: ${cause.message}; train the model again`, { cause })
  })
  const { tensors, metadata } = decodeTensors(bytes, path)
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
    ...scorerOf(tensors, metadata.model, path),
    ...propagatedOf(tensors, metadata.hops),
  }
}

function propagatedOf(tensors: Readonly<Record<string, Tensor>>, hops: string): Pick<Embeddings, 'propagated'> {
  const [users, items] = [tensors[OWN_USERS]?.values, tensors[STEP_ITEMS]?.values]
  if (!users || !items) return {}
  return { propagated: { users: users as Float32Array, items: items as Float32Array, hops: Number(hops) } }
}

function scorerOf(tensors: Readonly<Record<string, Tensor>>, name: string, path: string): Pick<Embeddings, 'scorer'> {
  const own = Object.entries(tensors).filter(([tensor]) => tensor.startsWith(SCORER))
  if (own.length === 0) return {}
  const model = models.parts.find(part => part.name === name)
  if (!model?.scorer)
    throw new DataError(
      `${path}: its tensors "${SCORER}…" are of a model "${name}" that has no scorer here; train one of those that "dualtree list" shows`,
    )
  const values = own.map(([tensor, { values }]) => [tensor.slice(SCORER.length), values as Float32Array])
  return { scorer: { model: name, create: model.scorer, values: Object.fromEntries(values) } }
}
