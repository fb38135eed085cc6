/** What a benchmark leaves behind: one JSON file, to which later parts of the same suite are added. */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import type { Split } from '../src/dataset/split.ts'
import { version } from '../src/version.ts'
import { machine } from './machine.ts'
import type { Measurement } from './measure.ts'

export interface Origin {
  readonly dualtree: string
  readonly node: string
  readonly cpu: string
  readonly data: string
  readonly hash: string
}

export interface Results extends Origin {
  readonly measurements: readonly Measurement[]
}

export function originOf(data: string, { hash }: Split): Origin {
  return { dualtree: version, node: process.version, cpu: machine(), data, hash }
}

/**
 * Writes new measurements to a file. What it holds of the same origin stays, but for what was measured again; anything
 * else is replaced.
 */
export function saveResults(path: string, origin: Origin, measurements: readonly Measurement[]): void {
  const key = ({ group, name, threads }: Measurement) => JSON.stringify([group, name, threads])
  const all = new Map(earlier(path, origin).map(measurement => [key(measurement), measurement]))
  for (const measurement of measurements) all.set(key(measurement), measurement)
  mkdirSync(dirname(path), { recursive: true })
  writeFileSync(path, `${JSON.stringify({ ...origin, measurements: [...all.values()] }, rounded, 1)}\n`)
}

export const readResults = (path: string): Results => JSON.parse(readFileSync(path, 'utf8'))

function earlier(path: string, origin: Origin): readonly Measurement[] {
  if (!existsSync(path)) return []
  const { measurements, ...known } = readResults(path)
  return JSON.stringify(known) === JSON.stringify(origin) ? measurements : []
}

/** Four digits are more than any repetition agrees in. */
const rounded = (_key: string, value: unknown) =>
  typeof value === 'number' && !Number.isInteger(value) ? Number(value.toPrecision(4)) : value
