import type { Command } from 'commander'
import { reportInView } from '../shared/report.ts'
import { formatResults } from '../shared/results.ts'
import { configureStage } from '../shared/session.ts'
import { outputWidth } from '../shared/table.ts'

export function configure(command: Command): void {
  configureStage(
    command,
    'evaluate',
    async ({ directory, metrics }, flags) => {
      const report = await reportInView(directory, flags)
      return { text: `${formatResults(metrics!, outputWidth())}\n\nReport: ${report}`, json: metrics }
    },
    async (directory, { judge }) => {
      if (judge === undefined) await (await import('../../run/stages/judge-run.ts')).checkAnswered(directory)
    },
  )
}
