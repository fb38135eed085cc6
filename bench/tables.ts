/** Measurements as rows of text, the same on the terminal and in the docs. */
import { type Measurement, median, secondsOf, secondsOfSample } from './measure.ts'

export interface Table {
  readonly header: readonly string[]
  readonly rows: readonly (readonly string[])[]
}

const GIGA = 1e9

/** Seconds in the unit that suits them. */
export function formatTime(seconds: number): string {
  if (seconds >= 1) return `${seconds.toFixed(2)} s`
  if (seconds >= 1e-3) return `${(seconds * 1e3).toFixed(seconds < 0.01 ? 2 : 1)} ms`
  return `${(seconds * 1e6).toFixed(1)} µs`
}

export function ceilingTable(all: readonly Measurement[]): Table {
  const own = all.filter(({ group }) => group === 'ceilings')
  return {
    header: ['ceiling', 'threads', 'rate'],
    rows: own.map(measurement => {
      const copies = measurement.work!.bytes > 0
      const rates = measurement.samples.map(sample =>
        rate(measurement, copies ? 'bytes' : 'macs', secondsOfSample(measurement.threads, sample)),
      )
      const unit = copies ? 'GB/s' : 'GMAC/s'
      return [measurement.name, String(measurement.threads), `${median(rates).toFixed(1)} ${unit}`]
    }),
  }
}

/** What a kernel reaches on one thread of the ceilings of the same run; 0 where it does none of it. */
export interface KernelShares {
  readonly name: string
  readonly macs: number
  readonly bytes: number
}

export function kernelShares(all: readonly Measurement[]): KernelShares[] {
  const ceiling = (ceilingName: string, of: 'bytes' | 'macs') => {
    const found = all.find(({ group, name, threads }) => group === 'ceilings' && threads === 1 && name === ceilingName)
    return found ? rate(found, of) : Number.NaN
  }
  const copied = ceiling('stream copy', 'bytes')
  const multiplied = ceiling('multiply-add', 'macs')
  return singleThreaded(all).map(measurement => ({
    name: measurement.name,
    macs: rate(measurement, 'macs') / multiplied,
    bytes: rate(measurement, 'bytes') / copied,
  }))
}

/** One row per kernel: on one thread its rates and their share of the ceilings, and what a second thread gains. */
export function kernelTable(all: readonly Measurement[]): Table {
  const shares = kernelShares(all)
  return {
    header: ['kernel, one thread', 'per call', 'GMAC/s', 'of ceiling', 'GB/s', 'of copy', 'reference', '2 threads'],
    rows: singleThreaded(all).map((measurement, index) => {
      const macs = rate(measurement, 'macs')
      const bytes = rate(measurement, 'bytes')
      return [
        measurement.name,
        formatTime(secondsOf(measurement)),
        ...(macs > 0 ? [macs.toFixed(2), percent(shares[index].macs)] : ['', '']),
        ...(bytes > 0 ? [bytes.toFixed(1), percent(shares[index].bytes)] : ['', '']),
        measurement.reference ? `× ${measurement.reference.toFixed(1)}` : '',
        scaling(all, measurement),
      ]
    }),
  }
}

const singleThreaded = (all: readonly Measurement[]) =>
  all.filter(({ group, threads }) => group === 'kernels' && threads === 1)

export function stageTable(all: readonly Measurement[], groups: readonly string[]): Table {
  const own = all.filter(({ group }) => groups.includes(group))
  return {
    header: ['seconds', 'threads', 'median', 'target', 'speed-up', 'all runs', 'CPU used by others'],
    rows: own.map(measurement => [
      measurement.name,
      String(measurement.threads),
      secondsOf(measurement).toFixed(2),
      measurement.limit && measurement.threads === 2 ? `≤ ${measurement.limit}` : '',
      measurement.threads === 1 ? '' : scaling(all, { ...measurement, threads: 1 }),
      measurement.samples.map(sample => secondsOfSample(measurement.threads, sample).toFixed(2)).join(' '),
      median(measurement.samples.map(({ others }) => others)).toFixed(2),
    ]),
  }
}

/** Speed-up of two threads over one. */
function scaling(all: readonly Measurement[], { group, name }: Measurement): string {
  const [one, two] = [1, 2].map(count =>
    all.find(other => other.group === group && other.name === name && other.threads === count),
  )
  return one && two ? `× ${(secondsOf(one) / secondsOf(two)).toFixed(2)}` : ''
}

const percent = (share: number) => (Number.isNaN(share) ? '' : `${(100 * share).toFixed(0)} %`)

function rate(measurement: Measurement, of: 'bytes' | 'macs', seconds = secondsOf(measurement)): number {
  return (measurement.work?.[of] ?? 0) / seconds / GIGA
}
