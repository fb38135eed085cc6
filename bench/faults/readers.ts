/** What reads a finished run: commands, and a server that is asked once. */
import { join } from 'node:path'
import { DualtreeError } from '../../src/errors.ts'
import { parseOptions } from '../../src/options.ts'
import { type ServeOptions, serveOptions } from '../../src/serving/http/options.ts'
import { startServer } from '../../src/serving/http/serve.ts'
import { openModel } from '../../src/serving/model/open-model.ts'
import { type CliResult, runHere } from '../../test/support/cli.ts'

/** the event log, below a run directory */
export const EVENTS = 'events.db'

export const READERS: Readonly<Record<string, (run: string) => Promise<CliResult>>> = {
  recommend: run => here(['recommend', run, '--user', 'u7', '--k', '5', '--format', 'json']),
  'recommend a row': run => here(['recommend', run, '--user', 'u7', '--method', 'dtl-ns', '--format', 'csv']),
  compare: run => here(['compare', run, '--json', '--quiet', '--resamples', '100', '--permutations', '100']),
  serve,
}

async function serve(run: string): Promise<CliResult> {
  const flags = { port: 0, logLevel: 'info', events: join(run, EVENTS) }
  const lines: string[] = []
  const write = (more: string) => void lines.push(more)
  const options = parseOptions(serveOptions, flags, 'serve') as ServeOptions
  try {
    const server = await startServer({ path: run, open: openModel, options, write })
    try {
      const answer = await fetch(`${server.url}/v1/recommend`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: '{"requests":[{"user":"u7","k":5,"explain":true},{"history":["i3"],"k":5}]}',
      })
      const text = await answer.text()
      // a server that says what it cannot do is no worse than one that does not begin
      if (!answer.ok) return { code: 3, stdout: '', stderr: `error: ${text}` }
      const [said] = /a new event log begins|an event of the log is damaged/.exec(lines.join('')) ?? []
      return said ? { code: 3, stdout: '', stderr: `error: ${said}` } : { code: 0, stdout: text, stderr: '' }
    } finally {
      await server.close()
    }
  } catch (error) {
    if (error instanceof DualtreeError) return { code: error.exitCode, stdout: '', stderr: `error: ${error.message}` }
    return { code: null, stdout: '', stderr: String((error as Error).stack) }
  }
}

/** In this process; what nobody caught counts as an end without a code. */
export async function here(args: readonly string[]): Promise<CliResult> {
  try {
    return await runHere(args)
  } catch (error) {
    return { code: null, stdout: '', stderr: String((error as Error).stack) }
  }
}
