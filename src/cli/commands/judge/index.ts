/** `dualtree judge`: alone the stage, and below it what there is for judges that ask a language model. */
import type { Command } from 'commander'
import { addCommands, type CommandEntry } from '../../shared/add-commands.ts'
import { configure as configureStage } from './stage.ts'

const job = (name: keyof typeof import('./jobs.ts')['jobs']) => async () => ({
  configure: (await import('./jobs.ts')).jobs[name],
})
const batch = (name: keyof typeof import('./batches.ts')['batches']) => async () => ({
  configure: (await import('./batches.ts')).batches[name],
})
const audit = (name: keyof typeof import('./audits.ts')['audits']) => async () => ({
  configure: (await import('./audits.ts')).audits[name],
})

export const subcommands: readonly CommandEntry[] = [
  {
    name: 'plan',
    summary: 'prompts, tokens, cost and time of asking a language model; nothing is sent',
    load: job('plan'),
  },
  { name: 'run', summary: 'ask a language model, within budgets; resumable', load: job('run') },
  { name: 'status', summary: 'where a job stands', load: job('status') },
  { name: 'show', summary: 'the first bad answers word for word, with their prompts', load: job('show') },
  { name: 'resume', summary: 'go on with the last job', load: job('resume') },
  { name: 'retry', summary: 'ask again what got no valid answer', load: job('retry') },
  { name: 'parse', summary: 'read the kept answers again, without asking', load: job('parse') },
  { name: 'export', summary: 'prompts as OpenAI Batch files, in a job folder', load: batch('export') },
  { name: 'import', summary: 'bring answers in from result files', load: batch('import') },
  { name: 'submit', summary: 'prompts to the batch API of a server', load: batch('submit') },
  { name: 'collect', summary: 'bring in what batches have answered, and submit the rest', load: batch('collect') },
  { name: 'run-shard', summary: 'process one shard of a job folder', load: () => import('../job/run-shard.ts') },
  { name: 'merge', summary: 'collect the finished shards of a job folder', load: batch('merge') },
  {
    name: 'audit',
    summary: 'audit the judge: its verdicts on hidden interactions, beside uninformative codes',
    load: audit('audit'),
  },
  { name: 'bench', summary: 'several judges on the same cases, side by side', load: audit('bench') },
  { name: 'calibrate', summary: 'how well calibrated the confidences of the judge are', load: audit('calibrate') },
]

export function configure(command: Command, args: readonly string[]): Promise<void> {
  configureStage(command)
  // what stands behind the name of a subcommand is that one's, also where both have a flag
  command.enablePositionalOptions()
  return addCommands(command, subcommands, args)
}
