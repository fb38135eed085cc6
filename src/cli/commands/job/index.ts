/** `dualtree job`: a stage of a run as shards that any scheduler can hand out. */
import { commandGroup } from '../../shared/add-commands.ts'

export const { subcommands, configure } = commandGroup([
  { name: 'plan', summary: 'cut a stage of a run into shards', load: () => import('./plan.ts') },
  { name: 'run-shard', summary: 'process one shard, on any machine', load: () => import('./run-shard.ts') },
  { name: 'merge', summary: 'make the stage from finished shards', load: () => import('./merge.ts') },
  { name: 'render', summary: 'a Slurm script or a Kubernetes manifest', load: () => import('./render.ts') },
  { name: 'pipe', summary: 'rank for users, one per line, from stdin to stdout', load: () => import('./pipe.ts') },
  { name: 'status', summary: 'which shards are finished', load: () => import('./status.ts') },
])
