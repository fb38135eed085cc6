/** Runs the command line from source, as a person would, or in the process of the test. */
import { spawn } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { main } from '../../src/cli/shared/main.ts'
import { type PlantedPairs, plantedData } from '../../src/dataset/planted.ts'

const MAIN = resolve(import.meta.dirname, '../../src/cli/bin.ts')

export interface CliResult {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

/** @param kill sends the signals that it gives, a tenth of a second apart; after SIGKILL the code is null */
export function runCli(
  args: readonly string[],
  {
    kill,
    cwd,
    environment,
    onStderr,
  }: {
    kill?: Promise<readonly NodeJS.Signals[]>
    cwd?: string
    environment?: Record<string, string>
    onStderr?: (soFar: string) => void
  } = {},
): Promise<CliResult> {
  return new Promise((settle, reject) => {
    const child = spawn(process.execPath, [MAIN, ...args], {
      ...(cwd !== undefined && { cwd }),
      env: { ...process.env, ...environment },
    })
    let stdout = ''
    let stderr = ''
    child.stdout.on('data', chunk => {
      stdout += chunk
    })
    child.stderr.on('data', chunk => {
      stderr += chunk
      onStderr?.(stderr)
    })
    kill?.then(signals => {
      for (const [index, signal] of signals.entries()) setTimeout(() => child.kill(signal), index * 100)
    })
    child.on('error', reject)
    child.on('close', code => {
      settle({ code, stdout, stderr })
    })
  })
}

/** The same in this process, which need not start: one command at a time, and nothing to kill. */
export async function runHere(args: readonly string[], { cwd = process.cwd() } = {}): Promise<CliResult> {
  const before = { directory: process.cwd(), exitCode: process.exitCode }
  const said = { stdout: '', stderr: '' }
  const streams = ['stdout', 'stderr'] as const
  const writers = streams.map(name => process[name].write)
  for (const name of streams)
    process[name].write = (text: string | Uint8Array) => {
      said[name] += text
      return true
    }
  process.chdir(cwd)
  process.exitCode = undefined
  try {
    return { code: await main(args), ...said }
  } finally {
    process.chdir(before.directory)
    process.exitCode = before.exitCode
    for (const [index, name] of streams.entries()) process[name].write = writers[index]
  }
}

/** Writes a small planted data set as train, valid and test files; returns their directory. */
export function writeSmallData(directory: string): string {
  const data = plantedData({ users: 80, items: 120, levels: 2, likesPerUser: 16 })
  const lines = ({ users, items }: PlantedPairs) => users.map((user, row) => `u${user} i${items[row]}\n`).join('')
  const input = join(directory, 'input')
  mkdirSync(input, { recursive: true })
  for (const part of ['train', 'valid', 'test'] as const) writeFileSync(join(input, `${part}.txt`), lines(data[part]))
  return input
}

/** Flags that make a whole run take about a second. */
export const QUICK = [
  '--dimensions',
  '8',
  '--layers',
  '1',
  '--epochs',
  '6',
  '--validate-every',
  '2',
  '--batch-size',
  '256',
  '--threads',
  '1',
  '--leaf-size',
  '8',
]
