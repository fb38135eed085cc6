import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'

const root = join(import.meta.dirname, '../..')

it('docs/results/performance.md names only files that there are', () => {
  const text = readFileSync(join(root, 'docs/results/performance.md'), 'utf8')
  const paths = Array.from(text.matchAll(/\b(?:bench|scripts|src)\/[\w/.-]+\.(?:ts|sh)\b/g), ([path]) => path)
  expect(paths.length).toBeGreaterThan(1)
  for (const path of paths) expect(existsSync(join(root, path)), path).toBe(true)
})
