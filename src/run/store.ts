/**
 * Stages that several runs share: a directory with one folder for each stage and key. Files are linked rather than
 * copied where the file system can, which is safe since no file of a stage is ever changed in place.
 */
import { copyFile, link, readdir, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { cannotWrite, makeDirectory } from '../files.ts'

/** Where the store keeps a stage. */
export function storedStage(store: string, name: string, key: string): string {
  return join(store, `${name}-${key.slice(0, 16)}`)
}

/**
 * Puts the files of one stage folder into another, which appears when it is whole.
 * @throws OutputError naming the path and the system's reason
 */
export async function copyStage(from: string, to: string): Promise<void> {
  const partial = `${to}.partial`
  try {
    await rm(partial, { recursive: true, force: true })
    await makeDirectory(partial)
    for (const name of await readdir(from)) {
      const [source, target] = [join(from, name), join(partial, name)]
      await link(source, target).catch(() => copyFile(source, target))
    }
    await rm(to, { recursive: true, force: true })
    await rename(partial, to)
  } catch (error) {
    throw cannotWrite(to, error)
  }
}
