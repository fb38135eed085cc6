/**
 * `npm run bench:serve`: what serving a model costs, beside what it is meant to cost. `npm run docs` brings it into the docs.
 *
 *   <run>              run directory with a fitted model, of the data below ../shared/data/sports; RP³β is fitted when absent
 *   --json <file>      where the figures go; bench/results/serve.json
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { formatTable } from '../../src/cli/shared/table.ts'
import { fitModel } from '../../src/serving/fit.ts'
import { openModel } from '../../src/serving/model/open-model.ts'
import { version } from '../../src/version.ts'
import { benchData, SPORTS } from '../data.ts'
import { machine } from '../machine.ts'
import { benchHttp } from './http.ts'
import { benchLibrary } from './library.ts'
import { serveTable, serveTitle } from './table.ts'

const { values, positionals } = parseArgs({
  options: { json: { type: 'string', default: 'bench/results/serve.json' } },
  allowPositionals: true,
})
const scratch = mkdtempSync(join(tmpdir(), 'dualtree-bench-run-'))
const run = positionals[0] ?? (await fitHere())

/** RP³β on the data of the other benches. */
async function fitHere(): Promise<string> {
  const directory = join(scratch, 'run')
  await fitModel({ source: SPORTS, directory, method: 'rp3beta', options: {} })
  return directory
}

const { name, split } = await benchData()
const model = await openModel(run)
const { id } = model.info
model.close()
const figures = [...(await benchLibrary(run)), ...(await benchHttp({ model: run, users: split.train.userIds.ids }))]
const results = {
  dualtree: version,
  node: process.version,
  cpu: machine(),
  data: name,
  hash: split.hash,
  model: id,
  figures,
}
writeFileSync(values.json, `${JSON.stringify(results, undefined, 1)}\n`)
rmSync(scratch, { recursive: true })
const { header, rows } = serveTable(results)
process.stdout.write(`${serveTitle(results)}\n\n${formatTable(header, rows)}\n`)
