import type { Command } from 'commander'
import { addOptionFlags } from '../shared/flags.ts'
import { formatResults } from '../shared/results.ts'
import {
  addForceFlag,
  addOutputFlags,
  defaultDirectory,
  runInView,
  type SessionFlags,
  show,
} from '../shared/session.ts'
import { outputWidth } from '../shared/table.ts'

export function configure(command: Command): void {
  command
    .argument('<data>', 'file, glob or directory of interactions')
    .option('--out <directory>', 'run directory (default: runs/<name of the data>)')
  addOutputFlags(addOptionFlags(addForceFlag(command), ['Run', 'Data', 'Items', 'Baseline'])).action(
    async (source: string, flags: SessionFlags) => {
      const directory = flags.out ?? defaultDirectory(source)
      const { metrics } = await runInView({ source, directory, until: 'baselines', keepFinished: !flags.force }, flags)
      show({ text: formatResults(metrics!, outputWidth()), json: metrics }, flags)
    },
  )
}
