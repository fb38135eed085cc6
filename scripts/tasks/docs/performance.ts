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
      ? `${serveTitle(serve)}\n\n${markdown(columns(serveTable(serve), ['', 'measured', 'target']))}`
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
    ceilings: markdown(ceilingTable(measurements)),
    kernels: markdown(
      columns(
        kernelTable(measurements),
        ['kernel, one thread', 'per call', 'of ceiling', 'of copy', '2 threads'],
        isLong,
      ),
    ),
    stages: markdown(
      columns(stageTable(measurements, ['epochs', 'stages']), ['seconds', 'threads', 'median', 'target', 'speed-up']),
    ),
    'scale origin': `dualtree ${scale.dualtree}, Node ${scale.node}, ${scale.cpu}; generated data, seed 1.`,
    large: large
      .map(
        result =>
          `**${largeTitle(result)}**\n\n${markdown(columns(largeTable(result), ['', 'wall time', 'processor time']))}`,
      )
      .join('\n\n'),
    growth: markdown(columns(growthTable(scale.results), ['time grows as', 'E to the', 'U to the', 'I to the'])),
  }
}

function peerBlocks({ results, day, ...origin }: PeerResults): Record<string, string> {
  return {
    'peers origin': `${day}, dualtree ${origin.dualtree}, Node ${origin.node}, ${origin.cpu}; ${origin.data}, data hash \`${origin.hash.slice(0, 12)}\`.`,
    peers: markdown(peerTable(results)),
  }
}

/** Kernels that take a millisecond or more: the others are in the picture. */
const isLong = ([, perCall]: readonly string[]) => !perCall.endsWith('µs')

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

function markdown({ header, rows }: Table): string {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`
  return [line(header), line(header.map((_, column) => (column ? '--:' : '---'))), ...rows.map(line)].join('\n')
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
