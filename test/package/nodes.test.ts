/** The promise of equal bits, across the Node versions that are supported. */
import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { promisify } from 'node:util'
import { beforeAll, describe, expect, it } from 'vitest'
import { hashArtifacts } from '../support/artifacts.ts'
import { budget } from '../support/budget.ts'
import { QUICK, runHere, writeSmallData } from '../support/cli.ts'
import { sharedDirectory } from '../support/directory.ts'

const run = promisify(execFile)
const directory = sharedDirectory()
const ROOT = resolve(import.meta.dirname, '../..')
const PACKAGE = `node-${process.platform}-${process.arch}`

/** The binary of a Node version, from the npm registry; kept among the dependencies for the next time. */
async function nodeOf(major: number): Promise<string | undefined> {
  if (process.versions.node.startsWith(`${major}.`)) return process.execPath
  const cache = join(ROOT, 'node_modules', '.cache', `node-${major}`)
  const binary = join(cache, 'node_modules', PACKAGE, 'bin', 'node')
  if (existsSync(binary)) return binary
  const env = { ...process.env, PATH: `${dirname(process.execPath)}:${process.env.PATH}` }
  const install = ['install', '--no-save', '--no-audit', '--no-fund', '--prefix', cache, `${PACKAGE}@${major}`]
  await run('npm', install, { env, timeout: 120_000 }).catch(() => undefined)
  return existsSync(binary) ? binary : undefined
}

/** Everything that a whole run leaves, on two threads, by another Node or by this one. */
async function artifactsBy(node: string | undefined, name: string): Promise<Record<string, string>> {
  const out = join(directory, name)
  const args = ['run', join(directory, 'input'), '--out', out, ...QUICK, '--threads', '2']
  if (node) await run(node, [join(ROOT, 'src/cli/bin.ts'), ...args])
  else expect(await runHere(args)).toMatchObject({ code: 0 })
  return hashArtifacts(out)
}

describe('a run leaves the same bytes under', () => {
  let expected: Record<string, string>
  beforeAll(async () => {
    writeSmallData(directory)
    expected = await artifactsBy(undefined, 'current')
    expect(Object.keys(expected).length).toBeGreaterThan(20)
  })

  it.for(budget([22, 26], [22, 24, 26]))('Node %i', async (major, { skip }) => {
    const node = await nodeOf(major)
    if (!node) return skip(`${PACKAGE}@${major} cannot be had from the npm registry`)
    const { stdout } = await run(node, ['--version'])
    expect(stdout).toMatch(new RegExp(`^v${major}\\.`))
    if (node !== process.execPath) expect(await artifactsBy(node, `node-${major}`)).toEqual(expected)
  })
})
