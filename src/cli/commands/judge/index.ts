/** `dualtree judge`: alone the stage, and below it what there is for judges that ask a language model. */
import type { Command } from 'commander'
import { addCommands, type CommandEntry } from '../index.ts'
import { configure as configureStage } from './stage.ts'

export const subcommands: readonly CommandEntry[] = [
  {
    name: 'audit',
    summary: 'whether the judge knows anything: its verdicts on hidden interactions, beside codes that say nothing',
    load: () => import('./audit.ts'),
  },
  { name: 'bench', summary: 'several judges on the same cases, side by side', load: () => import('./bench.ts') },
  { name: 'calibrate', summary: 'what the confidences of the judge are worth', load: () => import('./calibrate.ts') },
]

export function configure(command: Command, args: readonly string[]): Promise<void> {
  configureStage(command)
  // what stands behind the name of a subcommand is that one's, also where both have a flag
  command.enablePositionalOptions()
  return addCommands(command, subcommands, args)
}
