import { join } from 'node:path'
import type { Command } from 'commander'
import { percent } from '../../../numbers.ts'
import type { RunResult } from '../../../run/request.ts'
import { configureStage, type Printed } from '../../shared/session.ts'
import { formatColumns } from '../../shared/table.ts'

/** `dualtree judge <run>`: the stage, from whatever judge the run has. */
export function configure(command: Command): void {
  configureStage(command, 'judge', printVerdicts)
}

/** The verdicts of a run in a few lines. */
export function printVerdicts({ directory, judged }: RunResult): Printed {
  const { summary } = judged!.value
  const { candidates, positives, invalid, byPrefix, provenance } = summary
  const table = join(directory, 'judge', 'verdicts.parquet')
  const rates = formatColumns(byPrefix, [
    ['shared prefix', rate => rate.prefix],
    ['candidates', rate => rate.candidates],
    ['positive', rate => rate.positives],
    ['share', rate => percent(rate.positives, rate.candidates)],
  ])
  const text = [
    `${provenance.judge}: ${positives} of ${candidates} candidates judged positive (${percent(positives, candidates)}), ${invalid} without a valid verdict`,
    rates,
    `Table: ${table}`,
  ].join('\n')
  return { text, json: { directory, table, ...summary } }
}
