/**
 * A part is one file and one line: the examples of CONTRIBUTING.md are registered in a copy of the project, as it says, and the
 * suite's contracts run over them there.
 */
import { spawnSync } from 'node:child_process'
import { cpSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { join, relative, resolve } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import { budget } from './support/budget.ts'
import { sharedDirectory } from './support/directory.ts'

const ROOT = resolve(import.meta.dirname, '..')
const copy = join(sharedDirectory(), 'copy')
const COPIED = [
  'src',
  'test',
  'scripts',
  'docs',
  'examples',
  'bench',
  'CONTRIBUTING.md',
  'CHANGELOG.md',
  'README.md',
  'LICENSE',
  'package.json',
  'tsconfig.json',
  'vitest.config.ts',
]

/** Each example as a file, and its name in the array of its folder's index.ts. */
function register(): string[] {
  const text = readFileSync(join(copy, 'CONTRIBUTING.md'), 'utf8')
  const examples = [...text.matchAll(/<!-- code: \S+ as (\S+) -->\n\n```ts\n([\s\S]*?)```/g)]
  return examples.map(([, home, code]) => {
    const name = /^export const (\w+)/m.exec(code)![1]
    writeFileSync(join(copy, home), code)
    const index = join(home, '../index.ts')
    const path = `./${relative(join(index, '..'), home).replaceAll('\\', '/')}`
    const before = readFileSync(join(copy, index), 'utf8')
    // the format that takes a file is the first whose `detect` gives a reason, and pairs would take this one
    const place = index.includes('formats') ? /(createRegistry[^[]*\[[^\]]*?)(?=pairs,)/ : /(createRegistry[^[]*\[)/
    const after = before.replace(place, `$1${name}, `)
    writeFileSync(join(copy, index), `import { ${name} } from '${path}'\n${after}`)
    return name
  })
}

const inCopy = (...args: string[]) => {
  const { status, stdout, stderr } = spawnSync(process.execPath, args, {
    cwd: copy,
    encoding: 'utf8',
    timeout: 1_400_000,
    env: { ...process.env, NO_COLOR: '1', FORCE_COLOR: '0' },
  })
  return { status, said: stdout + stderr }
}

describe('the examples of CONTRIBUTING.md, registered in a copy of the project', () => {
  let names: string[]
  beforeAll(() => {
    mkdirSync(copy)
    for (const path of COPIED) cpSync(join(ROOT, path), join(copy, path), { recursive: true })
    symlinkSync(join(ROOT, 'node_modules'), join(copy, 'node_modules'))
    names = register()
    expect(names).toHaveLength(6)
    expect(inCopy('scripts/docs.ts')).toEqual({ status: 0, said: '' })
  })

  it('are in the lists, the help and the docs', () => {
    const { said } = inCopy('src/cli/bin.ts', 'list')
    const docs = readFileSync(join(copy, 'docs/reference/parts.md'), 'utf8')
    for (const part of ['co-count', 'easiest', 'hinge', 'r-precision', 'libsvm', 'same-leaf']) {
      expect(said).toContain(`\n  ${part}\n`)
      expect(docs).toContain(`\`${part}\``)
    }
    expect(inCopy('src/cli/bin.ts', 'run', '--help-all').said).toContain('--margin <x>')
  })

  it('break no test that knows of parts', () => {
    const suites = ['samplers/samplers', 'samplers/dual-tree', 'samplers/hardness', 'metrics/metrics', 'objectives/objectives', 'models/baselines.test', 'options', 'registry', 'docs/generated'] // biome-ignore format: one line
    // run/own-parts registers the same examples by itself
    const all = ['samplers', 'metrics', 'objectives', 'judges/judges', 'cli/help', 'dataset', 'cli/cli', 'cli/directory', 'run/seeds', 'run/protocols', 'run/footprint', 'run/tune', 'run/profile', 'comparison', 'contracts', 'serving', 'report', 'research/sampler-bench', 'research/sweeps', 'training'] // biome-ignore format: one line
    const { status, said } = inCopy(
      'node_modules/vitest/vitest.mjs',
      'run',
      ...budget(suites, [...suites, ...all]).map(name => `test/${name}`),
    )
    expect(said.match(/^ *(FAIL|×) .*$/gm) ?? []).toEqual([])
    expect(status).toBe(0)
  })
})
