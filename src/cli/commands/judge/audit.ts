import type { Command } from 'commander'
import { formatAudit } from '../../shared/audit-text.ts'
import { configureStage } from '../../shared/session.ts'

/** `dualtree judge audit <run>`: whether the run's judge knows anything. */
export function configure(command: Command): void {
  configureStage(command, 'audit', async ({ directory, audits }) => {
    const [{ value, manifest }] = audits!
    const { writeReliability } = await import('../../../report/sections/reliability.ts')
    const picture = await writeReliability(directory, manifest.stage, value.report)
    return {
      text: formatAudit(value.report, { verdicts: `${directory}/${manifest.stage}/verdicts.parquet`, picture }),
      json: { directory, stage: manifest.stage, picture, ...value.report },
    }
  })
}
