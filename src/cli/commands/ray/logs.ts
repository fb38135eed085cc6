import type { Command } from 'commander'
import { rayLogs } from '../../../engines/ray.ts'
import { type RayFlags, rayCommand } from '../../shared/ray-command.ts'
import { show } from '../../shared/session.ts'

export function configure(command: Command): void {
  rayCommand(command)
    .requiredOption('--index <i>', 'which shard, from 0')
    .action(async (job: string, { index, ...flags }: RayFlags & { index: string }) => {
      const logs = await rayLogs(job, Number(index), flags.address)
      show({ text: logs.trimEnd(), json: { job, index: Number(index), logs } }, flags)
    })
}
