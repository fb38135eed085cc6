/** Damage to the ledger of a run: as it lies there when all is done, and as a killed process leaves it, with a write-ahead log. */
import { cpSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { readTable } from '../../src/dataset/table.ts'

import { derive, randomStream } from '../../src/random.ts'
import { openChatServer } from '../../test/support/chat-server.ts'
import { QUICK, writeSmallData } from '../../test/support/cli.ts'
import { type Damage, damagedCopy, damageOf, filesOf } from './damage.ts'
import { here } from './readers.ts'
import { judgeError, type Outcome } from './world.ts'

export type LedgerWorld = Awaited<ReturnType<typeof createLedgerWorld>>

const STATES = ['done', 'killed'] as const
const VERDICTS = join('judge', 'verdicts.parquet')

/** Runs whose prompts are all answered, and what each command says over them. */
export async function createLedgerWorld() {
  const directory = mkdtempSync(join(tmpdir(), 'dualtree-judge-faults-'))
  const server = await openChatServer()
  const source = writeSmallData(directory)
  const runs = { done: join(directory, 'done'), killed: join(directory, 'killed') }
  const sound = async (...args: string[]) => {
    const { code, stdout, stderr } = await here(args)
    if (code !== 0) throw new Error(`${args.join(' ')} ended with ${code}: ${stderr}`)
    return stdout
  }
  const prepared = join(directory, 'prepared')
  await sound('run', source, '--out', prepared, ...QUICK, '--baselines', '', '--quiet')
  cpSync(prepared, join(directory, 'open'), { recursive: true })
  const run = join(directory, 'open')
  const ask = ['--llm-model', 'tiny', '--base-url', server.url, '--quiet']
  await sound('judge', 'run', run, ...ask, '--sample', '40')
  // while somebody has it open, what was written stays in the log
  const held = new DatabaseSync(join(run, 'ledger', 'ledger.sqlite'))
  held.exec('PRAGMA wal_autocheckpoint = 0; SELECT count(*) FROM answers')
  await sound('judge', 'run', run, ...ask)
  cpSync(run, runs.killed, { recursive: true, filter: path => !/-shm$|at-work/.test(path) })
  held.close()
  await sound('judge', 'status', run)
  cpSync(run, runs.done, { recursive: true, filter: path => !path.includes('at-work') })
  const commands: Record<string, (run: string) => string[]> = {
    status: run => ['judge', 'status', run],
    show: run => ['judge', 'show', run],
    parse: run => ['judge', 'parse', run, '--quiet'],
    run: run => ['judge', 'run', run, ...ask],
    replay: run => ['judge', prepared, '--judge', 'replay', '--from', join(run, 'ledger', 'ledger.sqlite'), '--quiet'],
  }
  const expected: Record<string, string> = {}
  for (const [name, command] of Object.entries(commands)) expected[name] = await sound(...command(runs.done))
  const verdicts = readFileSync(join(runs.done, VERDICTS))
  const files = Object.fromEntries(
    STATES.map(state => [state, filesOf(runs[state]).filter(file => file.startsWith('ledger'))]),
  )
  const close = async () => {
    await server.stop()
    rmSync(directory, { recursive: true, force: true })
  }
  return { directory, prepared, runs, commands, expected, verdicts, files, close }
}

export function ledgerFaultOf({ files, commands }: LedgerWorld, seed: number, index: number) {
  const random = randomStream(derive(seed, 'ledger', index))
  const state = STATES[random.below(2)]
  const names = Object.keys(commands)
  const command = names[random.below(names.length)]
  const damage: Damage = damageOf(seed, index, files[state])
  return { state, command, damage, words: `${damage.kind}: ${damage.file} of a ${state} run, then judge ${command}` }
}

export async function checkLedgerFault(world: LedgerWorld, seed: number, index: number): Promise<Outcome> {
  const { state, command, damage, words } = ledgerFaultOf(world, seed, index)
  const copy = damagedCopy(world.directory, world.runs[state], damage)
  const result = await here(world.commands[command](copy))
  const { failure, line } = result.code === 0 ? await silent(world, command, copy, result) : judgeError(result)
  if (failure !== undefined) return { kind: 'failure', what: `${words}: ${failure}` }
  return line === undefined ? { kind: 'same', what: words } : { kind: 'error', what: `${words}: ${line}` }
}

/**
 * A command that went well says what it says without damage, or what it healed: fewer prompts are done, or answers are damaged. Nothing tells
 * that a log was there which is gone: what is replayed then are the verdicts before it, and the others are said to be missing.
 */
async function silent(
  { expected, verdicts, prepared, runs }: LedgerWorld,
  command: string,
  copy: string,
  { stdout }: { readonly stdout: string },
): Promise<{ failure?: string; line?: string }> {
  const made = command === 'replay' ? join(prepared, VERDICTS) : join(copy, VERDICTS)
  const differs = command !== 'status' && command !== 'show' && !readFileSync(made).equals(verdicts)
  if (differs && command === 'replay' && (await isLess(made, join(runs.done, VERDICTS), stdout))) return {}
  if (differs) return { failure: `exit 0, but other verdicts: ${stdout.slice(0, 300)}` }
  if (command === 'run' || command === 'replay' || command === 'parse') return {}
  const plain = (text: string) => text.replaceAll(copy, 'RUN').replaceAll(/\/\S+\/done\b/g, 'RUN')
  if (plain(stdout) === plain(expected[command])) return {}
  const done = (text: string) => Number(/^(\d+) of \d+ prompts done/.exec(text)?.[1])
  if (stdout.includes('damaged') || done(stdout) < done(expected[command])) return {}
  return { failure: `exit 0, but it printed ${stdout.slice(0, 600)}` }
}

/** Whether verdicts are the others but for those that are invalid, as many as a command says. */
async function isLess(path: string, whole: string, stdout: string): Promise<boolean> {
  const [some, all] = [await readTable(path, ['verdict']), await readTable(whole, ['verdict'])]
  const changed = some.verdict.filter((verdict, row) => verdict !== all.verdict[row])
  const said = Number(/(\d+) without a valid verdict/.exec(stdout)?.[1])
  const invalid = some.verdict.filter(verdict => verdict === 'invalid').length
  return (
    some.verdict.length === all.verdict.length && changed.every(verdict => verdict === 'invalid') && said === invalid
  )
}
