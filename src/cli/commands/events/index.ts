/** `dualtree events`: the log that a server keeps of what users did. */
import { commandGroup } from '../../shared/add-commands.ts'

export const { subcommands, configure } = commandGroup([
  { name: 'report', summary: 'click-through of each model that was served', load: () => import('./report.ts') },
  { name: 'export', summary: 'the events as Parquet, for the next training', load: () => import('./export.ts') },
])
