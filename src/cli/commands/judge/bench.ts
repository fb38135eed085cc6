import type { Command } from 'commander'
import { formatBench } from '../../shared/audit-text.ts'
import { configureStage } from '../../shared/session.ts'

/** `dualtree judge bench <run> --audit-judges a,b`: the run's judge and others on the same cases. */
export function configure(command: Command): void {
  configureStage(command, 'audit', ({ directory, audits }) => {
    const rows = audits!.map(({ value, manifest }) => ({ report: value.report, seconds: manifest.seconds }))
    return {
      text: formatBench(rows),
      json: { directory, judges: rows.map(({ report, seconds }) => ({ seconds, ...report })) },
    }
  })
}
