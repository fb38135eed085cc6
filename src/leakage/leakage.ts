/**
 * Whether the files of an experiment let held-out data into what is trained on, asked about or masked. Each check looks
 * for the trace that one kind of leak leaves; all of them together cannot prove that there is none.
 */
import type { z } from 'zod'
import { checkRequest, plainObject, signal as signalShape } from '../requests.ts'
import { candidateUsers } from './candidate-users.ts'
import type { Check, Finding } from './check.ts'
import { type LeakageData, type leakageFiles, type leakageOptions, readLeakageData } from './data.ts'
import { duplicates } from './duplicates.ts'
import { candidatesFiltered, enhancedFiltered } from './filtered.ts'
import { ids } from './ids.ts'
import { mask } from './mask.ts'
import { overlap } from './overlap.ts'

/** In the order in which their verdicts are told. */
export const checks: readonly Check[] = [
  ids,
  duplicates,
  overlap,
  candidateUsers,
  candidatesFiltered,
  enhancedFiltered,
  mask,
]

export interface LeakageReport {
  /** whether some check found a leak, or files that do not belong together */
  readonly failed: boolean
  readonly findings: readonly (Finding & { readonly check: string })[]
  /** how the files were read, in words */
  readonly decisions: readonly string[]
}

const FIELDS = { files: plainObject, options: plainObject, signal: signalShape.optional() }

/** @throws UsageError for an option out of range; DataError naming file, line, value and remedy */
export async function auditLeakage(
  files: z.input<typeof leakageFiles>,
  options: z.input<typeof leakageOptions> = {},
  signal?: AbortSignal,
): Promise<LeakageReport> {
  checkRequest('auditLeakage', FIELDS, { files, options, signal })
  return runChecks(await readLeakageData(files, options, signal))
}

export function runChecks(data: LeakageData): LeakageReport {
  const findings = checks.map(check => ({ check: check.name, ...check.run(data) }))
  const failed = findings.some(({ verdict }) => verdict === 'leak' || verdict === 'fault')
  return { failed, findings, decisions: data.decisions }
}
