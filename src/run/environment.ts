/** What a number was made on: versions, machine, seed and data. */
import { cpus, totalmem } from 'node:os'
import { version } from '../version.ts'

export interface Environment {
  readonly dualtree: string
  readonly node: string
  readonly platform: string
  readonly cpu: string
  readonly cores: number
  readonly memoryBytes: number
  readonly seed: number
  readonly dataHash: string
}

export function describeEnvironment(seed: number, dataHash: string): Environment {
  const all = cpus()
  return {
    dualtree: version,
    node: process.version,
    platform: `${process.platform}-${process.arch}`,
    cpu: all[0]?.model ?? 'unknown',
    cores: all.length,
    memoryBytes: totalmem(),
    seed,
    dataHash,
  }
}
