import type { Command } from 'commander'
import { openPrepared } from '../../engines/prepared.ts'
import { UsageError } from '../../errors.ts'
import { readDataReport } from '../../run/stages/data.ts'
import { shellWord } from '../../shell.ts'
import { addOptionFlags } from '../shared/flags.ts'
import { reportInView } from '../shared/report.ts'
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
    .argument('[data]', 'file, glob or directory of interactions')
    .option('--prepared <folder>', 'folder made by "spark submit", in place of <data>')
    .option('--out <directory>', 'run directory (default: runs/<name of the data>)')
  addOutputFlags(addOptionFlags(addForceFlag(command))).action(
    async (data: string | undefined, flags: SessionFlags & { prepared?: string }) => {
      if ((data === undefined) === (flags.prepared === undefined))
        throw new UsageError('give either the data or --prepared <folder>')
      const prepared = flags.prepared === undefined ? undefined : await openPrepared(flags.prepared)
      const directory = flags.out ?? defaultDirectory(data ?? flags.prepared!)
      const request = { source: data!, directory, keepFinished: !flags.force, ...prepared }
      const { metrics, stages, data: made } = await runInView(request, flags)
      const report = await reportInView(directory, flags)
      const { decisions } = await readDataReport(directory)
      const text = [
        wrapText(decisions.join('\n')),
        '',
        formatResults(metrics!, outputWidth()),
        '',
        formatStages(stages),
        '',
        `Report:  ${report}`,
        ...nextCommands(directory, made.value.train.userIds.ids[0]),
      ].join('\n')
      show({ text, json: metrics }, flags)
    },
  )
}

/** What can be pasted as it is. */
function nextCommands(directory: string, user: string | number): string[] {
  const run = shellWord(directory)
  return [
    `Try:     npx dualtree recommend ${run} --user ${shellWord(String(user))} --k 10`,
    `         npx dualtree fit ${run}      # the row that is best on validation data, on all data`,
    `         npx dualtree serve ${run}    # what was fitted, over HTTP`,
  ]
}
