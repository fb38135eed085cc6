import type { Command } from 'commander'
import { UsageError } from '../../errors.ts'
import { flagName } from '../../options.ts'
import { exportTableOptions, exportTables } from '../../run/export-tables.ts'
import { exportTargets } from '../../serving/export/index.ts'
import { exportModel } from '../../serving/export-model.ts'
import { addSchemaFlags, givenOf } from '../shared/flags.ts'
import { addOutputFlags, inView, type SessionFlags, show } from '../shared/session.ts'

const own = exportTableOptions.omit({ method: true })

interface Flags extends SessionFlags {
  readonly to: string
  readonly out?: string
  readonly method?: string
}

export function configure(command: Command): void {
  const summaries = exportTargets.parts.map(({ name, summary }) => `${name}: ${summary}`)
  command
    .argument('<model>', 'run directory or model folder')
    .requiredOption('--to <target>', ['folder: what "dualtree serve" takes', ...summaries].join('; '))
    .option('--out <path>', 'file (pgvector) or directory to write')
    .option('--method <name>', 'row of the table, as for recommend; with --what, a trained row (default: dtl-ns)')
  addSchemaFlags(command, own)
  addOutputFlags(command).action(async (path: string, flags: Flags) => {
    const { to, out, method } = flags
    const asked = givenOf(exportTableOptions, flags)
    if (asked.what !== undefined) {
      if (out !== undefined) throw new UsageError(`--out ${out}: with --what, the directory to write is --to`)
      const said = await exportTables({ ...asked, directory: path, to } as Parameters<typeof exportTables>[0])
      return show({ text: `${to}:\n${said.join('\n')}`, json: { ...asked, to, said } }, flags)
    }
    const [extra] = Object.keys(givenOf(own, flags))
    if (extra !== undefined) throw new UsageError(`${flagName(extra)} is for --what: give both`)
    if (to !== 'folder') exportTargets.get(to)
    if (out === undefined) throw new UsageError('--out <path> is missing: the file or directory to write')
    const said = await inView(flags, watch => exportModel({ path, to, out, method, ...watch }))
    show({ text: said, json: { to, out, said } }, flags)
  })
}
