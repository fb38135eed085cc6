import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Command } from 'commander'
import { describe, expect, it } from 'vitest'
import { commands } from '../../src/cli/commands/index.ts'
import { addCommands, type CommandEntry } from '../../src/cli/shared/add-commands.ts'
import { EXAMPLES } from '../../src/cli/shared/examples.ts'
import { givenOptions } from '../../src/cli/shared/flags.ts'
import { optionGroups } from '../../src/run/options/groups.ts'
import { planRun } from '../../src/run/options/plan-run.ts'
import { samplers } from '../../src/samplers/index.ts'
import { runHere } from '../support/cli.ts'

async function pathsOf(entries: readonly CommandEntry[], parent = ''): Promise<string[]> {
  const paths = entries.map(async ({ name, load }) => {
    const { subcommands = [] } = (await load()) as { subcommands?: readonly CommandEntry[] }
    return [`${parent}${name}`, ...(await pathsOf(subcommands, `${parent}${name} `))]
  })
  return (await Promise.all(paths)).flat()
}
const paths = await pathsOf(commands)

const screens = new Map<string, Promise<string>>()
async function screen(args: string): Promise<string> {
  const { code, stdout, stderr } = await runHere(args.split(' '))
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
  return stdout
}
const help = (path: string, flag = '--help') => {
  const args = `${path} ${flag}`
  if (!screens.has(args)) screens.set(args, screen(args))
  return screens.get(args)!
}

describe.each(paths)('dualtree %s --help', path => {
  it('fits on a screen: at most 60 lines of 80 columns', async () => {
    const lines = (await help(path)).trimEnd().split('\n')
    expect(lines[0]).toContain(`Usage: dualtree ${path}`)
    expect(lines.length).toBeLessThanOrEqual(60)
    expect(lines.filter(line => line.length > 80)).toEqual([])
    expect(lines.filter(line => line.includes('default: []'))).toEqual([])
  })

  it('where it leaves options out, says how to see all of them, and shows three examples', async () => {
    const short = await help(path)
    const known = short.match(/^All options: (.*) --help-all$/m)
    if (!known) return expect(short).not.toContain('--help-all')
    expect(known[1]).toBe(`dualtree ${path}`)
    const all = await help(path, '--help-all')
    const flags = (text: string) => new Set(text.match(/^ {2}(-\w, )?--[\w-]+/gm))
    expect(flags(all).size).toBeGreaterThan(flags(short).size)
    expect([...flags(short)].filter(flag => !flags(all).has(flag))).toEqual([])
    if (path in EXAMPLES) expect(short.match(/^ {2}dualtree /gm)).toHaveLength(3)
  })
})

describe('examples', () => {
  const lines = Object.entries(EXAMPLES).flatMap(([path, examples]) => examples.map(([line]) => [path, line] as const))

  it.each(lines)('dualtree %s %s: every flag is known, with its value', async (path, line) => {
    const args = [...path.split(' '), ...line.split(' ').filter(Boolean)]
    const program = new Command('dualtree').enablePositionalOptions().exitOverride()
    await addCommands(program, commands, args)
    const command = path.split(' ').reduce((found, name) => found.commands.find(own => own.name() === name)!, program)
    let called = false
    command.action(() => {
      called = true
    })
    await program.parseAsync(args, { from: 'user' })
    expect(called).toBe(true)
    // flags of jobs and of Spark are not those of a run
    if (/^(job|spark) /.test(path)) return
    const judge = path.startsWith('judge ') ? { judge: 'chat' } : {}
    expect(() => planRun({ ...judge, ...givenOptions(command.opts()) })).not.toThrow()
  })

  it('are of commands that there are', () => {
    expect(Object.keys(EXAMPLES).filter(path => !paths.includes(path))).toEqual([])
  })
})

it('run --help-all has every option, with default, range and unit', async () => {
  const all = await help('run', '--help-all')
  for (const { options } of optionGroups())
    for (const { name } of options)
      expect(all).toMatch(new RegExp(`^ {2}--${name.replace(/[A-Z]/g, letter => `-${letter.toLowerCase()}`)}\\b`, 'm'))
  const flat = all.replace(/\s+/g, ' ')
  expect(flat).toContain('--epochs <n>')
  expect(flat).toContain('(default 300; 1 to 100000; in epochs)')
})

describe('dualtree list', () => {
  it('of one kind shows that kind alone, with flags', async () => {
    const { stdout } = await runHere(['list', 'samplers'])
    expect(stdout).toMatch(/^samplers\n {2}\S+\n {6}/)
    for (const name of samplers.names) expect(stdout).toContain(`\n  ${name}\n`)
    expect(stdout).toContain('      --candidate-negatives: ')
    expect((await runHere(['list', 'baselines'])).stdout).toContain('      --ease-regularization: ')
    expect(stdout).not.toMatch(/^(models|metrics|presets)$/m)
    const { stdout: json } = await runHere(['list', 'metrics', 'presets', '--json'])
    expect(Object.keys(JSON.parse(json))).toEqual(['metrics', 'presets'])
  })

  it('refuses a kind that there is not, and names those that there are', async () => {
    const { code, stderr } = await runHere(['list', 'smaplers'])
    expect(code).toBe(2)
    expect(stderr).toMatch(/^error: .*"smaplers".*samplers/)
  })
})

it.each([
  ['trees', ['user', 'dimensions', 'ease-regularization', 'leaf-size'], 'min-prefix'],
  ['candidates', ['user', 'dimensions', 'ease-regularization', 'candidate-model'], 'leaf-size'],
  ['judge', ['user', 'dimensions', 'leaf-size', 'min-prefix'], 'audit-hidden'],
])(
  '%s starts from data, so it takes the options of the stages before it, and none of later ones',
  async (path, own, later) => {
    const all = await help(path, '--help-all')
    for (const flag of own) expect(all).toContain(`\n  --${flag} `)
    expect(all).not.toContain(`\n  --${later} `)
  },
)

/** Of curl, and of the server that runs a language model. */
const OF_OTHERS = [
  'retry',
  'retry-connrefused',
  'retry-delay',
  'max-model-len',
  'enable-prefix-caching',
  'data-parallel-size',
  'structured-outputs-config',
]

it('README and docs name flags that there are', async () => {
  const flagsIn = (text: string) => Array.from(text.matchAll(/(?<![\w-])--([a-z][\w-]*)/g), ([, flag]) => flag)
  const known = new Set(OF_OTHERS)
  for (const path of paths) {
    const short = await help(path)
    const all = short.includes('--help-all') ? await help(path, '--help-all') : ''
    for (const flag of flagsIn(short + all)) known.add(flag)
  }
  const root = join(import.meta.dirname, '../..')
  const pages = readdirSync(join(root, 'docs'), { recursive: true, encoding: 'utf8' }).map(path => `docs/${path}`)
  for (const page of ['README.md', ...pages.filter(path => path.endsWith('.md'))])
    expect({ page, unknown: flagsIn(readFileSync(join(root, page), 'utf8')).filter(flag => !known.has(flag)) }).toEqual(
      {
        page,
        unknown: [],
      },
    )
})
