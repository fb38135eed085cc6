/**
 * `npm run bench:peers`: times beside those of other libraries, one thread each, in one sitting and in turns; each in a process of its own, in
 * processor seconds, with the quality of its lists. Needs python3 and a package index; every peer gets an environment of its own.
 *
 *   --only <pattern>   rows whose work or peer matches
 *   --rounds <n>       times that each is measured; 3
 *   --venvs <dir>      where the environments are; bench/peers/.venvs
 *   --json <file>      where results go, added to those of other rows; bench/results/peers.json
 */
import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { formatTable } from '../../src/cli/shared/table.ts'
import type { Split } from '../../src/dataset/split.ts'
import { evaluate } from '../../src/evaluation/evaluate.ts'
import type { Recommender } from '../../src/models/recommender.ts'
import { benchData, writePairs } from '../data.ts'
import { originOf } from '../results.ts'
import { peerTable } from './table.ts'
import { K, type PeerOutcome, type PeerResult, QUALITY, type Row, rows, type Side } from './work.ts'

const home = import.meta.dirname
const { values: flags } = parseArgs({
  options: {
    only: { type: 'string', default: '' },
    rounds: { type: 'string', default: '3' },
    venvs: { type: 'string', default: join(home, '.venvs') },
    json: { type: 'string', default: 'bench/results/peers.json' },
  },
})

/** Runs a program to its end. @throws Error with what it said */
function run(program: string, args: readonly string[], env?: NodeJS.ProcessEnv): string {
  const options = { encoding: 'utf8', maxBuffer: 2 ** 26, env: { ...process.env, ...env } } as const
  const { status, stdout, stderr, error } = spawnSync(program, args, options)
  if (status !== 0) throw new Error(`${program} ${args.join(' ')}: ${error?.message ?? stderr.slice(-2000)}`)
  return stdout
}

/** The Python of a peer's environment, which is made when it is not there. */
function pythonOf(peer: string): string {
  const folder = resolve(flags.venvs, peer)
  const python = join(folder, 'bin/python')
  if (existsSync(python)) return python
  process.stderr.write(`installing ${peer}\n`)
  try {
    run('python3', ['-m', 'venv', folder])
    run(python, ['-m', 'pip', 'install', '-q', '-r', join(home, `requirements/${peer}.txt`)])
  } catch (error) {
    rmSync(folder, { recursive: true, force: true })
    throw error
  }
  return python
}

/** The first package of a peer's requirements is the one that is measured. */
const versionOf = (peer: string) => readFileSync(join(home, `requirements/${peer}.txt`), 'utf8').split('\n')[0]

/** NDCG@20 on validation of the lists of all users, where a side left some. */
function qualityOf(file: string, { train, valid }: Split): number | undefined {
  if (!existsSync(file)) return undefined
  const bytes = readFileSync(file)
  const all = new Int32Array(bytes.buffer, bytes.byteOffset, bytes.length / 4)
  const recommend: Recommender['recommend'] = ({ users }) => {
    const items = Int32Array.from(
      { length: users!.length * K },
      (_, at) => all[users![Math.floor(at / K)] * K + (at % K)],
    )
    return { k: K, items, scores: new Float32Array(items.length) }
  }
  const request = {
    truth: valid,
    histories: train.byUser,
    seen: train.byUser,
    seed: 1,
    cutoffs: [K],
    metrics: ['ndcg'],
  }
  return evaluate({ users: train.users, items: train.items, recommend }, request).metrics[`ndcg@${K}`]
}

const SINGLE = {
  OPENBLAS_NUM_THREADS: '1',
  OMP_NUM_THREADS: '1',
  MKL_NUM_THREADS: '1',
  PYTHONWARNINGS: 'ignore',
  QUALITY: String(QUALITY),
}

function measure({ work, peer }: Row, folder: string, split: Split): Pick<PeerResult, 'own' | 'other'> {
  const python = pythonOf(peer)
  const sides = {
    own: { program: process.execPath, args: ['--no-warnings', join(home, 'dualtree.ts')] },
    other: { program: python, args: [join(home, `peer_${peer}.py`)] },
  }
  const seconds = { own: [] as number[], other: [] as number[] }
  const quality: Record<string, number | undefined> = {}
  for (let round = 0; round < Number(flags.rounds); round++)
    for (const side of ['own', 'other'] as const) {
      const out = join(folder, `${side}.bin`)
      rmSync(out, { force: true })
      const { program, args } = sides[side]
      const said = run(program, [...args, work, folder, out], SINGLE)
        .trim()
        .split('\n')
        .at(-1)!
      const outcome: PeerOutcome = JSON.parse(said)
      seconds[side].push(outcome.seconds)
      quality[side] ??= qualityOf(out, split)
    }
  const side = (name: 'own' | 'other'): Side => {
    const ndcg20 = quality[name]
    return { seconds: seconds[name], ...(ndcg20 !== undefined && { ndcg: ndcg20 }) }
  }
  return { own: side('own'), other: side('other') }
}

const data = await benchData()
const folder = mkdtempSync(join(tmpdir(), 'dualtree-peers-'))
writePairs(folder, data.split)
const key = ({ work, peer }: Row) => `${work} ${peer}`
const known = new Map<string, PeerResult>()
if (existsSync(flags.json))
  for (const result of JSON.parse(readFileSync(flags.json, 'utf8')).results) known.set(key(result), result)
const failures: string[] = []
for (const row of rows.filter(row => new RegExp(flags.only, 'i').test(key(row)))) {
  process.stderr.write(`${row.title}, ${row.peer}\n`)
  try {
    known.set(key(row), { ...row, version: versionOf(row.peer), ...measure(row, folder, data.split) })
  } catch (error) {
    failures.push(`${key(row)}: ${(error as Error).message}`)
    continue
  }
  const results = rows.flatMap(row => known.get(key(row)) ?? [])
  mkdirSync(dirname(flags.json), { recursive: true })
  const day = new Date().toISOString().slice(0, 10)
  writeFileSync(flags.json, `${JSON.stringify({ ...originOf(data.name, data.split), day, results }, undefined, 1)}\n`)
}
rmSync(folder, { recursive: true })
const { header, rows: lines } = peerTable([...known.values()])
process.stdout.write(`${formatTable(header, lines)}\n`)
for (const failure of failures) process.stderr.write(`not measured: ${failure}\n`)
process.exitCode = failures.length ? 1 : 0
