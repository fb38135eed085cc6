/** What the authors' pipeline made from the Sports data, as they published it, in the ids of a data set. */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { buildCsr } from '../../dataset/csr.ts'
import type { Dataset, Pairs } from '../../dataset/dataset.ts'
import { pickPairs } from '../../dataset/dataset.ts'
import { openDataFile } from '../../dataset/files/open.ts'
import { formats } from '../../dataset/formats/index.ts'
import { readParts } from '../../dataset/read.ts'
import { DataError } from '../../errors.ts'
import { sha256OfFile } from '../../files.ts'
import { columnsOf } from '../../kernels/csr.ts'
import type { CsrPattern } from '../../kernels/interface/kernels.ts'
import { placesWhere } from '../../places.ts'
import { readCodes, type ViewCodes } from '../../trees/codes.ts'

/** Names of the files; codes are lines of `item: 0-2-1`, candidates a user and its items, the enhanced set pairs. */
export const RELEASED_FILES = {
  structural: 'Sports_struct_path_encoding.txt',
  semantic: 'Sports_semantic_path_encoding.txt',
  candidates: 'candidate_items.txt',
  enhanced: 'train_enhance_dtl_fni.txt',
} as const

export interface ReleasedFiles {
  readonly codes: ViewCodes
  /** pairs that their judge was asked about */
  readonly candidates: Pairs
  /** pairs of the enhanced set that are not in train: what their judge called positive, less what is held out */
  readonly judged: Pairs
  /** SHA-256 of each file, by its name */
  readonly hashes: Readonly<Record<string, string>>
}

/**
 * @param directory with the four files
 * @throws DataError naming file, line or id for what is missing, is not of its format, or speaks of other data
 */
export async function readReleasedFiles(
  directory: string,
  train: Dataset,
  signal?: AbortSignal,
): Promise<ReleasedFiles> {
  for (const name of Object.values(RELEASED_FILES))
    if (!existsSync(join(directory, name)))
      throw new DataError(`${directory}: there is no ${name}; give the folder of the released files with --released`)
  const path = (file: keyof typeof RELEASED_FILES) => join(directory, RELEASED_FILES[file])
  const enhanced = await readPairs(path('enhanced'), 'pairs', train, signal)
  const hashes = await Promise.all(
    Object.values(RELEASED_FILES).map(async name => [name, await sha256OfFile(join(directory, name))] as const),
  )
  return {
    codes: {
      structural: await readCodes(path('structural'), train.itemIds),
      semantic: await readCodes(path('semantic'), train.itemIds),
    },
    candidates: await readPairs(path('candidates'), 'sequences', train, signal),
    judged: beyond(enhanced, train),
    hashes: Object.fromEntries(hashes),
  }
}

/** Pairs in internal ids. */
async function readPairs(
  path: string,
  format: string,
  { userIds, itemIds }: Dataset,
  signal?: AbortSignal,
): Promise<Pairs> {
  const { parts, ...ids } = await readParts([[await openDataFile(path, path)]], {
    format: formats.get(format),
    wishes: {},
    decide: () => {},
    onFile: () => {},
    ...(signal && { signal }),
  })
  const known = (what: string, all: typeof ids.userIds, vocabulary: typeof userIds) =>
    all.map(id => {
      const internal = vocabulary.indexOf(id)
      if (internal < 0)
        throw new DataError(`${path}: ${what} "${id}" is not in train; files and data must belong together`)
      return internal
    })
  const [users, items] = [known('user', ids.userIds, userIds), known('item', ids.itemIds, itemIds)]
  return { users: parts[0].users.map(code => users[code]), items: parts[0].items.map(code => items[code]) }
}

/** The pairs that train does not have. */
function beyond(pairs: Pairs, train: Dataset): Pairs {
  const isBeyond = (row: number) => !columnsOf(train.byUser, pairs.users[row]).includes(pairs.items[row])
  return pickPairs(pairs, placesWhere(pairs.users.length, isBeyond))
}

/** Pairs as user → items. */
export function patternOf({ users, items }: Pairs, train: Dataset): CsrPattern {
  return buildCsr(users, items, train.users, train.items).pattern
}
