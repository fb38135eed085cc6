/** What is wrong with answers: what to do about it, to ask again, to look at. */
import { readCompletion } from '../../llm/completion.ts'
import { messageIn } from '../../llm/replies.ts'
import type { Prompt } from '../prompt.ts'
import type { JudgeSession } from './llm-judge.ts'
import type { Fault } from './resolve.ts'

export const retryKinds = ['invalid', 'truncated', 'errors'] as const
export type RetryKind = (typeof retryKinds)[number]

/** For each fault the kind of retry that asks again, and what helps. */
const FAULTS: Readonly<Record<Fault, { readonly retry: RetryKind; readonly remedy: string }>> = {
  truncated: {
    retry: 'truncated',
    remedy: 'raise --max-output-tokens, or switch thinking off with --parameters vllm or --reasoning-effort',
  },
  reasoning: {
    retry: 'invalid',
    remedy:
      'the answer stands in reasoning_content or among thoughts, which are not read: switch thinking off (--parameters vllm, --reasoning-effort, --extra-body) or raise --max-output-tokens',
  },
  refused: { retry: 'invalid', remedy: 'the model refuses: try another --mode or --llm-model' },
  empty: { retry: 'invalid', remedy: 'try another --response-format, or raise --max-output-tokens' },
  unreadable: { retry: 'invalid', remedy: 'try --response-format exact_schema, or a larger model' },
  labels: { retry: 'invalid', remedy: 'try --response-format exact_schema' },
  indices: { retry: 'invalid', remedy: 'try --response-format exact_schema, or --mode pair' },
  overflow: { retry: 'errors', remedy: 'give the model more context, or lower --context-tokens' },
  error: { retry: 'errors', remedy: 'see what the server says' },
}

export function remedyFor(fault: Fault): string {
  return FAULTS[fault].remedy
}

/** What to type next about the faults of a job: the most frequent first. */
export function suggestRetries(directory: string, faults: Readonly<Record<string, number>>): string[] {
  const known = Object.entries(faults).sort(([, a], [, b]) => b - a) as [Fault, number][]
  return known.map(
    ([fault, count]) =>
      `${count} ${fault}: "dualtree judge retry ${directory} --only ${FAULTS[fault].retry}" asks again${FAULTS[fault].retry === 'truncated' ? ' with room for twice the answer' : ''}; ${FAULTS[fault].remedy}`,
  )
}

/**
 * Marks answers to be asked again: those without a valid verdict for a candidate, those that were cut off and could not be
 * made whole, or prompts that got no answer.
 * @returns how many
 */
export function markForRetry({ distinct, resolver, ledger }: JudgeSession, only: RetryKind): number {
  const ids = new Set<string>()
  for (const question of distinct)
    for (const { fault, id } of resolver.resolve(question).faults) if (FAULTS[fault].retry === only) ids.add(id)
  for (const id of ids) ledger.retry(id)
  return ids.size
}

export const shownFaults = ['all', ...retryKinds] as const

export interface BadAnswer {
  readonly fault: Fault
  readonly user: string | number
  /** that were judged */
  readonly items: readonly (string | number)[]
  readonly prompt: Prompt
  /** word for word: what the model said, with its thoughts, or what the server said in its place */
  readonly answer: string
}

/** The first answers with a fault, word for word, with their prompts. */
export function badAnswers(
  { distinct, resolver, ledger, maker }: JudgeSession,
  kind: (typeof shownFaults)[number],
  most: number,
): BadAnswer[] {
  const found: BadAnswer[] = []
  for (const question of distinct) {
    for (const { fault, id } of resolver.resolve(question).faults) {
      if (kind !== 'all' && FAULTS[fault].retry !== kind) continue
      const body = ledger.body(id) ?? ''
      const answer = readCompletion(body) ? body : messageIn(body)
      const { user, items } = maker.describe(question)
      found.push({ fault, user, items, prompt: maker.prompt(question), answer })
      if (found.length === most) return found
    }
  }
  return found
}
