/**
 * `npm run bench`: what every kernel reaches beside the machine's ceilings, and the times a user waits for beside what
 * they are meant to stay below, with one thread and with two.
 *
 * Run with `node --no-liftoff`: WebAssembly is then compiled well before its first call, not in the background meanwhile,
 * which takes long on a busy machine.
 *
 *   --only <pattern>   parts whose "group name" matches, such as kernels, "kernels spmm", epochs, EASE
 *   --threads <list>   1,2 by default
 *   --json <file>      where the figures go, added to those of the same data and machine; bench/results/bench.json
 *   --no-ceilings      kernels without the machine's ceilings beside them
 */
import { parseArgs } from 'node:util'
import { formatTable } from '../src/cli/shared/table.ts'
import { createKernels } from '../src/kernels/wasm/wasm.ts'
import { measureCeilings } from './ceilings.ts'
import { benchData, smallSplit } from './data.ts'
import { kernelCases, measureKernels, nameOf } from './kernels/run.ts'
import type { Measurement } from './measure.ts'
import { originOf, saveResults } from './results.ts'
import { createContext, stages } from './stages.ts'
import { ceilingTable, kernelTable, stageTable, type Table } from './tables.ts'

const { values: flags } = parseArgs({
  options: {
    only: { type: 'string', default: '' },
    threads: { type: 'string', default: '1,2' },
    json: { type: 'string', default: 'bench/results/bench.json' },
    ceilings: { type: 'boolean', default: true },
  },
  allowNegative: true,
})
const threadCounts = flags.threads.split(',').map(Number)
const pattern = new RegExp(flags.only, 'i')
const { name, split } = await benchData()
const origin = originOf(name, split)
const measurements: Measurement[] = []

const cases = kernelCases.filter(own => pattern.test(`kernels ${nameOf(own)}`))
if (cases.length > 0) {
  if (flags.ceilings) for (const threads of threadCounts) measurements.push(...(await measureCeilings(threads)))
  measurements.push(...(await measureKernels(cases, split.train, smallSplit().train, threadCounts)))
}

const chosen = stages.filter(stage => pattern.test(`${stage.group} ${stage.name}`))
const beginnings = createKernels({ threads: Math.max(...threadCounts) })
const context = createContext(split, beginnings)
for (const { group, name, limit, measure } of chosen) {
  for (const threads of threadCounts) {
    const kernels = createKernels({ threads })
    const samples = await measure(kernels, context)
    kernels.close()
    measurements.push({ group, name, threads, samples, ...(limit && { limit }) })
    // what is measured stays, whatever ends the run
    saveResults(flags.json, origin, measurements)
    process.stderr.write(
      `${name}, ${threads === 1 ? 'one thread' : `${threads} threads`}: ${samples.map(({ seconds }) => seconds.toFixed(2)).join(' ')} s\n`,
    )
  }
}
beginnings.close()

saveResults(flags.json, origin, measurements)
const print = ({ header, rows }: Table) => {
  if (rows.length > 0) process.stdout.write(`${formatTable(header, rows)}\n\n`)
}
process.stdout.write(
  `dualtree ${origin.dualtree}, Node ${origin.node}, ${origin.cpu}; ${name}, hash ${origin.hash.slice(0, 12)}\n\n`,
)
print(ceilingTable(measurements))
print(kernelTable(measurements))
print(stageTable(measurements, ['epochs', 'stages']))
