/** The files of an experiment, read into one space of ids, as the checks of an audit take them. */
import { z } from 'zod'
import { IGNORED } from '../dataset/columns/columns.ts'
import { uniquePattern } from '../dataset/csr.ts'
import type { ExternalId } from '../dataset/dataset.ts'
import { createScratch, type DataFile } from '../dataset/files/disk.ts'
import { openDataFile } from '../dataset/files/open.ts'
import { formats } from '../dataset/formats/index.ts'
import { readParts } from '../dataset/read.ts'
import { readOptions } from '../dataset/source.ts'
import type { CsrPattern } from '../kernels/interface/kernels.ts'
import { parseOptions, text } from '../options.ts'

const file = (what: string) => text.describe(what)

/** What is audited: paths, in any format that data can have. */
export const leakageFiles = z.object({
  train: file('training data before judging'),
  valid: file('validation data').optional(),
  test: file('what is reported'),
  enhanced: file('final training data: train with judged pairs, or the judged pairs alone').optional(),
  candidates: file('candidates of a judge: pairs, or a user and its items per line').optional(),
  mask: file(
    'pairs masked in rankings at test; default: the enhanced file, as in code that masks what it trains on',
  ).optional(),
})

export type AuditFile = keyof z.output<typeof leakageFiles>

/** How the files are written. */
export const leakageOptions = readOptions

export interface LeakagePart {
  /** the path that was given */
  readonly path: string
  /** pairs in the file, repeated ones included */
  readonly rows: number
  /** user → items, each pair once; users and items of all files together */
  readonly pairs: CsrPattern
}

/** Internal ids are positions in the vocabularies of all files together. */
export interface LeakageData {
  readonly userIds: readonly ExternalId[]
  readonly itemIds: readonly ExternalId[]
  readonly parts: Readonly<Record<'train' | 'test', LeakagePart>> & Readonly<Partial<Record<AuditFile, LeakagePart>>>
  /** how the files were read, in words */
  readonly decisions: readonly string[]
}

/** @throws UsageError for an option out of range; DataError naming file, line, value and remedy */
export async function readLeakageData(
  paths: z.input<typeof leakageFiles>,
  options: z.input<typeof leakageOptions> = {},
  signal?: AbortSignal,
): Promise<LeakageData> {
  const given = Object.entries(parseOptions(leakageFiles, paths, 'audit')) as [AuditFile, string][]
  const { format, encoding, user, item } = parseOptions(leakageOptions, options, 'audit')
  const decisions: string[] = []
  const scratch = createScratch()
  try {
    const files: DataFile[] = []
    for (const [, path] of given) files.push(await openDataFile(path, path, { scratch, signal }))
    const { parts, userIds, itemIds } = await readParts(
      files.map(file => [file]),
      {
        // only who interacted with what is compared
        wishes: { ...(user && { user }), ...(item && { item }), rating: IGNORED, time: IGNORED, event: IGNORED },
        encoding,
        decide: sentence => void decisions.push(sentence),
        onFile: () => {},
        ...(format !== 'auto' && { format: formats.get(format) }),
        ...(signal && { signal }),
      },
    )
    const read = given.map(([name, path], index): [AuditFile, LeakagePart] => {
      const { users, items } = parts[index]
      return [name, { path, rows: users.length, pairs: uniquePattern(users, items, userIds.length, itemIds.length) }]
    })
    return { userIds, itemIds, parts: Object.fromEntries(read) as LeakageData['parts'], decisions }
  } finally {
    await scratch.dispose()
  }
}
