/** Everything in the docs that programs make: `npm run docs` writes it, a test compares it. */
import { readFileSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { runToy } from '../../../examples/toy-trees.ts'
import { buildKernels } from '../build-kernels.ts'
import { fillExamples } from './contributing.ts'
import { methodFiles } from './method.ts'
import { partsDoc } from './parts.ts'
import { performanceFiles } from './performance.ts'

const ROOT = resolve(import.meta.dirname, '../../..')

/** The whole text of each file, by its path in the project. */
export async function docFiles(): Promise<Record<string, string>> {
  const read = (path: string) => readFileSync(join(ROOT, path), 'utf8')
  const method = Object.entries(methodFiles(await runToy(), read('docs/guide/method.md')))
  return {
    'CONTRIBUTING.md': fillExamples(read('CONTRIBUTING.md')),
    'docs/reference/parts.md': partsDoc(),
    ...Object.fromEntries(method.map(([path, text]) => [`docs/${path}`, text])),
    ...(await performanceFiles(ROOT)),
  }
}

/** The kernels are built first: what they compute is in the docs, and may have been compiled from older sources. */
export async function writeDocs(): Promise<void> {
  await buildKernels()
  for (const [path, text] of Object.entries(await docFiles())) writeFileSync(join(ROOT, path), text)
}
