/** `dualtree samplers`: what there is to say of samplers. */
import { commandGroup } from '../../shared/add-commands.ts'

export const { subcommands, configure } = commandGroup([
  { name: 'bench', summary: 'all samplers on the same vectors, in one table', load: () => import('./bench.ts') },
])
