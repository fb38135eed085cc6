import type { Command } from 'commander'
import { compareRuns, compareRunsOptions } from '../../comparison/runs.ts'
import { formatComparison } from '../shared/comparison.ts'
import { addSchemaFlags, givenOf } from '../shared/flags.ts'
import { addOutputFlags, inView, type SessionFlags, show } from '../shared/session.ts'

export function configure(command: Command): void {
  command.argument('<run...>', 'directories of finished runs on the same data, split and protocol')
  addOutputFlags(addSchemaFlags(command, compareRunsOptions)).action(
    async (directories: string[], flags: SessionFlags) => {
      const given = givenOf(compareRunsOptions, flags)
      const result = await inView(flags, watch => compareRuns(directories, given, watch), 'starts over')
      show({ text: formatComparison(result), json: result }, flags)
    },
  )
}
