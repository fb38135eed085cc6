/** `dualtree judge`: alone the stage, and below it what there is for judges that ask a language model. */
import type { Command } from 'commander'
import { addCommands, type CommandEntry } from '../../shared/add-commands.ts'
import { configure as configureStage } from './stage.ts'

export const subcommands: readonly CommandEntry[] = [
  {
    name: 'plan',
    summary: 'prompts, tokens, cost and time of asking a language model; nothing is sent',
    load: () => import('./plan.ts'),
  },
  { name: 'run', summary: 'ask a language model, within budgets; resumable', load: () => import('./run.ts') },
  { name: 'status', summary: 'where a job stands', load: () => import('./status.ts') },
  { name: 'show', summary: 'the first bad answers word for word, with their prompts', load: () => import('./show.ts') },
  { name: 'resume', summary: 'go on with the last job', load: () => import('./resume.ts') },
  { name: 'retry', summary: 'ask again what got no valid answer', load: () => import('./retry.ts') },
  { name: 'parse', summary: 'read the kept answers again, without asking', load: () => import('./parse.ts') },
  { name: 'export', summary: 'prompts as OpenAI Batch files, in a job folder', load: () => import('./export.ts') },
  { name: 'import', summary: 'bring answers in from result files', load: () => import('./import.ts') },
  { name: 'submit', summary: 'prompts to the batch API of a server', load: () => import('./submit.ts') },
  {
    name: 'collect',
    summary: 'bring in what batches have answered, and submit the rest',
    load: () => import('./collect.ts'),
  },
  { name: 'run-shard', summary: 'process one shard of a job folder', load: () => import('../job/run-shard.ts') },
  { name: 'merge', summary: 'collect the finished shards of a job folder', load: () => import('./merge.ts') },
  {
    name: 'audit',
    summary: 'audit the judge: its verdicts on hidden interactions, beside uninformative codes',
    load: () => import('./audit.ts'),
  },
  { name: 'bench', summary: 'several judges on the same cases, side by side', load: () => import('./bench.ts') },
  {
    name: 'calibrate',
    summary: 'how well calibrated the confidences of the judge are',
    load: () => import('./calibrate.ts'),
  },
]

export function configure(command: Command, args: readonly string[]): Promise<void> {
  configureStage(command)
  // what stands behind the name of a subcommand is that one's, also where both have a flag
  command.enablePositionalOptions()
  return addCommands(command, subcommands, args)
}
