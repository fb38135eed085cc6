import type { Command } from 'commander'
import { jobState } from '../../../engines/job.ts'
import { addOutputFlags, type SessionFlags, show } from '../../shared/session.ts'

const SHOWN = 20

/** `dualtree job status <job>`: every part is checked by its hash. */
export function configure(command: Command): void {
  addOutputFlags(command.argument('<job>', 'job folder')).action(async (folder: string, flags: SessionFlags) => {
    const { stage, states, run } = await jobState(folder)
    const missing = [...states.keys()].filter(index => states[index] === 'missing')
    const broken = states.filter(state => state !== 'missing' && state !== 'whole')
    const whole = states.length - missing.length - broken.length
    const more = missing.length > SHOWN ? ` and ${missing.length - SHOWN} more` : ''
    const lines = [
      `${stage}: ${whole} of ${states.length} shards are finished`,
      ...(missing.length > 0 ? [`missing: ${missing.slice(0, SHOWN).join(', ')}${more}`] : []),
      ...broken.map(reason => `${reason}; run its shard again`),
      ...(whole === states.length ? [`next: dualtree job merge ${folder}`] : []),
    ]
    show({ text: lines.join('\n'), json: { folder, stage, run, shards: states.length, whole, missing, broken } }, flags)
  })
}
