import { join } from 'node:path'
import type { Command } from 'commander'
import { percent } from '../../numbers.ts'
import { prepareDemo, scoreDemoJudge } from '../../run/demo.ts'
import { validateRows } from '../../run/validate-rows.ts'
import { shellWord } from '../../shell.ts'
import { addOptionFlags, givenOptions } from '../shared/flags.ts'
import { reportInView } from '../shared/report.ts'
import { formatResults } from '../shared/results.ts'
import { addOutputFlags, runInView, type SessionFlags, show } from '../shared/session.ts'
import { outputWidth, wrapText } from '../shared/table.ts'

export function configure(command: Command): void {
  command.option('--out <directory>', 'run directory', join('runs', 'demo'))
  addOutputFlags(addOptionFlags(command)).action(async (flags: SessionFlags & { out: string }) => {
    const directory = flags.out
    const run = shellWord(directory)
    const { source, hidden, options } = await prepareDemo(directory)
    const given = { ...options, ...givenOptions(flags) }
    const { metrics, data, candidates, judged } = await runInView({ source, directory, options: given }, flags)
    const [best] = await validateRows(directory, 'evaluate')
    const accuracy = scoreDemoJudge(data.value, candidates!.value, judged!.value.verdicts, hidden)
    const { readSummary } = await import('../../report/run-report.ts')
    const report = await reportInView(directory, flags, accuracy)
    const summary = await readSummary(directory)
    const text = [
      formatResults(metrics!, outputWidth()),
      '',
      wrapText(summary),
      wrapText(
        `The judge against what was planted: precision ${percent(accuracy.precision)}, recall ${percent(accuracy.recall)} ` +
          `(${accuracy.found} of ${accuracy.hidden} false negatives among ${accuracy.candidates} candidates; judging all of them ` +
          `positive would have a precision of ${percent(accuracy.baseRate)}).`,
      ),
      '',
      `Report:  ${report}`,
      `Try:     npx dualtree recommend ${run} --user user-7 --k 5`,
      '',
      `The best row on validation data is ${best.method} (Recall@20 ${best.metrics!['recall@20'].toFixed(4)}). Fit it on all data, and serve it:`,
      `         npx dualtree fit ${run}`,
      `         npx dualtree serve ${run}`,
    ].join('\n')
    show({ text, json: { ...metrics, judge: accuracy, best } }, flags)
  })
}
