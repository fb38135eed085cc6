/** `dualtree spark`: data that outgrows one machine, prepared by Apache Spark. */
import { commandGroup } from '../../shared/add-commands.ts'

export const { subcommands, configure } = commandGroup([
  {
    name: 'submit',
    summary: 'split, item graph, base model and candidates by Spark, for "dualtree run --prepared"',
    load: () => import('./submit.ts'),
  },
])
