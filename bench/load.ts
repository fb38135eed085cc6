/**
 * `node bench/load.ts [folder …]`: the time of `loadSplit` for a file of pairs in a process of its own, with the packages that
 * `npm run build` has left in these folders (default: here), in turns. The file has the train part of Sports twice, the second
 * time with other users; planted data of that size where Sports is not.
 *
 *   --rounds <n>   processes for each folder, 9 by default
 */
import { execFileSync } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { pairsOf } from '../src/dataset/dataset.ts'
import { benchData, SPORTS } from './data.ts'

const OTHER_USERS = 40_000

/** What a process runs; its words say where the package and the file are. */
const PROGRAM = `
  const started = performance.now()
  const { loadSplit } = await import(process.argv[1])
  const [before, cpu] = [performance.now(), process.cpuUsage()]
  await loadSplit(process.argv[2])
  const { user, system } = process.cpuUsage(cpu)
  console.log(JSON.stringify([before - started, performance.now() - before, (user + system) / 1000]))
`

const { values: flags, positionals } = parseArgs({
  options: { rounds: { type: 'string', default: '9' } },
  allowPositionals: true,
})
const folders = positionals.length > 0 ? positionals : ['.']
const directory = mkdtempSync(join(tmpdir(), 'dualtree-'))
try {
  const file = join(directory, 'pairs.txt')
  const pairs = await pairsOfTrain()
  const again = pairs.map(([user, item]) => [user + OTHER_USERS, item])
  writeFileSync(file, [...pairs, ...again].map(pair => `${pair.join(' ')}\n`).join(''))
  const samples = folders.map((): number[][] => [])
  for (let round = 0; round < Number(flags.rounds); round++)
    for (const [at, folder] of folders.entries()) {
      const words = ['--input-type=module', '-e', PROGRAM, resolve(folder, 'dist/index.js'), file]
      samples[at].push(JSON.parse(execFileSync(process.execPath, words, { encoding: 'utf8' })))
    }
  console.log(`${2 * pairs.length} pairs; medians of ${flags.rounds}, ms`)
  for (const [at, folder] of folders.entries()) {
    const [module, wall, processor] = [0, 1, 2].map(which => median(samples[at].map(sample => sample[which])))
    console.log(`${folder}: ${wall} wall, ${processor} processor time; before it, ${module} for the module`)
  }
} finally {
  rmSync(directory, { recursive: true })
}

async function pairsOfTrain(): Promise<number[][]> {
  const path = join(SPORTS, 'train.txt')
  if (existsSync(path))
    return readFileSync(path, 'utf8')
      .trim()
      .split('\n')
      .map(line => line.split(' ').map(Number))
  const { users, items } = pairsOf((await benchData()).split.train)
  return Array.from(users, (user, at) => [user, items[at]])
}

function median(values: number[]): string {
  return values.toSorted((a, b) => a - b)[values.length >> 1].toFixed(0)
}
