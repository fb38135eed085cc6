import { join } from 'node:path'
import type { Command } from 'commander'
import { readDataReport } from '../../run/stages/data.ts'
import { addOptionFlags } from '../shared/flags.ts'
import { formatResults, formatStages } from '../shared/results.ts'
import {
  addForceFlag,
  addOutputFlags,
  defaultDirectory,
  runInView,
  type SessionFlags,
  show,
} from '../shared/session.ts'
import { outputWidth, wrapText } from '../shared/table.ts'

export function configure(command: Command): void {
  command
    .argument('<data>', 'file, glob or directory of interactions')
    .option('--out <directory>', 'run directory (default: runs/<name of the data>)')
  addOutputFlags(addOptionFlags(addForceFlag(command))).action(async (source: string, flags: SessionFlags) => {
    const directory = flags.out ?? defaultDirectory(source)
    const { metrics, stages } = await runInView({ source, directory, keepFinished: !flags.force }, flags)
    const { writeReport } = await import('../../report/run-report.ts')
    const report = await writeReport(directory)
    const { decisions } = await readDataReport(directory)
    const text = [
      wrapText(decisions.join('\n')),
      '',
      formatResults(metrics!, outputWidth()),
      '',
      formatStages(stages),
      '',
      `Report:  ${report}`,
      `Model:   ${join(directory, 'train-dtl-ns', 'model.safetensors')} (try: dualtree recommend ${directory} --k 10 --user <id>)`,
    ].join('\n')
    show({ text, json: metrics }, flags)
  })
}
