import { execFile, spawn } from 'node:child_process'
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { readdir, readFile } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import { promisify } from 'node:util'
import { build } from 'esbuild'
import { publint } from 'publint'
import { formatMessage } from 'publint/utils'
import { beforeAll, describe, expect, it } from 'vitest'
import { listing } from '../../src/cli/shared/listing.ts'
import { IS_FULL } from '../support/budget.ts'
import { writeSmallData } from '../support/cli.ts'
import { sharedDirectory } from '../support/directory.ts'

const run = promisify(execFile)
const ROOT = resolve(import.meta.dirname, '../..')
const directory = sharedDirectory()
const installed = join(directory, 'node_modules', 'dualtree')
const program = join(installed, 'dist', 'dualtree.js')
/** by npm, where it installs */
let said = ''
/** npm runs what it finds in PATH: the Node that runs this test. */
const env = { ...process.env, PATH: `${dirname(process.execPath)}:${process.env.PATH}` }

/** Whether a source is younger than what was built of it. */
function isStale(): boolean {
  const built = statSync(join(ROOT, 'dist/index.js'), { throwIfNoEntry: false })?.mtimeMs ?? 0
  return readdirSync(join(ROOT, 'src'), { recursive: true }).some(
    path => statSync(join(ROOT, 'src', String(path))).mtimeMs > built,
  )
}

/** The command, as npm links it. */
const dualtree = (...args: string[]) =>
  IS_FULL
    ? run('npx', ['dualtree', ...args], { cwd: directory, env })
    : run(process.execPath, [program, ...args], { cwd: directory, env })

const textOf = (wanted: string) => listing().find(({ kind }) => kind === wanted)!.text

async function installByNpm(tarball: string): Promise<void> {
  const install = ['install', '--prefer-offline', '--no-audit', '--no-fund', tarball]
  const { stdout, stderr } = await run('npm', install, { cwd: directory, env })
  said = stdout + stderr
}

/** Where npm would put it, with links to the dependencies that it names, and to no others: npm takes 20 s of the processor. */
async function unpack(tarball: string): Promise<void> {
  mkdirSync(installed, { recursive: true })
  await run('tar', ['-xzf', tarball, '--strip-components', '1', '-C', installed], { cwd: directory })
  const { dependencies } = JSON.parse(readFileSync(join(installed, 'package.json'), 'utf8'))
  for (const name of Object.keys(dependencies)) {
    const link = join(directory, 'node_modules', name)
    mkdirSync(dirname(link), { recursive: true })
    symlinkSync(join(ROOT, 'node_modules', name), link)
  }
}

