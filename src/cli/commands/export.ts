import type { Command } from 'commander'
import { Option } from 'commander'
import { exportTargets } from '../../serving/export/index.ts'
import { exportModel } from '../../serving/export-model.ts'
import { addOutputFlags, type SessionFlags, show } from '../shared/session.ts'

export function configure(command: Command): void {
  const summaries = exportTargets.parts.map(({ name, summary }) => `${name}: ${summary}`)
  command
    .argument('<model>', 'run directory or model folder')
    .addOption(
      new Option('--to <target>', ['folder: what "dualtree serve" takes', ...summaries].join('; '))
        .choices(['folder', ...exportTargets.names])
        .makeOptionMandatory(),
    )
    .requiredOption('--out <path>', 'file (pgvector) or directory to write')
    .option('--method <name>', 'row of the table, as for recommend')
  addOutputFlags(command).action(
    async (path: string, flags: SessionFlags & { to: string; out: string; method?: string }) => {
      const said = await exportModel({ path, to: flags.to, out: flags.out, method: flags.method })
      show({ text: said, json: { to: flags.to, out: flags.out, said } }, flags)
    },
  )
}
