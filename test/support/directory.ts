/** Directories that live as long as one test, or as one test file. */
import { mkdtempSync, rmSync } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, onTestFinished } from 'vitest'

/** Thousands of files take a while on a busy machine. */
const REMOVAL = 120_000

/** A new directory with these files, removed when the test is over. */
export async function temporaryDirectory(files: Record<string, string | Uint8Array> = {}): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'dualtree-test-'))
  onTestFinished(() => rm(directory, { recursive: true, force: true }), REMOVAL)
  await Promise.all(Object.entries(files).map(([name, content]) => writeFile(join(directory, name), content)))
  return directory
}

/** A new directory that all tests of a file share. */
export function sharedDirectory(): string {
  const directory = mkdtempSync(join(tmpdir(), 'dualtree-test-'))
  afterAll(() => rmSync(directory, { recursive: true, force: true }), REMOVAL)
  return directory
}
