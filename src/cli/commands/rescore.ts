import type { Command } from 'commander'
import { rescoreOptions, rescoreRun } from '../../comparison/rescore.ts'
import { addSchemaFlags, givenOf } from '../shared/flags.ts'
import { formatRescored } from '../shared/rescored.ts'
import { addOutputFlags, inView, type SessionFlags, show } from '../shared/session.ts'

export function configure(command: Command): void {
  command.argument('<run>', 'directory of a finished run')
  addOutputFlags(addSchemaFlags(command, rescoreOptions)).action(async (directory: string, flags: SessionFlags) => {
    const given = givenOf(rescoreOptions, flags)
    const result = await inView(flags, watch => rescoreRun(directory, given, watch), 'starts over')
    show({ text: formatRescored(result), json: result }, flags)
  })
}
