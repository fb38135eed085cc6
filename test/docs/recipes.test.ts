import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { kebab } from '../../src/options.ts'
import { serveOptions } from '../../src/serving/http/options.ts'

const EXAMPLES = join(import.meta.dirname, '../../docs/examples')
const FLAGS = Object.keys(serveOptions.shape).map(key => `--${kebab(key)}`)

describe('recipes of docs/examples', () => {
  it.each(['Dockerfile', 'compose.yaml', 'dualtree.service', 'kubernetes.yaml'])(
    '%s serves with flags that there are',
    name => {
      const text = readFileSync(join(EXAMPLES, name), 'utf8')
      const serving = text.split('\n').find(line => /\bserve\b.*--/.test(line))!
      const flags = serving.match(/--[a-z-]+/g)!
      expect(flags).toContain('--events')
      expect(flags.filter(flag => !FLAGS.includes(flag))).toEqual([])
      // reachable by others, but not without keys
      if (text.includes('0.0.0.0') && name !== 'Dockerfile') expect(flags).toContain('--keys')
    },
  )

  it('run as another user than root, on a root file system that is read-only', () => {
    const text = (name: string) => readFileSync(join(EXAMPLES, name), 'utf8')
    expect(text('Dockerfile')).toMatch(/^USER node$/m)
    expect(text('compose.yaml')).toMatch(/read_only: true[\s\S]*cap_drop: \[ALL\][\s\S]*no-new-privileges/)
    expect(text('kubernetes.yaml')).toMatch(/runAsNonRoot: true[\s\S]*readOnlyRootFilesystem: true/)
    expect(text('dualtree.service')).toMatch(/DynamicUser=yes[\s\S]*ProtectSystem=strict/)
  })
})
