/** What the checks on real engines share: small data, the command line, and how results are said. */
import { execFile, execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, relative, resolve } from 'node:path'
import { promisify } from 'node:util'

export const CLI = resolve(import.meta.dirname, '../src/cli/bin.ts')
export const NODE = [process.execPath, '--no-warnings', CLI]
export const folder = mkdtempSync(join(tmpdir(), 'dualtree-engines-'))

let failures = 0
export const failed = () => failures

/** Thrown where an engine cannot be had here. */
export class Unavailable extends Error {}

export async function check(what: string, body: () => Promise<unknown> | unknown): Promise<void> {
  const start = performance.now()
  try {
    const found = await body()
    console.log(`ok: ${what} (${((performance.now() - start) / 1000).toFixed(0)} s): ${JSON.stringify(found)}`)
  } catch (error) {
    if (error instanceof Unavailable) return skipped(what, error.message)
    failures++
    const { stderr = '', message } = error as Error & { stderr?: string }
    console.log(`FAILED: ${what}: ${message.split('\n')[0]}\n${String(stderr).split('\n').slice(-25).join('\n')}`)
  }
}

export const skipped = (what: string, why: string) => console.log(`skipped ${what}: ${why}`)

export function expect(holds: boolean, value: unknown): void {
  if (!holds) throw new Error(`found ${JSON.stringify(value)}`)
}

const execute = promisify(execFile)
const LARGE = 64 * 2 ** 20

/** @returns standard output */
export async function call(command: string, args: readonly string[], environment: object = {}): Promise<string> {
  const env = { ...process.env, ...environment }
  return (await execute(command, args, { encoding: 'utf8', env, maxBuffer: LARGE })).stdout
}

export const dualtree = (...args: string[]) => call(NODE[0], [...NODE.slice(1), ...args])

/** 400 users and 120 items in 12 groups, with times; users of group g like items of group g. */
export function writeShop(): { csv: string; rows: number } {
  const csv = join(folder, 'shop.csv')
  if (existsSync(csv)) return { csv, rows: 0 }
  const lines: string[] = []
  for (let user = 0; user < 400; user++)
    for (let n = 0; n < 8 + (user % 9); n++) {
      const item = (user % 12) * 10 + ((n * 7 + user * 3) % 10)
      const other = (user * 31 + n * 17) % 120
      lines.push(`u${user},i${n % 3 === 0 ? other : item},${1_600_000_000 + ((user * 7919 + n * 104_729) % 9_000_000)}`)
    }
  writeFileSync(csv, `user_id,item_id,time\n${lines.join('\n')}\n`)
  return { csv, rows: lines.length }
}

/** SHA-256 of the files of a stage, its manifest aside. */
export function hashStage(run: string, stage: string): Record<string, string> {
  const files = readdirSync(join(run, stage)).filter(name => name !== 'manifest.json')
  const hash = (name: string) => createHash('sha256').update(readFileSync(join(run, stage, name))).digest('hex') // biome-ignore format: one line
  return Object.fromEntries(files.map(name => [name, hash(name)]))
}

/**
 * A Python environment with what a file pins, made once and kept in the temporary directory.
 * @returns the folder of its commands, or why there is none
 */
export async function pythonEnvironment(
  requirements = resolve(import.meta.dirname, 'requirements.txt'),
): Promise<{ bin: string } | { why: string }> {
  const hash = createHash('sha256').update(readFileSync(requirements)).digest('hex').slice(0, 10)
  const home = join(process.env.DUALTREE_ENGINES ?? tmpdir(), `dualtree-engines-python-${hash}`)
  const [bin, done] = [join(home, 'bin'), join(home, 'done')]
  if (existsSync(done)) return { bin }
  try {
    execFileSync('python3', ['-m', 'venv', home], { stdio: 'pipe' })
    await call(join(bin, 'pip'), ['install', '--quiet', '--retries', '1', '--timeout', '20', '-r', requirements])
    writeFileSync(done, '')
    return { bin }
  } catch (error) {
    rmSync(home, { recursive: true, force: true })
    const { stderr, message } = error as Error & { stderr?: Buffer | string }
    const why = String(stderr || message).trim().split('\n').at(-1)! // biome-ignore format: one line
    return { why: `no Python environment with ${relative('', requirements)} (${why})` }
  }
}
