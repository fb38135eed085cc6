/** Commands that ask what a judge knows. */
import { join } from 'node:path'
import type { Command } from 'commander'
import { decimal } from '../../../numbers.ts'
import { formatAudit, formatBench } from '../../shared/audit-text.ts'
import { configureStage } from '../../shared/session.ts'
import { formatColumns, formatTable } from '../../shared/table.ts'

export const audits = {
  /** `dualtree judge audit <run>`: whether the run's judge knows anything. */
  audit(command: Command): void {
    configureStage(command, 'audit', async ({ directory, audits }) => {
      const [{ value, manifest }] = audits!
      const { writeReliability } = await import('../../../report/sections/reliability.ts')
      const picture = await writeReliability(directory, manifest.stage, value.report)
      return {
        text: formatAudit(value.report, { verdicts: `${directory}/${manifest.stage}/verdicts.parquet`, picture }),
        json: { directory, stage: manifest.stage, picture, ...value.report },
      }
    })
  },

  /** `dualtree judge bench <run> --audit-judges a,b`: the run's judge and others on the same cases. */
  bench(command: Command): void {
    configureStage(command, 'audit', ({ directory, audits }) => {
      const rows = audits!.map(({ value, manifest }) => ({ report: value.report, seconds: manifest.seconds }))
      return {
        text: formatBench(rows),
        json: { directory, judges: rows.map(({ report, seconds }) => ({ seconds, ...report })) },
      }
    })
  },

  /** `dualtree judge calibrate <run>`: what the confidences of the run's judge are worth. */
  calibrate(command: Command): void {
    configureStage(command, 'calibrate', ({ directory, audits, calibration }) => {
      const { cases, planted, errors, isotonic, platt } = calibration!.value
      const { judge } = audits![0].value.report.provenance
      const file = join(directory, calibration!.manifest.stage, 'calibration.json')
      const steps = isotonic.x.map((confidence, at) => [decimal(confidence), decimal(isotonic.y[at])])
      const text = [
        `Confidences of ${judge} on ${cases} cases, ${planted} of them planted. The curves' errors are on users that they were not fitted to:`,
        formatColumns(Object.entries(errors), [
          ['confidence', ([name]) => (name === 'judge' ? `${judge}, as it is` : name)],
          ['ECE', ([, { expectedError }]) => decimal(expectedError)],
          ['Brier', ([, { brier }]) => decimal(brier)],
        ]),
        '',
        formatTable(['isotonic: said', 'is'], steps),
        `Platt: 1 / (1 + exp(−(${decimal(platt.slope)} · confidence + ${decimal(platt.offset)})))`,
        '',
        `File:  ${file}`,
        `Use:   dualtree evaluate ${directory} --use weighted --calibration isotonic`,
      ].join('\n')
      return { text, json: { directory, file, ...calibration!.value } }
    })
  },
}
