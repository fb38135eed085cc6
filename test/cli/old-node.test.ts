/** What people see who start the sources with a Node that cannot read TypeScript. */
import { execFileSync, spawnSync } from 'node:child_process'
import { existsSync, readdirSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { describe, expect, it } from 'vitest'

const ROOT = resolve(import.meta.dirname, '../..')

/** A Node before 22.18 on this machine. */
const old = ['/usr/bin/node', '/usr/local/bin/node']
  .filter(path => existsSync(path))
  .find(path => Number(/^v(\d+)/.exec(String(execFileSync(path, ['--version'])))?.[1]) < 22)

const programs = [
  'src/cli/bin.ts',
  ...readdirSync(join(ROOT, 'scripts'))
    .filter(name => name.endsWith('.ts'))
    .map(name => `scripts/${name}`),
]

describe.skipIf(!old)(`an old Node, where there is one (${old ?? 'none here'})`, () => {
  it.each(programs)('%s ends with one line that says which Node it needs', program => {
    const { status, stdout, stderr } = spawnSync(old!, [join(ROOT, program), '--help'], { encoding: 'utf8' })
    expect({ status, stdout, stderr }).toEqual({
      status: 2,
      stdout: '',
      stderr: expect.stringMatching(/^error: dualtree needs Node 22\.18 or later, this is \d+\.\d+\.\d+\n$/),
    })
  })
})
