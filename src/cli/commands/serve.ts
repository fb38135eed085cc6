import { setFlagsFromString } from 'node:v8'
import type { Command } from 'commander'
import { parseOptions } from '../../options.ts'
import { KEYS_VARIABLE } from '../../serving/http/keys.ts'
import { type ServeOptions, serveOptions } from '../../serving/http/options.ts'
import { addSchemaFlags, givenOf } from '../shared/flags.ts'

export function configure(command: Command): void {
  command.argument('<model>', 'run directory or model folder, or a link to one: a changed link is followed')
  addSchemaFlags(command, serveOptions).action(async (path: string, flags: Record<string, unknown>) => {
    // requests allocate many short-lived objects: V8's default
    setFlagsFromString('--semi-space-growth-factor=2')
    const options = parseOptions(serveOptions, givenOf(serveOptions, flags), 'serve') as ServeOptions
    const [{ startServer }, { openModel }] = await Promise.all([
      import('../../serving/http/serve.ts'),
      import('../../serving/model/open-model.ts'),
    ])
    const server = await startServer({
      path,
      open: model => openModel(model, { ann: options.ann }),
      options,
      environmentKeys: process.env[KEYS_VARIABLE],
      write: lines => process.stdout.write(lines),
    })
    process.on('SIGHUP', () => server.reload())
    // a person at a terminal reads no JSON
    if (process.stderr.isTTY) process.stderr.write(`dualtree serves ${path} at ${server.url} (Ctrl-C ends it)\n`)
    await new Promise<void>(settle => {
      for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => settle())
    })
    await server.close()
  })
}
