/**
 * `npm run bench:serve`: what serving a model costs, beside what it is meant to cost. `npm run docs` brings it into the docs.
 *
 *   <run>              run directory with a fitted model, of the data below ../shared/data/sports; RP³β is fitted when absent
 *   --only <part>      serve (without the next two), peer (beside implicit, where a Python has it), ann (an index of a million items: minutes);
 *                      serve and peer when absent. Figures of other parts stay as they are
 *   --python <path>    that has implicit; else that of bench:peers, or python3
 *   --items <n>        of ann; 1000000
 *   --json <file>      where the figures go; bench/results/serve.json
 */
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { formatTable } from '../../src/cli/shared/table.ts'
import { fitModel } from '../../src/serving/fit.ts'
import { openModel } from '../../src/serving/model/open-model.ts'
import { version } from '../../src/version.ts'
import { benchData, SPORTS } from '../data.ts'
import { machine } from '../machine.ts'
import { benchAnn } from './ann.ts'
import { benchHttp, type Figure } from './http.ts'
import { benchLibrary } from './library.ts'
import { benchPeer, findImplicit } from './peer.ts'
import { type ServeResults, serveTable, serveTitle } from './table.ts'

const { values, positionals } = parseArgs({
  options: {
    json: { type: 'string', default: 'bench/results/serve.json' },
    only: { type: 'string' },
    python: { type: 'string' },
    items: { type: 'string', default: '1000000' },
  },
  allowPositionals: true,
})
const scratch = mkdtempSync(join(tmpdir(), 'dualtree-bench-run-'))
/** RP³β on the data of the other benches. */
async function fitHere(): Promise<string> {
  const directory = join(scratch, 'run')
  await fitModel({ source: SPORTS, directory, method: 'rp3beta', options: {} })
  return directory
}

const wants = (part: string) => (values.only === undefined ? part !== 'ann' : values.only === part)
const { name, split } = await benchData()
const before: ServeResults | undefined = existsSync(values.json)
  ? JSON.parse(readFileSync(values.json, 'utf8'))
  : undefined
const kept = (part?: Figure['part']) => (before?.figures ?? []).filter(figure => figure.part === part)
const as = (part: NonNullable<Figure['part']>, figures: readonly Figure[]) =>
  figures.map(figure => ({ ...figure, part }))

let [id, own] = [before?.model ?? '', kept()]
if (wants('serve')) {
  const run = positionals[0] ?? (await fitHere())
  const model = await openModel(run)
  id = model.info.id
  model.close()
  own = [...(await benchLibrary(run)), ...(await benchHttp({ model: run, users: split.train.userIds.ids }))]
}
const python = wants('peer') ? findImplicit(values.python) : undefined
if (wants('peer') && python === undefined)
  process.stderr.write('not measured: implicit, which no Python here has (npm run bench:peers makes one)\n')
const peer = python === undefined ? kept('peer') : as('peer', await benchPeer(python, split))
const ann = wants('ann') ? as('ann', await benchAnn(Number(values.items))) : kept('ann')
const results: ServeResults = {
  dualtree: version,
  node: process.version,
  cpu: machine(),
  data: name,
  hash: split.hash,
  model: id,
  figures: [...own, ...peer, ...ann],
}
writeFileSync(values.json, `${JSON.stringify(results, undefined, 1)}\n`)
rmSync(scratch, { recursive: true })
const { header, rows } = serveTable(results)
process.stdout.write(`${serveTitle(results)}\n\n${formatTable(header, rows)}\n`)
