import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { version } from '../../src/version.ts'

const ROOT = join(import.meta.dirname, '../..')
const manifest = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'))

it('the version of the sources is that of the package', () => {
  expect(version).toBe(manifest.version)
})

it('the command line asks for the Node that the package asks for', () => {
  const needed = manifest.engines.node.replace('>=', '')
  expect(readFileSync(join(ROOT, 'src/cli/bin.ts'), 'utf8')).toContain(`dualtree needs Node ${needed} or later`)
})
