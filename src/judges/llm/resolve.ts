/** What the ledger says to a question, following up answers that were cut off and prompts that were too long. */
import { answerIn } from '../../llm/completion.ts'
import { INVALID, NEGATIVE, POSITIVE } from '../judge.ts'
import { type AnswerFault, parseAnswer, type Reading } from '../parse.ts'
import type { PromptMode } from '../prompt.ts'
import { type AnswerState, type JobCounts, NO_COUNTS } from './ledger-records.ts'
import type { Ledger } from './ledger-store.ts'
import type { Question, QuestionMaker } from './questions.ts'

export type Fault = AnswerFault | 'overflow' | 'error'

export interface Resolution {
  /** [K]: POSITIVE, NEGATIVE or INVALID */
  readonly labels: Int8Array
  /** [K] */
  readonly confidence: Float32Array
  /** the question that has no answer yet: this one, or one that follows it up */
  readonly open?: Question
  /** what is wrong, and with the answer to which question */
  readonly faults: readonly { readonly fault: Fault; readonly id: string }[]
}

export interface Resolver {
  /** Reads every answer. */
  resolve(question: Question): Resolution
  /** The question that is to be asked next; reads only answers that call for another question. */
  open(question: Question): Question | undefined
  /** The question that follows an answer, when one does. */
  followUp(question: Question, reading: Reading): Question | undefined
}

export function createResolver(maker: QuestionMaker, ledger: Ledger, mode: PromptMode): Resolver {
  /** undefined when the answer is damaged */
  const read = (question: Question): Reading | undefined => {
    const body = ledger.body(question.id)
    if (body === undefined) return undefined
    return parseAnswer(mode, question.items.length, answerIn(body))
  }
  const followUp = (question: Question, { missing }: Reading) =>
    missing.length > 0 && missing.length < question.items.length ? maker.only(question, missing) : undefined
  const answered = (question: Question): AnswerState | undefined => {
    const state = ledger.state(question.id)
    return state?.retry ? undefined : state
  }

  const open = (question: Question): Question | undefined => {
    const state = answered(question)
    if (!state) return question
    if (state.kind === 'completion' && state.truncated) {
      const reading = read(question)
      if (!reading) return question
      const next = followUp(question, reading)
      return next && open(next)
    }
    const next = state.kind === 'overflow' ? maker.shorter(question) : undefined
    return next && open(next)
  }

  const resolve = (question: Question): Resolution => {
    const state = answered(question)
    if (!state) return { ...nothing(question), open: question }
    if (state.kind === 'overflow') {
      const next = maker.shorter(question)
      return next ? resolve(next) : nothing(question, 'overflow')
    }
    if (state.kind === 'error') return nothing(question, 'error')
    const reading = read(question)
    if (!reading) return { ...nothing(question), open: question }
    const next = followUp(question, reading)
    if (next) return merged(question, reading, resolve(next))
    const { labels, confidence, fault } = reading
    return { labels, confidence, faults: fault ? [{ fault, id: question.id }] : [] }
  }
  return { resolve, open, followUp }
}

function nothing({ id, items }: Question, fault?: Fault): Resolution {
  return {
    labels: new Int8Array(items.length).fill(INVALID),
    confidence: new Float32Array(items.length),
    faults: fault ? [{ fault, id }] : [],
  }
}

/** A cut answer, with the answers about the candidates that it did not come to. */
function merged({ id }: Question, { labels, confidence, missing }: Reading, rest: Resolution): Resolution {
  const unread = labels.some((label, index) => label === INVALID && !missing.includes(index))
  missing.forEach((index, place) => {
    labels[index] = rest.labels[place]
    confidence[index] = rest.confidence[place]
  })
  return {
    ...rest,
    labels,
    confidence,
    faults: [...(unread ? [{ fault: 'labels' as const, id }] : []), ...rest.faults],
  }
}

/** What one question, with those that follow it up, adds to the counts of its job. */
export function countQuestion({ open, labels, faults }: Resolution): Omit<JobCounts, 'prompts'> {
  if (open) return NO_COUNTS
  const byFault: Record<string, number> = {}
  for (const { fault } of faults) byFault[fault] = (byFault[fault] ?? 0) + 1
  const count = (label: number) => labels.reduce((sum, own) => sum + Number(own === label), 0)
  return { done: 1, positive: count(POSITIVE), negative: count(NEGATIVE), invalid: count(INVALID), faults: byFault }
}
