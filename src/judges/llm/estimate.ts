/** What a job will take, before anything is sent. */

import { costOf, type Price } from '../../llm/prices.ts'
import type { Prompt } from '../prompt.ts'
import { type JudgeSession, openQuestions } from './llm-judge.ts'
import type { Question } from './questions.ts'

export interface JobEstimate {
  /** different prompts, and how many of them have an answer already */
  readonly prompts: number
  readonly answered: number
  readonly candidates: number
  /** of the prompts that are left; tokens are estimates, not counted by the model's tokenizer */
  readonly promptTokens: number
  readonly completionTokens: number
  /** prompts by estimated tokens, in bins of equal width */
  readonly histogram: readonly { readonly from: number; readonly to: number; readonly prompts: number }[]
  /** prompts whose history did not fit and is cut */
  readonly overflow: number
  /** undefined when the price is unknown */
  readonly cost?: number
  /** seconds; undefined when nothing says how fast it goes */
  readonly seconds?: number
  readonly samples: readonly Prompt[]
}

const BINS = 8
const SAMPLES = 3

/** @param tokensPerSecond read and written, all servers together; absent, what earlier answers took, one after the other */
export function estimateJob(
  session: JudgeSession,
  model: string,
  price: Price | undefined,
  tokensPerSecond?: number,
): JobEstimate {
  const { distinct, maker, ledger } = session
  const open = [...openQuestions(session)]
  const sizes = open.map(({ question }) => maker.estimate(question))
  const sum = (key: 'promptTokens' | 'completionTokens') => sizes.reduce((total, size) => total + size[key], 0)
  const tokens = { promptTokens: sum('promptTokens'), completionTokens: sum('completionTokens') }
  const { seconds, spent } = ledger.spending(model)
  // of one request after the other: a job with many in flight is faster
  const past = seconds > 0 ? (spent.promptTokens + spent.completionTokens) / seconds : undefined
  const pace = tokensPerSecond ?? past
  return {
    prompts: distinct.length,
    answered: distinct.length - open.length,
    candidates: distinct.reduce((total, { items }) => total + items.length, 0),
    ...tokens,
    histogram: histogramOf(sizes.map(({ promptTokens }) => promptTokens)),
    overflow: distinct.filter(({ history, historyOf }) => history.length < historyOf).length,
    ...(price && { cost: costOf(tokens, price) }),
    ...(pace !== undefined && { seconds: (tokens.promptTokens + tokens.completionTokens) / pace }),
    samples: spread(distinct, SAMPLES).map(maker.prompt),
  }
}

function histogramOf(sizes: readonly number[]): JobEstimate['histogram'] {
  if (sizes.length === 0) return []
  const least = sizes.reduce((a, b) => Math.min(a, b))
  const most = sizes.reduce((a, b) => Math.max(a, b))
  const width = Math.max(1, Math.ceil((most - least + 1) / BINS))
  const bins = Array.from({ length: Math.ceil((most - least + 1) / width) }, (_, bin) => ({
    from: least + bin * width,
    to: least + (bin + 1) * width - 1,
    prompts: 0,
  }))
  for (const size of sizes) bins[Math.floor((size - least) / width)].prompts++
  return bins
}

/** `count` of them, evenly over the whole. */
function spread(questions: readonly Question[], count: number): Question[] {
  const picked = Math.min(count, questions.length)
  return Array.from(
    { length: picked },
    (_, index) => questions[Math.floor(((index + 0.5) * questions.length) / picked)],
  )
}
