import { join } from 'node:path'
import type { Command } from 'commander'
import { decimal } from '../../../numbers.ts'
import { configureStage } from '../../shared/session.ts'
import { formatTable } from '../../shared/table.ts'

/** `dualtree judge calibrate <run>`: what the confidences of the run's judge are worth. */
export function configure(command: Command): void {
  configureStage(command, 'calibrate', ({ directory, audits, calibration }) => {
    const { cases, planted, errors, isotonic, platt } = calibration!.value
    const { judge } = audits![0].value.report.provenance
    const file = join(directory, calibration!.manifest.stage, 'calibration.json')
    const rows = Object.entries(errors).map(([name, { expectedError, brier }]) => [
      name === 'judge' ? `${judge}, as it is` : name,
      decimal(expectedError),
      decimal(brier),
    ])
    const steps = isotonic.x.map((confidence, at) => [decimal(confidence), decimal(isotonic.y[at])])
    const text = [
      `Confidences of ${judge} on ${cases} cases, ${planted} of them planted. The curves' errors are on users that they were not fitted to:`,
      formatTable(['confidence', 'ECE', 'Brier'], rows),
      '',
      formatTable(['isotonic: said', 'is'], steps),
      `Platt: 1 / (1 + exp(−(${decimal(platt.slope)} · confidence + ${decimal(platt.offset)})))`,
      '',
      `File:  ${file}`,
      `Use:   dualtree evaluate ${directory} --use weighted --calibration isotonic`,
    ].join('\n')
    return { text, json: { directory, file, ...calibration!.value } }
  })
}
