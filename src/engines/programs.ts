/** Programs of other engines: where they are, and how they are run. */
import { spawn } from 'node:child_process'
import { accessSync, constants, existsSync } from 'node:fs'
import { delimiter, dirname, join } from 'node:path'
import { RunError } from '../errors.ts'

/** A file of the package's folder `engines`, from the sources as from the bundle. */
export function engineFile(...path: string[]): string {
  for (let folder = import.meta.dirname; ; folder = dirname(folder)) {
    const file = join(folder, 'engines', ...path)
    if (existsSync(file)) return file
    if (folder === dirname(folder)) throw new RunError(`this installation of dualtree lacks engines/${path.join('/')}`)
  }
}

/** The first executable of a name on the PATH, or in other folders before. */
export function findProgram(name: string, folders: readonly (string | undefined)[] = []): string | undefined {
  const all = [...folders, ...(process.env.PATH ?? '').split(delimiter)]
  return all
    .filter(folder => folder !== undefined && folder !== '')
    .map(folder => join(folder!, name))
    .find(isExecutable)
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}

/**
 * Runs a program to its end, its output on stderr; a signal ends it.
 * @throws RunError when it fails
 */
export async function runProgram(command: string, args: readonly string[], signal?: AbortSignal): Promise<void> {
  const child = spawn(command, args, { stdio: ['ignore', process.stderr, process.stderr] })
  signal?.addEventListener('abort', () => child.kill('SIGTERM'), { once: true })
  const code = await new Promise<number | string>((resolve, reject) => {
    child.once('error', reject)
    child.once('exit', (status, killed) => resolve(status ?? killed ?? 'unknown'))
  }).catch(error => {
    throw new RunError(`${command} cannot be started: ${error.message}`)
  })
  signal?.throwIfAborted()
  if (code !== 0) throw new RunError(`${command} ended with ${code}: its last lines say why`)
}
