/**
 * What happens to a process while it runs: it is killed, stopped by a signal, held for a while, its disk is full, another one starts over
 * the same directory. The same command is started until it ends well, and must leave the bytes of a run that was left alone.
 */
import { execFileSync, spawn } from 'node:child_process'
import { existsSync, mkdirSync, rmSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { derive, randomStream } from '../../src/random.ts'
import type { CliResult } from '../../test/support/cli.ts'
import { differences, judgeError, type Outcome, type World } from './world.ts'

const BIN = resolve(import.meta.dirname, '../../src/cli/bin.ts')
const KINDS = ['SIGKILL', 'SIGTERM', 'SIGINT', 'SIGHUP', 'SIGSTOP', 'disk full', 'race', 'removed'] as const
/** Starts of the command before it counts as one that cannot be resumed. */
const MOST_STARTS = 12

/** A fault with this number. @param usual seconds of a whole run here */
export function processFaultOf(seed: number, index: number, usual: number) {
  const random = randomStream(derive(seed, 'process', index))
  const kind = KINDS[random.below(KINDS.length)]
  const after = usual * (0.1 + 0.9 * random.uniform())
  const kilobytes = 40 + random.below(400)
  const words = kind === 'disk full' ? `${kind} at ${kilobytes} KB` : `${kind} after ${after.toFixed(2)} s`
  return { kind, after, kilobytes, words }
}

/** Seconds that a run takes here, in a process of its own. */
export async function usualSeconds(world: World): Promise<number> {
  const out = join(world.directory, 'usual')
  const start = performance.now()
  const { code, stderr } = await begin([...world.args, '--out', out]).ended
  if (code !== 0) throw new Error(stderr)
  rmSync(out, { recursive: true })
  return (performance.now() - start) / 1000
}

export async function checkProcessFault(world: World, seed: number, index: number, usual: number): Promise<Outcome> {
  const { kind, after, kilobytes, words } = processFaultOf(seed, index, usual)
  const out = join(world.directory, 'process')
  rmSync(out, { recursive: true, force: true })
  const command = [...world.args, '--out', out]
  const failure = (why: string): Outcome => ({ kind: 'failure', what: `${words}: ${why}` })
  let disk: Disk | undefined
  if (kind === 'disk full') {
    disk = mountDisk(out, kilobytes)
    if (!disk) return { kind: 'skipped', what: `${words}: no disk can be mounted here` }
  }
  try {
    const said: string[] = []
    for (let start = 1; start <= MOST_STARTS; start++) {
      const process = begin(command)
      const other = kind === 'race' && start === 1 ? begin(command) : undefined
      if (start === 1) await disturb(kind, process, after, out)
      for (const result of await Promise.all([process.ended, ...(other ? [other.ended] : [])])) {
        if (result.code === 0 || (kind.startsWith('SIG') && result.code === null)) continue
        // Ctrl-C, SIGTERM and SIGHUP have the codes of a shell
        if (result.code !== null && result.code > 128 && !result.stderr.includes('    at ')) continue
        const { failure: wrong, line } = judgeError(result)
        if (wrong !== undefined) return failure(`start ${start}: ${wrong}`)
        said.push(line!)
      }
      // a removal that was itself in the way of what was written: what it left behind is refused
      if (kind === 'removed' && said.at(-1)?.includes('holds other files'))
        return { kind: 'error', what: `${words}: ${said.at(-1)}` }
      // somebody makes room
      disk?.grow()
      const ended = await process.ended
      if (ended.code === 0 || (await other?.ended)?.code === 0) {
        // removed when all was done
        if (kind === 'removed' && !existsSync(join(out, 'options.json'))) continue
        const differing = differences(world, out)
        if (differing !== undefined) return failure(differing)
        return { kind: said.length > 0 ? 'error' : 'same', what: `${words}: ${said[0] ?? 'the same bytes'}` }
      }
    }
    return failure(`not done after ${MOST_STARTS} starts: ${said.at(-1)}`)
  } finally {
    disk?.unmount()
  }
}

interface Started {
  readonly ended: Promise<CliResult>
  kill(signal: NodeJS.Signals): void
}

function begin(args: readonly string[]): Started {
  const child = spawn(process.execPath, ['--no-warnings', BIN, ...args])
  let stderr = ''
  child.stderr.on('data', chunk => {
    stderr += chunk
  })
  child.stdout.resume()
  const ended = new Promise<CliResult>(settle => child.on('close', code => settle({ code, stdout: '', stderr })))
  return { ended, kill: signal => child.kill(signal) }
}

async function disturb(kind: (typeof KINDS)[number], process: Started, after: number, out: string): Promise<void> {
  if (kind === 'disk full' || kind === 'race') return
  await Promise.race([wait(after * 1000), process.ended])
  if (kind === 'removed') return rmSync(out, { recursive: true, force: true, maxRetries: 20 })
  process.kill(kind)
  if (kind !== 'SIGSTOP') return
  await wait(300)
  process.kill('SIGCONT')
}

interface Disk {
  grow(): void
  unmount(): void
}

/** A file system of its own with little room; undefined where that is not allowed. */
function mountDisk(path: string, kilobytes: number): Disk | undefined {
  mkdirSync(path, { recursive: true })
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${kilobytes}k`, 'none', path], { stdio: 'ignore' })
  } catch {
    return undefined
  }
  return {
    grow: () => execFileSync('mount', ['-o', 'remount,size=100m', path]),
    unmount: () => execFileSync('umount', [path]),
  }
}
