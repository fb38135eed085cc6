import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { expect, it } from 'vitest'

/** Names on standard error each module that is asked for. */
const HOOK = `import { registerHooks } from 'node:module'
registerHooks({ resolve: (name, context, next) => (process.stderr.write(name + '\\n'), next(name, context)) })`

it('help of the program loads no part, and no package but that of the commands', async () => {
  const hook = `data:text/javascript,${encodeURIComponent(HOOK)}`
  const { stdout, stderr } = await promisify(execFile)(process.execPath, [
    ...['--no-warnings', '--import', hook, 'src/cli/bin.ts', '--help'],
  ])
  expect(stdout).toContain('Usage: dualtree')
  const packages = stderr.split('\n').filter(name => /^[@a-z]/.test(name) && !/^(node|file|data):/.test(name))
  expect(
    [...new Set(packages)].filter(name => !/^(events|child_process|path|fs|process|url|util|os|tty)$/.test(name)),
  ).toEqual(['commander'])
  expect(stderr).not.toMatch(/registry|options\.ts/)
})