describe('the packed tarball, installed in an empty project', () => {
  beforeAll(async () => {
    // builds first, by `prepack`
    const build = IS_FULL || isStale() ? [] : ['--ignore-scripts']
    await run('npm', ['pack', ...build, '--pack-destination', directory], { cwd: ROOT, env })
    const tarball = (await readdir(directory)).find(name => name.endsWith('.tgz'))!
    writeFileSync(join(directory, 'package.json'), '{ "type": "module" }')
    await (IS_FULL ? installByNpm(tarball) : unpack(tarball))
  })

  it('has no script that npm runs or warns of when it installs the package', () => {
    const { scripts = {} } = JSON.parse(readFileSync(join(installed, 'package.json'), 'utf8'))
    const lifecycle = ['preinstall', 'install', 'postinstall', 'prepublish', 'preprepare', 'prepare', 'postprepare']
    expect(lifecycle.filter(name => name in scripts)).toEqual([])
    expect(said).not.toContain('dualtree@')
  })

  it('has every file that its README and docs link to', async () => {
    const pages = ['README.md', ...readdirSync(join(installed, 'docs'), { recursive: true, encoding: 'utf8' }).map(path => `docs/${path}`)].filter(path => path.endsWith('.md')) // biome-ignore format: one line
    const links = pages.flatMap(page =>
      Array.from(readFileSync(join(installed, page), 'utf8').matchAll(/\]\(((?!https?:|#)[^)#]+)/g), ([, link]) =>
        join(page, '..', link),
      ),
    )
    expect(links.length).toBeGreaterThan(50)
    expect(links.filter(link => !existsSync(join(installed, link)))).toEqual([])
  })

  it('passes publint', async () => {
    const { messages } = await publint({ pkgDir: installed, strict: true })
    expect(messages.map(message => formatMessage(message, {}))).toEqual([])
  })

  it('bundled by esbuild alone, says what is missing and how to get it; with the kernels beside the bundle it works', async () => {
    const program = 'import { createKernels } from "dualtree"; createKernels(); console.log("kernels")'
    const bundled = join(directory, 'bundled')
    await build({
      stdin: { contents: program, resolveDir: directory },
      bundle: true,
      platform: 'node',
      format: 'esm',
      outfile: join(bundled, 'app.js'),
      // whatever is no part of dualtree
      external: ['@duckdb/*', 'linkedom', '@observablehq/*', 'undici', 'usearch', 'node-llama-cpp'],
      logLevel: 'silent',
    })
    const app = () => run(process.execPath, [join(bundled, 'app.js')], { cwd: directory })
    await expect(app()).rejects.toThrow(
      `there is no ${join(bundled, 'kernels.wasm')}, which holds the kernels: leave dualtree out of your bundle (esbuild: --external:dualtree), or copy kernels.wasm and pool-worker.js from node_modules/dualtree/dist there`,
    )
    copyFileSync(join(directory, 'node_modules/dualtree/dist/kernels.wasm'), join(bundled, 'kernels.wasm'))
    expect((await app()).stdout).toBe('kernels\n')
  })

  it('holds no sources, tests or development dependencies', async () => {
    expect((await readdir(installed)).sort()).toEqual([
      'CHANGELOG.md',
      'CONTRIBUTING.md',
      'LICENSE',
      'README.md',
      'dist',
      'docs',
      'engines',
      'package.json',
    ])
    for (const name of ['assemblyscript', 'typescript', 'vitest', 'node', 'rolldown'])
      expect(existsSync(join(directory, 'node_modules', name)), name).toBe(false)
  })

  it('lists what the sources list, without loading it', async () => {
    const list = async (...more: string[]) => {
      const { stdout } = await dualtree('list', ...more)
      return stdout
    }
    expect(JSON.parse(await list('--json'))).toEqual(
      Object.fromEntries(listing().map(({ kind, json }) => [kind, JSON.parse(JSON.stringify(json))])),
    )
    expect(await list('metrics', 'presets')).toBe(`${['metrics', 'presets'].map(kind => textOf(kind)).join('\n\n')}\n`)
  })

  it('runs the whole job from the command line, and recommends', async () => {
    const input = writeSmallData(directory)
    const flags = ['--dimensions', '8', '--layers', '1', '--epochs', '2', '--leaf-size', '8', '--quiet']
    const { stdout } = await dualtree('run', input, '--out', 'out', ...flags)
    expect(stdout).toMatch(/^dtl-ns +refit +\.\d{4}/m)
    expect(await readFile(join(directory, 'out', 'report.html'), 'utf8')).toContain('</html>')
    const recommended = await dualtree('recommend', 'out', '--user', 'u7', '--k', '2', '--format', 'json')
    expect(JSON.parse(recommended.stdout).answers[0].items).toHaveLength(2)
  })

  it('fits and serves, with the page of the playground in one module', async () => {
    await dualtree('fit', 'out', '--method', 'popularity')
    const server = spawn(process.execPath, [program, 'serve', 'out', '--port', '0'], { cwd: directory })
    try {
      const url = await new Promise<string>((settle, reject) => {
        server.stdout.on('data', chunk => {
          const listening = /"url":"([^"]+)"/.exec(String(chunk))
          if (listening) settle(listening[1])
        })
        server.on('exit', code => reject(new Error(`the server ended with ${code}`)))
      })
      const get = (path: string) => fetch(url + path).then(response => response.text())
      expect(await get('/')).toContain('<title>dualtree playground</title>')
      expect(await get('/playground/main.js')).not.toMatch(/\bimport\b[^(]*from/)
      expect(JSON.parse(await get('/openapi.json')).paths).toHaveProperty('/v1/recommend')
      const answer = await fetch(`${url}/v1/recommend`, {
        ...{ method: 'POST', body: '{"k":2}', headers: { 'content-type': 'application/json' } },
      })
      expect(await answer.json()).toMatchObject({ by: 'popularity', items: [{}, {}] })
    } finally {
      server.kill()
    }
  })

  it('imports without doing anything, in well below a second', async () => {
    const program =
      "const t = process.cpuUsage(); const d = await import('dualtree'); const { user, system } = process.cpuUsage(t); console.log(JSON.stringify({ ms: (user + system) / 1000, version: d.version, run: typeof d.run }))"
    const { stdout, stderr } = await run(process.execPath, ['--input-type=module', '-e', program], { cwd: directory })
    const { ms, ...rest } = JSON.parse(stdout)
    expect(stderr).toBe('')
    expect(rest).toEqual({
      version: JSON.parse(await readFile(join(ROOT, 'package.json'), 'utf8')).version,
      run: 'function',
    })
    // of processor time, 50 to 150 ms; a busy machine may take a few times as long
    expect(ms).toBeLessThan(500)
  })
})
