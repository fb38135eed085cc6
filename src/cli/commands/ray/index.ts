/** `dualtree ray`: shards of a job on a Ray cluster, by its Jobs REST. */
import { commandGroup } from '../../shared/add-commands.ts'

export const { subcommands, configure } = commandGroup([
  { name: 'submit', summary: 'submit the shards that are not finished', load: () => import('./submit.ts') },
  { name: 'status', summary: 'where each shard stands', load: () => import('./status.ts') },
  { name: 'logs', summary: 'the output of a shard', load: () => import('./logs.ts') },
  { name: 'stop', summary: 'stop the shards that are under way', load: () => import('./stop.ts') },
])
