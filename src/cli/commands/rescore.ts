import type { Command } from 'commander'
import { rescoreOptions, rescoreRun } from '../../pipeline/rescore.ts'
import { addSchemaFlags, givenOf } from '../flags.ts'
import { formatRescored } from '../rescored.ts'
import { addOutputFlags, type SessionFlags, show } from '../session.ts'

export function configure(command: Command): void {
  command.argument('<run>', 'directory of a finished run')
  addOutputFlags(addSchemaFlags(command, rescoreOptions)).action(async (directory: string, flags: SessionFlags) => {
    const progress = flags.quiet ? undefined : (text: string) => void process.stderr.write(`${text} …\n`)
    const result = await rescoreRun(directory, givenOf(rescoreOptions, flags), { ...(progress && { progress }) })
    show({ text: formatRescored(result), json: result }, flags)
  })
}
