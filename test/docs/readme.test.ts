import { execFile } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { promisify } from 'node:util'
import { describe, expect, it } from 'vitest'
import { prepareDemo } from '../../src/run/demo.ts'
import { IS_FULL } from '../support/budget.ts'
import { runCli } from '../support/cli.ts'
import { sharedDirectory } from '../support/directory.ts'

const ROOT = resolve(import.meta.dirname, '../..')
const readme = readFileSync(join(ROOT, 'README.md'), 'utf8')
const directory = sharedDirectory()

/** The first fenced block of a language after a marker. */
function block(marker: string, language: string): string {
  const from = readme.indexOf(marker)
  expect(from, marker).toBeGreaterThan(0)
  return readme.slice(from).match(new RegExp(`\`\`\`${language}\n([\\s\\S]*?)\`\`\``))![1]
}

describe('README', () => {
  it.runIf(IS_FULL)('the demo prints what it says, but for times and memory (in .ci/run)', async () => {
    const { stdout, code } = await runCli(['demo', '--quiet', '--threads', '1'], { cwd: directory })
    expect(code).toBe(0)
    const lines = stdout.split('\n').map(line => line.trim().replace(/ +/g, ' '))
    const [table, sentences] = block('<!-- output of npm run demo', 'text').trim().split('\n\n')
    // a table for each cut-off
    for (const line of table.split('\n')) expect(lines).toContain(line.replace(/ +/g, ' '))
    // sentences are broken at the width of the terminal
    for (const sentence of sentences.split('\n')) expect(lines.join(' ')).toContain(sentence)
  })

  it('its program runs as it stands and prints what it says', async () => {
    const program = block('<!-- tested', 'ts').replace("'dualtree'", `'${pathToFileURL(join(ROOT, 'src/index.ts'))}'`)
    writeFileSync(join(directory, 'program.ts'), program)
    await prepareDemo(join(directory, 'runs/demo'))
    const { stdout } = await promisify(execFile)(process.execPath, ['program.ts'], { cwd: directory })
    expect(stdout).toBe(block('<!-- output of the program', 'text'))
  })

  it('leads to every command and every exit code that there is', () => {
    const page = readFileSync(join(ROOT, 'docs/reference/cli.md'), 'utf8')
    const source = (path: string) => readFileSync(join(ROOT, 'src', path), 'utf8')
    const commands = [...source('cli/commands/index.ts').matchAll(/name: '([\w-]+)'/g)].map(([, name]) => name)
    expect(commands.length).toBeGreaterThan(8)
    for (const command of commands) expect(page).toMatch(new RegExp(`\`${command}[ \`]|\`[\\w-]+ ${command}\``))
    const codes = [...source('errors.ts').matchAll(/exitCode = (\d+)/g)].map(([, code]) => code)
    expect(codes.length).toBeGreaterThan(3)
    for (const code of codes) expect(page).toContain(`| ${code} |`)
    expect(readme).toContain('docs/reference/cli.md')
  })
})
