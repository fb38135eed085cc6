/**
 * Brings docs/results/performance.md and its picture up to bench/results.
 * A block between `<!-- bench: kernels -->` and `<!-- /bench -->` holds the table of that name.
 */
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { peerTable } from '../../../bench/peers/table.ts'
import type { PeerResult } from '../../../bench/peers/work.ts'
import { type Origin, type Results, readResults } from '../../../bench/results.ts'
import type { ScaleResult } from '../../../bench/scale/growth.ts'
import { growthTable, largeTable, largeTitle } from '../../../bench/scale/tables.ts'
import { type ServeResults, serveTable, serveTitle } from '../../../bench/serve/table.ts'
import { ceilingTable, kernelShares, kernelTable, stageTable, type Table } from '../../../bench/tables.ts'
import { formatTable } from '../../../src/cli/shared/table.ts'
import { createPlotter } from '../../../src/report/page/plot.ts'

interface ScaleResults {
  readonly dualtree: string
  readonly node: string
  readonly cpu: string
  readonly results: readonly ScaleResult[]
}

interface PeerResults extends Origin {
  /** when it was measured */
  readonly day: string
  readonly results: readonly PeerResult[]
}

const BLOCK = /<!-- bench: ([^>]+?) -->\n[\s\S]*?\n?<!-- \/bench -->/g

/** The files that show figures, by their path in the project, with every marked block filled. */
export async function performanceFiles(root: string): Promise<Record<string, string>> {
  const bench = readResults(join(root, 'bench/results/bench.json'))
  const scale: ScaleResults = JSON.parse(readFileSync(join(root, 'bench/results/scale.json'), 'utf8'))
  const peers: PeerResults = JSON.parse(readFileSync(join(root, 'bench/results/peers.json'), 'utf8'))
  const served = join(root, 'bench/results/serve.json')
  const serve: ServeResults | undefined = existsSync(served) ? JSON.parse(readFileSync(served, 'utf8')) : undefined
  const blocks: Record<string, string> = {
    ...blocksOf(bench, scale),
    ...peerBlocks(peers),
    serve: serve
      ? `${serveTitle(serve)}\n\n${printed(percentiles(columns(serveTable(serve), ['', 'measured', 'target'], isFirst)))}`
      : 'No figures in bench/results yet.',
  }
  const filled = (path: string) =>
    readFileSync(join(root, path), 'utf8').replace(BLOCK, (_, name: string) => {
      if (blocks[name] === undefined) throw new Error(`${path}: no figures are called "${name}"`)
      return `<!-- bench: ${name} -->\n\n${blocks[name]}\n\n<!-- /bench -->`
    })
  return {
    'docs/results/performance.md': filled('docs/results/performance.md'),
    'docs/images/kernels.svg': await kernelPicture(bench),
  }
}

function blocksOf(bench: Results, scale: ScaleResults): Record<string, string> {
  const { measurements } = bench
  const large = scale.results.filter(({ name }) => name.startsWith('large'))
  return {
    origin:
      `dualtree ${bench.dualtree}, Node ${bench.node}, ${bench.cpu}; ${bench.data}, seed 1, ` +
      `data hash \`${bench.hash.slice(0, 12)}\`.`,
    ceilings: printed(ceilingTable(measurements)),
    kernels: printed(
      columns(
        kernelTable(measurements),
        ['kernel, one thread', 'per call', 'of ceiling', 'of copy', '2 threads'],
        isLong,
      ),
    ),
    stages: printed(byThreads(stageTable(measurements, ['epochs', 'stages']))),
    'scale origin': `dualtree ${scale.dualtree}, Node ${scale.node}, ${scale.cpu}; seed 1.`,
    large: large.map(largeCase).join('\n\n'),
    growth: printed(columns(growthTable(scale.results), ['time grows as', 'E to the', 'U to the', 'I to the'], isOurs)),
  }
}

function peerBlocks({ results, day, ...origin }: PeerResults): Record<string, string> {
  return {
    'peers origin': `${day}, dualtree ${origin.dualtree}, Node ${origin.node}, ${origin.cpu}; ${origin.data}, data hash \`${origin.hash.slice(0, 12)}\`.`,
    peers: printed(peerTable(results)),
  }
}

/** Kernels that take two milliseconds or more: the others are in the picture. */
const isLong = ([, perCall]: readonly string[]) =>
  perCall.endsWith(' s') || (perCall.endsWith(' ms') && Number.parseFloat(perCall) >= 2)

/** Not the time that the benchmark takes to generate its data, nor an epoch together with what comes before it. */
const isOurs = ([stage]: readonly string[]) => stage !== 'data made' && !stage.endsWith('set up and one epoch')

/** Not the processor time of starts whose wall time stands above it. */
const isFirst = ([name]: readonly string[]) => !/^open .*, processor time$|^processor time to ready$/.test(name)

