import type { Command } from 'commander'
import { lastJobStatus } from '../../../run/stages/judge-run.ts'
import { jobCommand, jobOptions } from '../../shared/judge-command.ts'
import { formatStatus } from '../../shared/judge-text.ts'
import { type SessionFlags, show } from '../../shared/session.ts'

/** `dualtree judge status <run>`: where the last job stands; also while it is at work. */
export function configure(command: Command): void {
  jobCommand(command).action(async (directory: string, flags: SessionFlags) => {
    const { status, currency } = await lastJobStatus(directory, jobOptions(flags))
    show({ text: formatStatus(status, currency, directory), json: { directory, ...status } }, flags)
  })
}
