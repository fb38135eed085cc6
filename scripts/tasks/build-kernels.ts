/** Compiles the AssemblyScript kernels: src/kernels/wasm/kernels.wasm, and the types of its exports in exports.ts. */
import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import asc from 'assemblyscript/asc'

const ROOT = resolve(import.meta.dirname, '../..')
const HOME = join(ROOT, 'src/kernels/wasm')

export interface CompiledKernels {
  readonly wasm: Uint8Array
  /** the text of exports.ts */
  readonly types: string
}

export async function compileKernels(): Promise<CompiledKernels> {
  const files: Record<string, string | Uint8Array> = {}
  const options = [
    ...['src/kernels/assembly/index.ts', '--baseDir', ROOT],
    ...['--outFile', 'kernels.wasm', '--bindings', 'raw'],
    ...['--runtime', 'stub', '--exportStart', '_start', '--use', 'abort='],
    ...['--importMemory', '--sharedMemory', '--initialMemory', '16', '--maximumMemory', '65536'],
    // no relaxed SIMD: its results differ from CPU to CPU
    ...['--enable', 'simd', '--enable', 'threads', '--enable', 'bulk-memory'],
    ...['-O3', '--noAssert', '--converge'],
  ]
  const writeFile = (name: string, contents: string | Uint8Array) => {
    files[name] = contents
  }
  const { error, stderr } = await asc.main(options, { writeFile })
  if (error) throw new Error(stderr.toString())
  return { wasm: files['kernels.wasm'] as Uint8Array, types: typesOf(files['kernels.d.ts'] as string) }
}

/** The signatures of a module, as the compiler states them, in the two kinds that callers tell apart. */
function typesOf(declarations: string): string {
  const all = Array.from(
    declarations.matchAll(/export function (\w+)\((.*)\): (\w+);/g),
    ([, name, parameters, result]) => ({
      name,
      parameters: parameters ? parameters.split(', ') : [],
      result,
    }),
  )
  const onRows = ({ parameters: [first, second] }: (typeof all)[number]) =>
    first === 'begin: number' && second === 'end: number'
  const lines = [
    '// Made by scripts/build-kernels.ts from the exports of src/kernels/assembly: change those, then build.',
    '',
    '/** Arguments of the exports that work on rows `begin` to `end`, after those two. */',
    'export interface RowExports {',
    ...all.filter(onRows).map(({ name, parameters }) => `  ${name}: [${parameters.slice(2).join(', ')}]`),
    '}',
    '',
    '/** The exports that are called once. */',
    'export interface WholeExports {',
    ...all
      .filter(one => !onRows(one))
      .map(({ name, parameters, result }) => `  ${name}(${parameters.join(', ')}): ${result}`),
    '}',
    '',
  ]
  return lines.join('\n')
}

const [WASM, TYPES, STAMP] = ['kernels.wasm', 'exports.ts', 'kernels.wasm.stamp'].map(name => join(HOME, name))

/** Compiles where the sources, the compiler or what was compiled of them has changed. */
export async function buildKernels(): Promise<void> {
  if (areKernelsBuilt()) return
  const { wasm, types } = await compileKernels()
  replace(WASM, wasm)
  if (readFileSync(TYPES, { encoding: 'utf8', flag: 'a+' }) !== types) replace(TYPES, types)
  writeFileSync(STAMP, stamp())
}

/** Whether what is there was compiled from the sources as they are. */
export function areKernelsBuilt(): boolean {
  return existsSync(STAMP) && existsSync(WASM) && readFileSync(STAMP, 'utf8') === stamp()
}

/** A hash over the compiler, this file, which has its options, the sources and what was made of them. */
function stamp(): string {
  const folder = join(ROOT, 'src/kernels/assembly')
  const sources = readdirSync(folder, { encoding: 'utf8' }).sort()
  const compiler = join(ROOT, 'node_modules/assemblyscript/package.json')
  const hash = createHash('sha256')
  for (const path of [compiler, import.meta.filename, ...sources.map(name => join(folder, name)), WASM, TYPES])
    hash.update(`${path.slice(ROOT.length)}\0`).update(readFileSync(path))
  return hash.digest('hex')
}

/** At once, since a process that runs from source may be about to load the file. */
function replace(path: string, contents: string | Uint8Array): void {
  const temporary = `${path}.${process.pid}.tmp`
  writeFileSync(temporary, contents)
  renameSync(temporary, path)
}
