import { execFile } from 'node:child_process'
import { existsSync, writeFileSync } from 'node:fs'
import { readdir, readFile } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import { promisify } from 'node:util'
import { beforeAll, describe, expect, it } from 'vitest'
import { writeSmallData } from '../support/cli.ts'
import { sharedDirectory } from '../support/directory.ts'

const run = promisify(execFile)
const ROOT = resolve(import.meta.dirname, '../..')
const directory = sharedDirectory()
/** npm runs what it finds in PATH: the Node that runs this test. */
const env = { ...process.env, PATH: `${dirname(process.execPath)}:${process.env.PATH}` }

describe('the packed tarball, installed in an empty project', () => {
  beforeAll(async () => {
    // builds first, by `prepare`
    await run('npm', ['pack', '--pack-destination', directory], { cwd: ROOT, env })
    const tarball = (await readdir(directory)).find(name => name.endsWith('.tgz'))!
    writeFileSync(join(directory, 'package.json'), '{ "type": "module" }')
    await run('npm', ['install', '--prefer-offline', '--no-audit', '--no-fund', tarball], { cwd: directory, env })
  }, 120_000)

  it('holds no sources, tests or development dependencies', async () => {
    const installed = join(directory, 'node_modules', 'dualtree')
    expect((await readdir(installed)).sort()).toEqual(['CHANGELOG.md', 'LICENSE', 'README.md', 'dist', 'package.json'])
    for (const name of ['assemblyscript', 'typescript', 'vitest', 'node', 'rolldown'])
      expect(existsSync(join(directory, 'node_modules', name)), name).toBe(false)
  })

  it('runs the whole job from the command line, and recommends', async () => {
    const input = writeSmallData(directory)
    const flags = ['--dimensions', '8', '--layers', '1', '--epochs', '2', '--leaf-size', '8', '--quiet']
    const { stdout } = await run('npx', ['dualtree', 'run', input, '--out', 'out', ...flags], { cwd: directory, env })
    expect(stdout).toMatch(/^dtl-ns +\.\d{4}/m)
    expect(await readFile(join(directory, 'out', 'report.html'), 'utf8')).toContain('</html>')
    const recommended = await run(
      'npx',
      ['dualtree', 'recommend', 'out', '--user', 'u7', '--k', '2', '--format', 'json'],
      { cwd: directory, env },
    )
    expect(JSON.parse(recommended.stdout)).toHaveLength(2)
  }, 60_000)

  it('imports without doing anything, in well below a second', async () => {
    const program =
      "const t = performance.now(); const d = await import('dualtree'); console.log(JSON.stringify({ ms: performance.now() - t, version: d.version, run: typeof d.run }))"
    const { stdout, stderr } = await run(process.execPath, ['--input-type=module', '-e', program], { cwd: directory })
    const { ms, ...rest } = JSON.parse(stdout)
    expect(stderr).toBe('')
    expect(rest).toEqual({
      version: JSON.parse(await readFile(join(ROOT, 'package.json'), 'utf8')).version,
      run: 'function',
    })
    // 50 to 100 ms alone on a machine; a busy one may take a few times as long
    expect(ms).toBeLessThan(500)
  })
})
