/** Whether data that was read before is still the same. */
import { recordFile } from './disk.ts'
import { type Found, findData } from './find.ts'

/** SHA-256 of each file that `path` means, by its label. @throws DataError as `loadSplit` does */
export async function hashData(path: string, signal?: AbortSignal): Promise<Record<string, string>> {
  const found = await findData(path, signal)
  try {
    return await hashFound(found, signal)
  } finally {
    await found.dispose()
  }
}

export async function hashFound({ onDisk }: Found, signal?: AbortSignal): Promise<Record<string, string>> {
  const hashes: Record<string, string> = {}
  for (const file of onDisk) hashes[file.label] = (await recordFile(file, signal)).sha256
  return hashes
}
