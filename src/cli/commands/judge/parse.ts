import type { Command } from 'commander'
import { openLastJob, parseJob } from '../../../run/stages/judge-run.ts'
import { jobCommand, jobOptions } from '../../shared/judge-command.ts'
import { inView, type SessionFlags, show } from '../../shared/session.ts'
import { printVerdicts } from './stage.ts'

/** `dualtree judge parse <run>`: reads the kept answers again into the run's verdicts; nobody is asked. */
export function configure(command: Command): void {
  jobCommand(command).action(async (directory: string, flags: SessionFlags) => {
    const job = await openLastJob(directory, jobOptions(flags))
    const { run } = await inView(flags, watch => parseJob(job, watch))
    show(
      run ? printVerdicts(run) : { text: 'another process is writing the verdicts of this run', json: { directory } },
      flags,
    )
  })
}
