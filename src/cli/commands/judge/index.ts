/** `dualtree judge`: alone the stage, and below it what there is for judges that ask a language model. */
import type { Command } from 'commander'
import { among, commandGroup } from '../../shared/add-commands.ts'
import { configure as configureStage } from './stage.ts'

const job = among(async () => (await import('./jobs.ts')).jobs)
const batch = among(async () => (await import('./batches.ts')).batches)
const audit = among(async () => (await import('./audits.ts')).audits)

const group = commandGroup([
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
])

export const { subcommands } = group

export function configure(command: Command, args: readonly string[]): Promise<void> {
  configureStage(command)
  return group.configure(command, args)
}
