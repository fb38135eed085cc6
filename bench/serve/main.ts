/**
 * `npm run bench:serve -- <run>`: what serving a model costs, beside what it is meant to cost.
 *
 *   <run>              run directory with a fitted model, of the data below ../shared/data/sports
 *   --json <file>      where the figures go; bench/results/serve.json
 */
import { writeFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { formatTable } from '../../src/cli/shared/table.ts'
import { openModel } from '../../src/serving/open-model.ts'
import { version } from '../../src/version.ts'
import { benchData } from '../data.ts'
import { machine } from '../machine.ts'
import { benchHttp } from './http.ts'
import { benchLibrary } from './library.ts'

const { values, positionals } = parseArgs({
  options: { json: { type: 'string', default: 'bench/results/serve.json' } },
  allowPositionals: true,
})
const [run] = positionals
if (run === undefined) throw new Error('give a run directory with a fitted model')
const { name, split } = await benchData()
const model = await openModel(run)
const { id } = model.info
model.close()
const figures = [...(await benchLibrary(run)), ...(await benchHttp({ model: run, users: split.train.userIds.ids }))]
const origin = { dualtree: version, node: process.version, cpu: machine(), data: name, hash: split.hash, model: id }
writeFileSync(values.json, `${JSON.stringify({ ...origin, figures }, undefined, 1)}\n`)
const rows = figures.map(({ name, value, unit, target, reached, others }) => [
  name,
  `${value >= 100 ? Math.round(value) : Number(value.toPrecision(3))} ${unit}`,
  target,
  target === '' ? '' : reached ? 'yes' : 'no',
  others.toFixed(2),
])
process.stdout.write(`dualtree ${version}, Node ${process.version}, ${machine()}; ${name}; ${id}\n\n`)
process.stdout.write(`${formatTable(['', 'measured', 'target', 'reached', 'CPU used by others'], rows)}\n`)
