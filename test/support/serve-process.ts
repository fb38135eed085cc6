/** `dualtree serve` in a process of its own. */
import { type ChildProcess, spawn } from 'node:child_process'
import { resolve } from 'node:path'
import { onTestFinished } from 'vitest'

const MAIN = resolve(import.meta.dirname, '../../src/cli/bin.ts')

export interface ServeProcess {
  readonly url: string
  /** lines of the log so far */
  readonly lines: readonly Record<string, unknown>[]
  signal(name: NodeJS.Signals): void
  /** Settles when the process has ended. */
  ended(): Promise<number | NodeJS.Signals | null>
}

/** Settles when the server listens; rejects with what it printed when it ends before. */
export function serveProcess(args: readonly string[], env: Record<string, string> = {}): Promise<ServeProcess> {
  const child: ChildProcess = spawn(process.execPath, [MAIN, 'serve', ...args, '--port', '0'], {
    env: { ...process.env, ...env },
  })
  const lines: Record<string, unknown>[] = []
  let [rest, errors] = ['', '']
  const end = new Promise<number | NodeJS.Signals | null>(settle =>
    child.on('close', (code, signal) => settle(signal ?? code)),
  )
  onTestFinished(() => {
    child.kill('SIGKILL')
  })
  child.stderr!.on('data', chunk => {
    errors += chunk
  })
  return new Promise((settle, reject) => {
    child.stdout!.on('data', chunk => {
      const whole = (rest + chunk).split('\n')
      rest = whole.pop()!
      for (const line of whole) {
        lines.push(JSON.parse(line))
        const { msg, url } = lines.at(-1)!
        if (msg === 'listening')
          settle({ url: url as string, lines, signal: name => child.kill(name), ended: () => end })
      }
    })
    end.then(code => reject(Object.assign(new Error(errors), { code, lines })))
  })
}
