/** `dualtree ray`: shards of a job on a Ray cluster, by its Jobs REST. */
import { commandGroup } from '../../shared/add-commands.ts'

const ray = (name: keyof typeof import('./shards.ts')['shards']) => async () => ({
  configure: (await import('./shards.ts')).shards[name],
})

export const { subcommands, configure } = commandGroup([
  { name: 'submit', summary: 'submit the shards that are not finished', load: ray('submit') },
  { name: 'status', summary: 'where each shard stands', load: ray('status') },
  { name: 'logs', summary: 'the output of a shard', load: ray('logs') },
  { name: 'stop', summary: 'stop the shards that are under way', load: ray('stop') },
])
