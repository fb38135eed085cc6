/**
 * Builds the package into dist/: the kernels, JavaScript and types. The library is bundled, since reading some 300
 * small files (half of them zod's) would take most of the time of `import 'dualtree'`.
 */
import { execFileSync } from 'node:child_process'
import { chmodSync, copyFileSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { rolldown } from 'rolldown'
import { listing } from '../../src/cli/shared/listing.ts'
import { readScript } from '../../src/report/page/script.ts'

const run = (module: string, ...args: string[]) =>
  execFileSync(process.execPath, [module, ...args], { stdio: 'inherit' })
/** With all their parts: a part that is bundled beside a package that is not would be there twice. */
const BUNDLED = ['zod', 'commander', 'hono', '@hono/zod-openapi', '@hono/node-server', 'prom-client']
const { dependencies, peerDependencies } = JSON.parse(readFileSync('package.json', 'utf8'))

rmSync('dist', { recursive: true, force: true })
run('scripts/build-kernels.ts')
run('node_modules/typescript/bin/tsc', '-p', 'tsconfig.build.json')
/** An import of a built-in module reads all that it exports, of `process` its streams too: a third of the start of `--help`. */
const builtins = {
  name: 'builtins-of-commander',
  transform: {
    filter: { id: /node_modules\/commander\// },
    handler: (code: string) =>
      code
        .replace(/^import childProcess .*$/m, '')
        .replaceAll('childProcess.spawn', "process.getBuiltinModule('node:child_process').spawn")
        .replace(/^import process .*$/m, '')
        .replace(/^import (.+) from '(node:\w+)';$/gm, "const $1 = process.getBuiltinModule('$2');"),
  },
}
/** Zod's messages in fifty languages are half of it, and ours are English. */
const english = {
  name: 'zod-in-english',
  load: {
    filter: { id: /node_modules\/zod\/v4\/locales\/index\.js$/ },
    handler: () => "export { default as en } from './en.js'",
  },
}
const bundle = await rolldown({
  plugins: [builtins, english],
  input: {
    ...{ index: 'src/index.ts', serve: 'src/serving/index.ts' },
    ...{ dualtree: 'src/cli/bin.ts', 'pool-worker': 'src/kernels/wasm/pool-worker.ts' },
  },
  platform: 'node',
  external: Object.keys({ ...dependencies, ...peerDependencies }).filter(name => !BUNDLED.includes(name)),
})
// flat, so that what lies beside a source file (the kernels) or above src (package.json) is found from every chunk
const names = { entryFileNames: '[name].js', chunkFileNames: '[name]-[hash].js' }
// zod alone: chunks that import each other would run it in the wrong order
const codeSplitting = { groups: [{ name: 'zod', test: /node_modules[\\/]zod[\\/]/ }] }
await bundle.write({ dir: 'dist', format: 'esm', ...names, codeSplitting })
// `dualtree list` reads this instead of all parts
writeFileSync('dist/listing.json', JSON.stringify(listing()))
copyFileSync('src/kernels/wasm/kernels.wasm', 'dist/kernels.wasm')
writeFileSync('dist/client.js', readScript())
// the page of the server: its modules become one, beside what they need
const page = 'src/serving/http/playground'
mkdirSync('dist/playground')
for (const name of ['index.html', 'style.css']) copyFileSync(`${page}/${name}`, `dist/playground/${name}`)
const modules = await rolldown({ input: `${page}/main.js`, platform: 'browser' })
await modules.write({ file: 'dist/playground/main.js', format: 'esm', minify: true })
chmodSync('dist/dualtree.js', 0o755)
