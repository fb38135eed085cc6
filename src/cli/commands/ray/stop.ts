import type { Command } from 'commander'
import { stopRay } from '../../../engines/ray.ts'
import { type RayFlags, rayCommand } from '../../shared/ray-command.ts'
import { show } from '../../shared/session.ts'

export function configure(command: Command): void {
  rayCommand(command).action(async (job: string, flags: RayFlags) => {
    const stopped = await stopRay(job, flags.address)
    show({ text: `${stopped.length} shards stopped`, json: { job, stopped: stopped.map(({ index }) => index) } }, flags)
  })
}
