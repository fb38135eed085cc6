import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { partsDoc } from '../../scripts/write-parts-doc.ts'

it('docs/reference/parts.md is what scripts/write-parts-doc.ts makes of the registries: run it after a change to a part', () => {
  expect(readFileSync(join(import.meta.dirname, '../../docs/reference/parts.md'), 'utf8')).toBe(partsDoc())
})
