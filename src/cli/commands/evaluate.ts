import type { Command } from 'commander'
import { formatResults } from '../shared/results.ts'
import { configureStage } from '../shared/session.ts'
import { outputWidth } from '../shared/table.ts'

export function configure(command: Command): void {
  configureStage(
    command,
    'evaluate',
    undefined,
    async ({ directory, metrics }) => {
      const { writeReport } = await import('../../report/run-report.ts')
      const report = await writeReport(directory)
      return { text: `${formatResults(metrics!, outputWidth())}\n\nReport: ${report}`, json: metrics }
    },
    async (directory, { judge }) => {
      if (judge === undefined) await (await import('../../run/stages/judge-run.ts')).checkAnswered(directory)
    },
  )
}
