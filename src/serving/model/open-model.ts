/** Opens a model folder: no database, no training data, nothing that is fitted. */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import { UsageError } from '../../errors.ts'
import { createKernels } from '../../kernels/wasm/wasm.ts'
import { openStored } from '../../models/open-stored.ts'
import { text } from '../../options.ts'
import { openReranked } from '../../ranking/reranked.ts'
import { callable, checkRequest, watchFields, withFields } from '../../requests.ts'
import type { Watch } from '../../run/stage.ts'
import { openCatalogue } from '../items/catalogue.ts'
import { createServingModel } from './create-model.ts'
import { isModelFolder, type ReadModel, readModelFolder } from './model-folder.ts'
import type { ModelInfo, ServingModel } from './serving-model.ts'

export interface OpenOptions {
  /** of answers to requests that have none; random UUIDs when absent */
  readonly newRequestId?: () => string
  /** ranks by an index of the vectors, approximately: see `ModelInfo.ann`; a model that has none is exact still */
  readonly ann?: boolean
}

export const openFields = {
  ...{ newRequestId: callable.optional(), ann: z.boolean().optional(), ...watchFields },
} satisfies Record<keyof (OpenOptions & Watch), z.ZodType>
const FIELDS = { path: text, options: withFields(openFields) }

/** Where `fit` puts the model of a run. */
export const MODEL = 'model'

/**
 * @param path a model folder, or a run directory that has one
 * @throws UsageError when there is none; DataError when it is not whole, damaged or of another version
 */
export async function openModel(path: string, options: OpenOptions = {}): Promise<ServingModel> {
  checkRequest('openModel', FIELDS, { path, options })
  const { newRequestId, ann = false } = options
  const folder = await findModelFolder(path)
  if (folder === undefined && !existsSync(path))
    throw new UsageError(`${path}: no such directory; give a run directory that has a model, or a model folder`)
  if (folder === undefined)
    throw new UsageError(
      `${path} has no model to serve: fit one with "dualtree fit ${path}", or give the folder of "dualtree export --to folder"`,
    )
  const kernels = createKernels()
  const read = await readModelFolder(folder, kernels.memory)
  const exact = openStored(read.recommender, kernels, folder, { reranked: openReranked })
  const catalogue = openCatalogue(read)
  // one that ranks for the users of training alone was trained on all that is in the catalogue
  const rankedFrom = exact.needsUsers === undefined ? undefined : catalogue.histories
  const { openApproximate } = ann ? await import('./ann.ts') : {}
  const found = await openApproximate?.(folder, { hash: read.hash, seed: read.made.seed }, exact, catalogue)
  const info = { ...infoOf(read), ...(found && { ann: { recall: found.recall } }) }
  const parts = { kernels, info, recommender: found?.recommender ?? exact, catalogue }
  return createServingModel({ ...parts, ...(rankedFrom && { rankedFrom }) }, newRequestId)
}

/** The path itself, or what `fit` left in a run directory. */
export async function findModelFolder(path: string): Promise<string | undefined> {
  for (const folder of [path, join(path, MODEL)]) if (await isModelFolder(folder)) return folder
}

export function infoOf({ hash, made }: Pick<ReadModel, 'hash' | 'made'>): ModelInfo {
  const { by, seed: _, attributes, ...rest } = made
  return {
    id: `${made.method}@${hash.slice(0, 8)}`,
    ...rest,
    version: by,
    attributes: attributes.map(({ name }) => name),
  }
}
