/** Whether data that was read before is still the same. */
import { filesOf, findData, recordFile } from './files.ts'

/** SHA-256 of each file that `path` means, by its label. @throws DataError as `loadSplit` does */
export async function hashData(path: string, signal?: AbortSignal): Promise<Record<string, string>> {
  const hashes: Record<string, string> = {}
  for (const file of filesOf(await findData(path))) hashes[file.label] = (await recordFile(file, signal)).sha256
  return hashes
}