/** One row per case, with both numbers of threads. */
function byThreads(table: Table): Table {
  const { rows } = columns(table, ['seconds', 'threads', 'median', 'target', 'speed-up'])
  const own = (name: string, threads: string) => rows.find(row => row[0] === name && row[1] === threads) ?? []
  return {
    header: ['seconds', '1 thread', '2 threads', 'target', 'speed-up'],
    rows: [...new Set(rows.map(([name]) => name))].map(name => {
      const [, , median = '', target = '', speedUp = ''] = own(name, '2')
      return [name, own(name, '1')[2] ?? '', median, target, speedUp]
    }),
  }
}

/** Stages as a table, memory as a sentence. */
function largeCase(result: ScaleResult): string {
  const table = columns(largeTable(result), ['', 'wall time', 'processor time'], isOurs)
  const isStage = ([, , processor]: readonly string[]) => processor !== ''
  const memory = table.rows.filter(row => !isStage(row)).map(([name, bytes]) => `${name} ${bytes}`)
  const stages = { ...table, rows: table.rows.filter(isStage) }
  return `**${largeTitle(result)}**;\n${memory.join('; ')}.\n\n${printed(stages)}`
}

/** The median and the 99th percentile of one thing in one row. */
function percentiles({ header, rows }: Table): Table {
  const half = /^(.*?),? ?p50/
  const merged = rows.flatMap(row => {
    const [name, ...values] = row
    if (/\bp99/.test(name) && rows.some(([other]) => other === name.replace('p99', 'p50'))) return []
    const other = half.test(name) && rows.find(([other]) => other === name.replace('p50', 'p99'))
    if (!other) return [row]
    const pair = values.map((value, at) => {
      const last = other[at + 1]
      if (value === '') return last && `p99 ${last}`
      return `${value.replace(/ \S+$/, '')} / ${last.replace('≤ ', '')}`
    })
    return [[name.replace('p50', 'p50 / p99'), ...pair]]
  })
  return { header, rows: merged }
}

/** Some columns of a table, of some of its rows; all that was measured is in bench/results. */
function columns(
  { header, rows }: Table,
  wanted: readonly string[],
  keep: (row: readonly string[]) => boolean = () => true,
): Table {
  const places = wanted.map(name => header.indexOf(name))
  const missing = wanted.filter((_, at) => places[at] < 0)
  if (missing.length > 0) throw new Error(`no column is called ${missing.join(', ')}`)
  return { header: wanted, rows: rows.filter(keep).map(row => places.map(place => row[place])) }
}

/** As the benchmarks print them, without the rule. */
function printed(table: Table): string {
  const { header, rows } = unitsInHeader(table)
  const lines = formatTable(header, rows, Number.POSITIVE_INFINITY).split('\n')
  return `\`\`\`text\n${lines.toSpliced(1, 1).join('\n')}\n\`\`\``
}

/** A unit that every value of a column has stands in its heading. */
function unitsInHeader({ header, rows }: Table): Table {
  const unitOf = (cell: string) =>
    cell
      .match(/^(×) [\d.]+$|^[\d.]+ (ms|s|%)$/)
      ?.slice(1)
      .find(Boolean)
  const units = header.map((_, at) => {
    const found = new Set(rows.flatMap(row => (row[at] ? [unitOf(row[at])] : [])))
    return found.size === 1 ? [...found][0] : undefined
  })
  const bare = (cell: string, unit?: string) => (unit ? cell.replace(`${unit} `, '').replace(` ${unit}`, '') : cell)
  return {
    header: header.map((name, at) => (units[at] ? `${name}, ${units[at]}` : name)),
    rows: rows.map(row => row.map((cell, at) => bare(cell, units[at]))),
  }
}

const INK = '#1f2328'
const BAR = '#0969da'
const SECOND_BAR = '#bf8700'

/** What each kernel reaches of the two ceilings, on one thread. */
async function kernelPicture({ measurements }: Results): Promise<string> {
  const { Plot, draw } = await createPlotter()
  const shares = kernelShares(measurements)
  const bars = shares.flatMap(({ name, macs, bytes }) => [
    { name, of: 'multiply-adds', share: 100 * macs },
    { name, of: 'bytes', share: 100 * bytes },
  ])
  const label = 'Each kernel on one thread: share of the multiply-add ceiling and of a stream copy, in per cent'
  const drawing = draw(
    {
      ...{ width: 760, height: 60 + 22 * shares.length, marginLeft: 250, marginTop: 40 },
      style: { background: 'white', color: INK, fontFamily: 'system-ui, sans-serif', fontSize: '12px' },
      x: {
        label: '% of the ceiling (values from caches exceed a copy of memory)',
        grid: true,
        axis: 'top',
        labelAnchor: 'center',
      },
      y: { label: null, axis: null },
      fy: { label: null, domain: shares.map(({ name }) => name), axis: 'left' },
      color: { domain: ['multiply-adds', 'bytes'], range: [BAR, SECOND_BAR] },
      marks: [Plot.barX(bars, { fy: 'name', y: 'of', x: 'share', fill: 'of' }), Plot.ruleX([0, 100])],
    },
    label,
  )
  return `${String(drawing).replace('<svg ', '<svg xmlns="http://www.w3.org/2000/svg" ')}\n`
}
