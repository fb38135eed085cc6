import type { Command } from 'commander'
import { jobStatus } from '../../../judges/llm/status.ts'
import { inJob, openLastJob } from '../../../run/stages/judge-run.ts'
import { jobCommand, jobOptions, priceOf } from '../../judge-command.ts'
import { formatStatus } from '../../judge-text.ts'
import { type SessionFlags, show } from '../../session.ts'

/** `dualtree judge status <run>`: where the last job stands; also while it is at work. */
export function configure(command: Command): void {
  jobCommand(command).action(async (directory: string, flags: SessionFlags) => {
    const job = await openLastJob(directory, jobOptions(flags))
    const price = await priceOf(job)
    const status = await inJob(job, interview => jobStatus(interview, job.options.llmModel, price))
    show({ text: formatStatus(status, price?.currency), json: { directory, ...status } }, flags)
  })
}
