/** Builds the package: the kernels, then JavaScript and types into dist/. */
import { execFileSync } from 'node:child_process'
import { chmodSync, copyFileSync, rmSync } from 'node:fs'

const run = (module: string, ...args: string[]) =>
  execFileSync(process.execPath, [module, ...args], { stdio: 'inherit' })

rmSync('dist', { recursive: true, force: true })
run('scripts/build-kernels.ts')
run('node_modules/typescript/bin/tsc', '-p', 'tsconfig.build.json')
copyFileSync('src/kernels/kernels.wasm', 'dist/kernels/kernels.wasm')
chmodSync('dist/cli/main.js', 0o755)
