/** What a ledger keeps and tells: prompts, answers, failed tries, what they cost, and the counts of jobs. */
import type { Usage } from '../../llm/completion.ts'
import type { FinalOutcome } from '../../llm/replies.ts'

/** Tokens read and written; of a request not yet answered, the most there can be. */
export type Tokens = Pick<Usage, 'promptTokens' | 'completionTokens'>

/** A prompt as the ledger keeps it. */
export interface AskedPrompt {
  readonly id: string
  readonly model: string
  readonly mode: string
  readonly template: string
  /** external ids */
  readonly user: string | number
  readonly items: readonly (string | number)[]
  readonly historyKept: number
  readonly historyOf: number
  readonly worst: Tokens
}

/** `overflow`: the prompt was longer than the model's context. `error`: there will be no answer. */
export type AnswerKind = 'completion' | 'overflow' | 'error'

export interface NewAnswer {
  readonly id: string
  readonly attempt: number
  readonly model: string
  readonly kind: AnswerKind
  readonly truncated: boolean
  readonly endpoint: string
  readonly usage: Usage
  readonly seconds: number
  readonly body: string
}

/** What a server answered, as it is kept. */
export function answerFrom(
  outcome: FinalOutcome,
  about: Pick<NewAnswer, 'id' | 'attempt' | 'model' | 'endpoint' | 'seconds'>,
): NewAnswer {
  const { kind, body } = outcome
  const nothing = { answer: { truncated: false }, usage: { promptTokens: 0, cachedTokens: 0, completionTokens: 0 } }
  const { answer, usage } = kind === 'completion' ? outcome.completion : nothing
  return { ...about, kind, truncated: answer.truncated, usage, body }
}

/** The last answer to a prompt, without its body. */
export interface AnswerState {
  readonly attempt: number
  readonly kind: AnswerKind
  readonly truncated: boolean
  /** marked to be asked again */
  readonly retry: boolean
}

export interface NewFault {
  readonly id: string
  readonly model: string
  readonly endpoint: string
  readonly kind: string
  readonly detail: string
  readonly worst: Tokens
}

/** What a model has cost: by its answers and by tries that may have cost something; `reserved` by leases, at most. */
export interface Spending {
  readonly answers: number
  /** of all answers, added up */
  readonly seconds: number
  readonly spent: Usage
  /** of what is spent, what batches took, which may have a price of their own */
  readonly inBatches: Tokens
  readonly reserved: Tokens
}

/** What a job has come to, kept beside its answers so that nobody need read them all. */
export interface JobCounts {
  /** different prompts; those with an answer, follow-ups included */
  readonly prompts: number
  readonly done: number
  /** verdicts on the candidates of the prompts that are done */
  readonly positive: number
  readonly negative: number
  readonly invalid: number
  /** what is wrong with answers, by kind */
  readonly faults: Readonly<Record<string, number>>
}

export const NO_COUNTS: Omit<JobCounts, 'prompts'> = { done: 0, positive: 0, negative: 0, invalid: 0, faults: {} }

export function addCounts<T extends Omit<JobCounts, 'prompts'>>(counts: T, more: Omit<JobCounts, 'prompts'>): T {
  const faults = { ...counts.faults }
  for (const [kind, count] of Object.entries(more.faults)) faults[kind] = (faults[kind] ?? 0) + count
  const { done, positive, negative, invalid } = counts
  return {
    ...counts,
    done: done + more.done,
    positive: positive + more.positive,
    negative: negative + more.negative,
    invalid: invalid + more.invalid,
    faults,
  }
}

/** Prompts that were sent as one file; they are leased until its results are in. */
export interface Batch {
  readonly name: string
  readonly model: string
  readonly endpoint: string
  readonly requests: number
  /** of its prompts and answers, by estimate */
  readonly tokens: number
  /** the server's names for it */
  readonly file: string | null
  readonly batch: string | null
  readonly state: 'open' | 'collected'
}

export interface Claim {
  /** prompts that are ours now, and the attempt that each is */
  readonly claimed: readonly { readonly id: string; readonly attempt: number }[]
  /** prompts that another process is asking */
  readonly elsewhere: readonly string[]
  /** the first prompt that the budget had no room for */
  readonly refused?: string
}
