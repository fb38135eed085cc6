/** Prompts for a model in this process, whose tokens can be counted: a history is cut only where it does not fitting. */
import { UsageError } from '../../errors.ts'
import { placesWhere } from '../../places.ts'
import type { Candidates, JudgeContext } from '../judge.ts'
import { cutHistory, historyOf } from '../llm/history.ts'
import { placesAsked } from '../llm/questions.ts'
import { answerForm, buildPrompt, type PromptMode } from '../prompt.ts'
import type { LocalModel } from './engine.ts'
import type { Token } from './library.ts'
import { longestAnswer } from './score.ts'

export interface LocalQuestion {
  readonly tokens: readonly Token[]
  /** [K] where the verdicts belong in the table of candidates */
  readonly places: Int32Array
  /** whether some of the history is left out */
  readonly cut: boolean
}

/** All that is asked, user by user. */
export interface Inquiry {
  /** who has candidates */
  readonly users: Int32Array
  /** One question, or one a candidate in mode `pair`. */
  ask(user: number): LocalQuestion[]
}

/** Tokens of the answer at most: twice what it has to have, since a model may write blanks between. */
export function mostAnswerTokens(model: Pick<LocalModel, 'countTokens'>, mode: PromptMode, count: number): number {
  return 16 + 2 * model.countTokens(longestAnswer(answerForm(mode), count))
}

export function createInquiry(
  { train, codes, texts }: Pick<JudgeContext, 'train' | 'codes' | 'texts'>,
  candidates: Candidates,
  mode: PromptMode,
  model: Pick<LocalModel, 'contextTokens' | 'countTokens' | 'promptTokens'>,
): Inquiry {
  const { items } = candidates
  const ask = (user: number) => placesAsked(candidates, user, mode)
  const tokensOf = (history: Int32Array, places: Int32Array) =>
    model.promptTokens(buildPrompt({ mode, history, candidates: places.map(place => items[place]), codes, texts }))

  const fitting = (user: number, places: Int32Array): LocalQuestion => {
    const room = model.contextTokens - mostAnswerTokens(model, mode, places.length)
    const whole = historyOf(train, user)
    for (let history = whole; ; history = cutHistory(history, codes, history.length >> 1)) {
      const tokens = tokensOf(history, places)
      if (tokens.length <= room) return { tokens, places, cut: history.length < whole.length }
      if (history.length < 2)
        throw new UsageError(
          `judge "gguf": a prompt with ${places.length} candidates has ${tokens.length} tokens, and the context room for ${Math.max(0, room)} beside the answer: give more --context-tokens (if the model has them), or --mode pair or compact`,
        )
    }
  }
  return {
    users: placesWhere(train.users, user => ask(user).length > 0),
    ask: user => ask(user).map(places => fitting(user, places)),
  }
}
