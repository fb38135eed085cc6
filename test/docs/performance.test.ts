import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { performanceFiles } from '../../scripts/write-performance-doc.ts'

const root = join(import.meta.dirname, '../..')

it('docs/results/performance.md and its picture show bench/results: run scripts/write-performance-doc.ts after a benchmark', async () => {
  for (const [path, text] of Object.entries(await performanceFiles(root)))
    expect(readFileSync(join(root, path), 'utf8'), path).toBe(text)
})

it('docs/results/performance.md names only files that there are', () => {
  const text = readFileSync(join(root, 'docs/results/performance.md'), 'utf8')
  const paths = Array.from(text.matchAll(/\b(?:bench|scripts|src)\/[\w/.-]+\.(?:ts|sh)\b/g), ([path]) => path)
  expect(paths.length).toBeGreaterThan(2)
  for (const path of paths) expect(existsSync(join(root, path)), path).toBe(true)
})
