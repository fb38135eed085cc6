import type { Command } from 'commander'
import { rayShards } from '../../../engines/ray.ts'
import { printShards, type RayFlags, rayCommand } from '../../shared/ray-command.ts'
import { show } from '../../shared/session.ts'

export function configure(command: Command): void {
  rayCommand(command).action(async (job: string, flags: RayFlags) => {
    show(printShards(job, await rayShards(job, flags.address)), flags)
  })
}
