/** The question that a run has for a language model, opened without making or locking anything: others may be at work. */
import { UsageError } from '../../errors.ts'
import type { Candidates, JudgeContext } from '../../judges/judge.ts'
import { type PromptOptions, promptOptions } from '../../judges/llm/prompt-options.ts'
import { aiClient, aiOptions } from '../../llm/ai-sdk.ts'
import { type AskingOptions, askingOptions } from '../../llm/asking-options.ts'
import type { ChatClient } from '../../llm/chat-client.ts'
import { parseOptions } from '../../options.ts'
import { readOptions } from '../directory.ts'
import { withFinishedStages } from '../finished-stages.ts'
import { recallOptions } from '../options/plan-run.ts'
import { prepare } from '../run-stages.ts'
import { ledgerFolder, textsFor } from './judge.ts'

export interface JudgeJob {
  readonly directory: string
  readonly candidates: Candidates
  /** with the folder of the run's ledger */
  readonly context: JudgeContext
  readonly options: PromptOptions
  readonly asking: AskingOptions
  /** who is asked, where it is not the servers of `asking` */
  readonly client?: ChatClient | undefined
  /** what makes a run of this judge, as `planRun` takes it */
  readonly given: Readonly<Record<string, unknown>>
}

/** Judges that ask a language model through a ledger. */
export const LEDGER_JUDGES: readonly string[] = ['chat', 'ai-sdk', 'batch']

/**
 * @param options flat, on top of those that the run has; without a judge among them the run's own if it asks a language
 *   model, else `chat`
 * @throws UsageError when the run lacks a stage that it needs
 */
export async function openJudgeJob(directory: string, options: Readonly<Record<string, unknown>>): Promise<JudgeJob> {
  const kept = await readOptions(directory, 'candidates')
  const given = withJudge(kept.given, options)
  const remedy = `dualtree candidates ${directory}`
  return withFinishedStages(directory, { ...kept, given }, { remedy }, async (run, data) => {
    const { plan, kernels } = run
    const { train } = data.value
    const { trees, candidates } = await prepare(run, data, 'candidates')
    return {
      directory,
      candidates: candidates!.value,
      context: {
        ...{ train, kernels, seed: plan.run.seed },
        codes: trees!.value.codes,
        texts: await textsFor(plan, plan.judge, train),
        folder: ledgerFolder(directory),
      },
      options: parseOptions(promptOptions, plan.judge.options, 'judge'),
      ...whomToAsk(plan.judge.name, plan.judgeRuntime),
      given,
    }
  })
}

function whomToAsk(judge: string, runtime: Readonly<Record<string, unknown>>): Pick<JudgeJob, 'asking' | 'client'> {
  if (judge !== 'ai-sdk') return { asking: parseOptions(askingOptions, judge === 'chat' ? runtime : {}, 'judge') }
  const { aiProvider, ...asking } = parseOptions(aiOptions, runtime, 'judge')
  return { asking: parseOptions(askingOptions, asking, 'judge'), client: aiClient({ aiProvider, ...asking }) }
}

/** The options of a run with another judge: those of its old judge, which the new one does not know, are set aside. */
export function withJudge(kept: Readonly<Record<string, unknown>>, options: Readonly<Record<string, unknown>>) {
  const judge = String(options.judge ?? (LEDGER_JUDGES.includes(String(kept.judge)) ? kept.judge : 'chat'))
  if (!LEDGER_JUDGES.includes(judge))
    throw new UsageError(`judge "${judge}" asks no language model: give one of --judge ${LEDGER_JUDGES.join(', ')}`)
  return recallOptions(kept, { ...options, judge }).given
}
