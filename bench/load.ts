/**
 * `node bench/load.ts [folder …]`: the time of `loadSplit` for a file of pairs in a process of its own, with the packages that
 * `npm run build` has left in these folders (default: here), in turns. The file has the train part of Sports twice, the second
 * time with other users; planted data of that size where Sports is not.
 *
 *   --rounds <n>   processes for each folder, 9 by default
 */
import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { pairsOf } from '../src/dataset/dataset.ts'
import { benchData } from './data.ts'
import { median } from './measure.ts'

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
  const { users, items } = pairsOf((await benchData()).split.train)
  const lines = (added: number) => Array.from(users, (user, at) => `${user + added} ${items[at]}\n`)
  writeFileSync(file, [...lines(0), ...lines(OTHER_USERS)].join(''))
  const samples = folders.map((): number[][] => [])
  for (let round = 0; round < Number(flags.rounds); round++)
    for (const [at, folder] of folders.entries()) {
      const words = ['--input-type=module', '-e', PROGRAM, resolve(folder, 'dist/index.js'), file]
      samples[at].push(JSON.parse(execFileSync(process.execPath, words, { encoding: 'utf8' })))
    }
  console.log(`${2 * users.length} pairs; medians of ${flags.rounds}, ms`)
  for (const [at, folder] of folders.entries()) {
    const [module, wall, processor] = [0, 1, 2].map(which =>
      median(samples[at].map(sample => sample[which])).toFixed(0),
    )
    console.log(`${folder}: ${wall} wall, ${processor} processor time; before it, ${module} for the module`)
  }
} finally {
  rmSync(directory, { recursive: true })
}
