import type { Command } from 'commander'
import { type MergedJob, mergeAnyJob } from '../../../engines/job.ts'
import { reportInView } from '../../shared/report.ts'
import { formatResults } from '../../shared/results.ts'
import { addOutputFlags, inView, type Printed, type SessionFlags, show } from '../../shared/session.ts'
import { outputWidth } from '../../shared/table.ts'
import { printVerdicts } from '../judge/stage.ts'

/** `dualtree job merge <job>`: the parts as the stage of the run, the same bytes as one machine makes. */
export function configure(command: Command): void {
  addOutputFlags(
    command
      .argument('<job>', 'job folder, with every shard finished')
      .option('--out <file>', 'recommendations, as Parquet (default: <job>/recommendations.parquet)'),
  ).action(async (folder: string, flags: SessionFlags) => {
    const merged = await inView(flags, watch => mergeAnyJob(folder, flags.out, watch))
    show(await print(merged, flags), flags)
  })
}

async function print(merged: MergedJob, flags: SessionFlags): Promise<Printed> {
  if (merged.stage === 'recommend')
    return { text: `${merged.rows} recommendations: ${merged.file}`, json: { file: merged.file, rows: merged.rows } }
  const { run } = merged
  if (merged.stage === 'evaluate') {
    const report = await reportInView(run!.directory, flags)
    return { text: `${formatResults(run!.metrics!, outputWidth())}\n\nReport: ${report}`, json: run!.metrics }
  }
  if (merged.stage === 'candidates') {
    const { stages, directory } = run!
    return { text: `Candidates: ${directory}/candidates`, json: { directory, stages } }
  }
  if (run) return printVerdicts(run)
  return { text: 'all prompts are answered; another process is writing the verdicts', json: merged }
}
