import type { Command } from 'commander'
import { readDataReport } from '../../run/stages/data.ts'
import { configureStage } from '../shared/session.ts'
import { wrapText } from '../shared/table.ts'

export function configure(command: Command): void {
  configureStage(command, 'data', async ({ directory, data }) => {
    const report = await readDataReport(directory)
    return { text: wrapText(report.decisions.join('\n')), json: { directory, dataHash: data.value.hash, ...report } }
  })
}
