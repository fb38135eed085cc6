import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { docFiles } from '../../scripts/tasks/docs/write.ts'

it.each(Object.entries(await docFiles()))('%s is up to date: npm run docs', (path, text) => {
  expect(readFileSync(join(import.meta.dirname, '../..', path), 'utf8')).toBe(text)
})
