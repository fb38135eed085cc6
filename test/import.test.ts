/** Importing does nothing but define things: measured in a fresh process that may not write. */
import { spawn } from 'node:child_process'
import { readdirSync } from 'node:fs'
import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, relative, resolve } from 'node:path'
import type { Readable } from 'node:stream'
import { text } from 'node:stream/consumers'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { describe, expect, it } from 'vitest'

const SOURCE = resolve(import.meta.dirname, '../src')

/** All that is imported: the command line and what a worker thread runs act when they are loaded, as programs must. */
const files = readdirSync(SOURCE, { recursive: true, encoding: 'utf8' })
  .filter(path => path.endsWith('.ts') && !path.endsWith('.d.ts') && !path.startsWith('kernels/assembly'))
  .filter(path => !['cli/shared/main.ts', 'cli/bin.ts', 'kernels/wasm/pool-worker.ts'].includes(path))
  .sort()

/** Packages of megabytes: loaded on first use. Listed with each are the files that may import it as they are loaded. */
const HEAVY: Readonly<Record<string, readonly string[]>> = {
  '@duckdb': [],
  '@observablehq': [],
  d3: [],
  linkedom: [],
  // drawing progress on a screen is all that this file does
  listr2: ['cli/shared/progress.ts'],
}

const heavyOf = (specifier: string) =>
  Object.keys(HEAVY).find(
    name => specifier === name || specifier.startsWith(`${name}/`) || specifier.startsWith(`${name}-`),
  )

/** What there is after a file was imported. */
interface ImportReport {
  readonly file: string
  /** packages that were asked for so far, and by which file */
  readonly imports: readonly { readonly specifier: string; readonly by: string }[]
  /** kinds of what keeps the process alive */
  readonly resources: readonly string[]
  /** events of the process with new listeners */
  readonly listeners: readonly string[]
  readonly globals: readonly string[]
}

/** Imports files one after the other, and reports after each on descriptor 3. */
const PROBE = `
  import { writeSync } from 'node:fs'
  import { registerHooks } from 'node:module'
  const imports = []
  registerHooks({
    resolve(specifier, context, next) {
      if (!/^(node|file):|^[./]/.test(specifier)) imports.push({ specifier, by: context.parentURL })
      return next(specifier, context)
    },
  })
  const names = () => [...Object.getOwnPropertyNames(globalThis), ...process.eventNames().map(name => 'on ' + String(name))]
  const before = new Set(names())
  for (const file of process.argv.slice(1)) {
    await import(file)
    const added = names().filter(name => !before.has(name))
    const resources = process.getActiveResourcesInfo().filter(kind => kind !== 'PipeWrap')
    const listeners = added.filter(name => name.startsWith('on '))
    const globals = added.filter(name => !name.startsWith('on ') && !name.startsWith('__zod_'))
    writeSync(3, JSON.stringify({ file, imports, resources, listeners, globals }) + '\\n')
  }
`

/** Reading is allowed, but no writing, no process, no worker and no native code: whatever tries throws. */
async function importAll(paths: readonly string[]) {
  const cwd = await mkdtemp(join(tmpdir(), 'dualtree-import-'))
  try {
    const urls = paths.map(path => pathToFileURL(join(SOURCE, path)).href)
    const flags = [
      '--disable-warning=ExperimentalWarning',
      '--permission',
      '--allow-fs-read=*',
      '--input-type=module',
      '--eval',
      PROBE,
    ]
    const child = spawn(process.execPath, [...flags, '--', ...urls], {
      cwd,
      env: { PATH: process.env.PATH },
      stdio: ['ignore', 'pipe', 'pipe', 'pipe'],
      // a process that something keeps alive is killed, and has no code then
      timeout: 300_000,
    })
    const [stdout, stderr, lines, code] = await Promise.all([
      text(child.stdout!),
      text(child.stderr!),
      text(child.stdio[3] as Readable),
      new Promise<number | null>(settle => child.on('close', settle)),
    ])
    const reports: ImportReport[] = lines
      .split('\n')
      .filter(line => line !== '')
      .map(line => JSON.parse(line))
    return { code, stdout, stderr, reports, written: await readdir(cwd) }
  } finally {
    await rm(cwd, { recursive: true })
  }
}

function expectSilence(result: Awaited<ReturnType<typeof importAll>>, imported: number): void {
  expect(result.stderr).toBe('')
  expect(result.stdout).toBe('')
  expect(result.written).toEqual([])
  expect(result.code).toBe(0)
  expect(result.reports).toHaveLength(imported)
  for (const { file, resources, listeners, globals } of result.reports)
    expect({ file, resources, listeners, globals }).toEqual({ file, resources: [], listeners: [], globals: [] })
}

describe('importing', () => {
  it('the library prints and writes nothing, leaves nothing behind, and loads nothing heavy', async () => {
    const result = await importAll(['index.ts'])
    expectSilence(result, 1)
    const specifiers = result.reports[0].imports.map(({ specifier }) => specifier)
    // so the probe sees what is loaded
    expect(specifiers).toContain('zod')
    expect(specifiers.filter(heavyOf)).toEqual([])
    // what only the command line needs
    expect(specifiers).not.toContain('commander')
  })

  it('no file of src does anything else', async () => {
    const others = files.filter(path => path !== 'index.ts')
    expect(others.length).toBeGreaterThan(100)
    const result = await importAll(others)
    expectSilence(result, others.length)
    const own = result.reports
      .at(-1)!
      .imports.map(({ specifier, by }) => ({ specifier, by: relative(SOURCE, fileURLToPath(by)) }))
      .filter(({ by }) => !by.startsWith('..'))
    const wrong = own.filter(({ specifier, by }) => HEAVY[heavyOf(specifier) ?? '']?.includes(by) === false)
    expect(wrong).toEqual([])
    expect(own).toContainEqual({ specifier: 'listr2', by: 'cli/shared/progress.ts' })
  })
})
