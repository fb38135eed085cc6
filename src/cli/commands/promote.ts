import type { Command } from 'commander'
import { openModel } from '../../serving/model/open-model.ts'
import { promote, promoteOptions } from '../../serving/promote.ts'
import { formatComparison } from '../shared/comparison.ts'
import { addSchemaFlags, givenOf } from '../shared/flags.ts'
import { addOutputFlags, inView, type SessionFlags, show } from '../shared/session.ts'

export function configure(command: Command): void {
  command
    .argument('<new>', 'run directory with the new model')
    .requiredOption('--over <current>', 'link to the run directory that is served; made when there is none')
  addOutputFlags(addSchemaFlags(command, promoteOptions)).action(
    async (next: string, flags: SessionFlags & { over: string }) => {
      const request = { next, link: flags.over, open: openModel, options: givenOf(promoteOptions, flags) }
      const result = await inView(flags, watch => promote({ ...request, ...watch }), 'starts over')
      const { promoted, before, method, reason, comparison } = result
      const verdict = promoted
        ? `Promoted: ${flags.over} leads to ${next} (${method}). ${reason}`
        : `Not promoted: ${flags.over} still leads to ${before}. ${reason}`
      show(
        { text: [...(comparison ? [formatComparison(comparison), ''] : []), verdict].join('\n'), json: result },
        flags,
      )
      if (!promoted) process.exitCode = 1
    },
  )
}
