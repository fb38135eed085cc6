/**
 * `npm run bench:scale`: sizes far beyond the data at hand, on generated interactions, each in a process of its own; and
 * how times grow with interactions (E), users (U) and items (I).
 *
 *   --only <pattern>   cases whose name matches: "large mf", "large lightgcn", growth
 *   --json <file>      where the outcomes go, added to those of other cases; bench/results/scale.json
 */
import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { formatTable } from '../src/cli/shared/table.ts'
import { version } from '../src/version.ts'
import { machine } from './machine.ts'
import type { ScaleCase, ScaleOutcome } from './scale/case.ts'
import { growthCases, largeCases } from './scale/cases.ts'
import type { ScaleResult } from './scale/growth.ts'
import { growthTable, largeTable, largeTitle } from './scale/tables.ts'

const { values: flags } = parseArgs({
  options: {
    only: { type: 'string', default: '' },
    json: { type: 'string', default: 'bench/results/scale.json' },
  },
})
const script = fileURLToPath(new URL('scale/case.ts', import.meta.url))

function runCase(given: ScaleCase): ScaleOutcome {
  const { status, stdout } = spawnSync(process.execPath, [script, JSON.stringify(given)], {
    stdio: ['ignore', 'pipe', 'inherit'],
    encoding: 'utf8',
  })
  if (status !== 0) throw new Error(`${given.name}: the process ended with status ${status}; see above`)
  return JSON.parse(stdout)
}

const results = new Map<string, ScaleResult>()
if (existsSync(flags.json))
  for (const result of JSON.parse(readFileSync(flags.json, 'utf8')).results) results.set(result.name, result)
mkdirSync(dirname(flags.json), { recursive: true })
const pattern = new RegExp(flags.only, 'i')
for (const given of [...largeCases, ...growthCases].filter(({ name }) => pattern.test(name))) {
  process.stderr.write(`${given.name}\n`)
  results.set(given.name, { ...given, ...runCase(given) })
  const origin = { dualtree: version, node: process.version, cpu: machine() }
  writeFileSync(flags.json, `${JSON.stringify({ ...origin, results: [...results.values()] }, null, 1)}\n`)
}

const all = [...results.values()]
for (const result of all.filter(({ name }) => name.startsWith('large'))) {
  const { header, rows } = largeTable(result)
  process.stdout.write(`${largeTitle(result)}\n\n${formatTable(header, rows)}\n\n`)
}
const { header, rows } = growthTable(all)
if (rows.length > 0) process.stdout.write(`${formatTable(header, rows)}\n`)
