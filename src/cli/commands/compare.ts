import type { Command } from 'commander'
import { compareRuns, compareRunsOptions } from '../../pipeline/compare-runs.ts'
import { formatComparison } from '../comparison.ts'
import { addSchemaFlags, givenOf } from '../flags.ts'
import { type SessionFlags, show } from '../session.ts'

export function configure(command: Command): void {
  command.argument('<run...>', 'directories of finished runs on the same data, split and protocol')
  addSchemaFlags(command, compareRunsOptions)
    .option('--json', 'print one JSON document on stdout')
    .action(async (directories: string[], flags: SessionFlags) => {
      const result = await compareRuns(directories, givenOf(compareRunsOptions, flags))
      show({ text: formatComparison(result), json: result }, flags)
    })
}
