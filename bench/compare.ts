/** The table of `bench/compare.sh`: `node bench/compare.ts <ref> <directory of this-1.json, other-1.json, …>`. */
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { formatTable } from '../src/cli/shared/table.ts'
import { type Measurement, median, secondsOf } from './measure.ts'
import { type Results, readResults } from './results.ts'
import { formatTime } from './tables.ts'

/** A median a round for each of two sides. */
export interface Compared {
  readonly name: string
  readonly threads: number
  readonly before: readonly number[]
  readonly now: readonly number[]
}

/** What both sides have measured, a value a round. */
export function compareRounds(before: readonly Results[], now: readonly Results[]): Compared[] {
  const valuesOf = (rounds: readonly Results[], { group, name, threads }: Measurement) =>
    rounds.flatMap(({ measurements }) => {
      const own = measurements.find(other => other.group === group && other.name === name && other.threads === threads)
      return own ? [secondsOf(own)] : []
    })
  return now[0].measurements
    .map(measurement => ({
      ...{ name: measurement.name, threads: measurement.threads },
      before: valuesOf(before, measurement),
      now: valuesOf(now, measurement),
    }))
    .filter(compared => compared.before.length > 0)
}

export function comparisonTable(ref: string, all: readonly Compared[]): string {
  return formatTable(
    ['', 'threads', ref, 'now', 'now takes', `all of ${ref}`, 'all now'],
    all.map(({ name, threads, before, now }) => [
      name,
      String(threads),
      formatTime(median(before)),
      formatTime(median(now)),
      `× ${(median(now) / median(before)).toFixed(3)}`,
      before.map(formatTime).join(', '),
      now.map(formatTime).join(', '),
    ]),
  )
}

if (import.meta.main) {
  const [ref, directory] = process.argv.slice(2)
  const rounds = (side: string) =>
    readdirSync(directory)
      .filter(file => file.startsWith(`${side}-`))
      .sort()
      .map(file => readResults(join(directory, file)))
  process.stdout.write(`${comparisonTable(ref, compareRounds(rounds('other'), rounds('this')))}\n`)
}
