/** What the commands on judge jobs share. */
import { type Command, Option } from 'commander'
import { readPrice } from '../../llm/prices.ts'
import type { JudgeJob } from '../../run/stages/judge-job.ts'
import type { JudgeRunResult } from '../../run/stages/judge-run.ts'
import { printVerdicts } from '../commands/judge/stage.ts'
import { addOptionFlags, givenOptions } from './flags.ts'
import { JUDGE_OPTIONS } from './help.ts'
import { formatStatus } from './judge-text.ts'
import { addOutputFlags, type Printed, type SessionFlags } from './session.ts'

/** A command on a run directory, with the options of judges. */
export function jobCommand(command: Command): Command {
  command.argument('<run>', 'run directory with candidates and trees')
  command.addOption(new Option('--judge <name>', 'chat, ai-sdk or batch (default: what the run has, else chat)'))
  return addOutputFlags(addOptionFlags(command, ['Judge', 'Items'], JUDGE_OPTIONS))
}

/** The options that were given as flags. */
export function jobOptions(flags: SessionFlags): Record<string, unknown> {
  return givenOptions(flags)
}

export async function priceOf({ asking, options }: JudgeJob) {
  return readPrice(asking.prices, options.llmModel)
}

/** What a job that was asked says at its end. */
export async function printJudged(job: JudgeJob, { status, run }: JudgeRunResult, sample?: number): Promise<Printed> {
  const currency = (await priceOf(job))?.currency
  const next =
    sample === undefined
      ? 'all prompts are answered; another process is writing the verdicts'
      : `a sample of ${sample}: the rest with "dualtree judge resume ${job.directory}"`
  const verdicts = run && printVerdicts(run)
  return {
    text: `${formatStatus(status, currency, job.directory)}\n${verdicts ? `\n${verdicts.text}` : next}`,
    json: { directory: job.directory, ...status, ...(currency && { currency }), ...(verdicts?.json as object) },
  }
}
