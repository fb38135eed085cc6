/** The report of a run, written in view of whoever waits for it: its comparisons take a while on many users. */
import type { ReportJudge } from '../../report/gather/data.ts'
import { showAsStage } from '../../run/shown.ts'
import { inView, type SessionFlags } from './session.ts'

/** @returns the file's path */
export function reportInView(
  directory: string,
  flags: SessionFlags,
  accuracy?: ReportJudge['accuracy'],
): Promise<string> {
  return inView(flags, ({ emit }) =>
    showAsStage(emit, { stage: 'report', title: 'Writing the report' }, async () => {
      const { writeReport } = await import('../../report/run-report.ts')
      return writeReport(directory, accuracy)
    }),
  )
}
