/** Whether runs may stand in one table: the same data, split and protocol. If not, what differs. */
import { basename } from 'node:path'
import { UsageError } from '../errors.ts'
import { flagName } from '../options.ts'
import type { FinishedRun } from '../run/finished-run.ts'

/** @throws UsageError naming everything in which a run differs from the first */
export function checkComparable([first, ...others]: readonly FinishedRun[]): void {
  for (const other of others) {
    const found = [...dataDifferences(first, other), ...protocolDifferences(first, other)]
    if (found.length === 0) continue
    throw new UsageError(
      `${first.directory} and ${other.directory} cannot be compared: ${found.join('; ')}. Run one again with the data and options of the other`,
    )
  }
}

const pair = (what: string, a: unknown, b: unknown) => `${what}: ${JSON.stringify(a)} against ${JSON.stringify(b)}`

const names = (files: FinishedRun['data']['files']) => files.map(({ path }) => basename(path)).join(', ')

/** Nothing when both splits hold the same, however they were made. */
function dataDifferences(a: FinishedRun, b: FinishedRun): string[] {
  if (a.metrics.dataHash === b.metrics.dataHash) return []
  const [own, other] = [a.plan.source, b.plan.source].map(source => source as Record<string, unknown>)
  const options = Object.keys(own).filter(key => JSON.stringify(own[key]) !== JSON.stringify(other[key]))
  const counts = (['users', 'items', 'train', 'valid', 'test'] as const).filter(
    key => a.data.counts[key] !== b.data.counts[key],
  )
  const [files, otherFiles] = [a, b].map(({ data }) => data.files)
  const changed = files.filter(file =>
    otherFiles.some(twin => basename(twin.path) === basename(file.path) && twin.sha256 !== file.sha256),
  )
  return [
    pair('data hash', a.metrics.dataHash.slice(0, 12), b.metrics.dataHash.slice(0, 12)),
    ...(names(files) === names(otherFiles) ? [] : [pair('files', names(files), names(otherFiles))]),
    ...options.map(key => pair(flagName(key), own[key], other[key])),
    ...changed.map(({ path }) => `the content of ${basename(path)}`),
    ...counts.map(key => `${key}: ${a.data.counts[key]} against ${b.data.counts[key]}`),
  ]
}

function protocolDifferences(a: FinishedRun, b: FinishedRun): string[] {
  const [own, other] = [a.plan.run, b.plan.run]
  return [
    ...(own.evaluateOn === other.evaluateOn
      ? []
      : [pair('measured on (--evaluate-on)', own.evaluateOn, other.evaluateOn)]),
    ...(own.maskAtTest === other.maskAtTest
      ? []
      : [pair('what is masked at test (--mask-at-test)', own.maskAtTest, other.maskAtTest)]),
  ]
}
