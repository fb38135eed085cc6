/**
 * Questions: which prompt is sent for whom. A question is a function of data, codes, options and seed, and so is what is
 * asked when an answer was cut off or a prompt too long: a job goes on from its ledger without keeping a state.
 */
import { UsageError } from '../../errors.ts'
import { sha256 } from '../../files.ts'
import { estimatePromptTokens, estimateTokens, mostPromptTokens } from '../../llm/tokens.ts'
import type { Candidates, JudgeContext } from '../judge.ts'
import { buildPrompt, type PromptMode, promptHash } from '../prompt.ts'
import { cutHistory, historyOf } from './history.ts'
import type { AskedPrompt } from './ledger-records.ts'
import { requestFields, roomForThoughts } from './parameters.ts'
import type { PromptOptions } from './prompt-options.ts'

export interface Question {
  /** `custom_id`: hash of template, model, parameters and prompt. Questions with the same words have the same */
  readonly id: string
  readonly user: number
  /** internal ids of candidates 0 … K−1 */
  readonly items: Int32Array
  /** where their verdicts belong in the table of candidates */
  readonly places: Int32Array
  /** what is left of the history */
  readonly history: Int32Array
  readonly historyOf: number
}

export type QuestionMaker = ReturnType<typeof createQuestionMaker>

/** Tokens of a verdict, at most, and of what is around them; grammars of servers allow blanks, and models write them. */
const PER_VERDICT: Readonly<Record<PromptMode, number>> = { user: 28, compact: 24, pair: 16, text: 28, both: 28 }
const AROUND = 96
/** Of the longest answer, by retries. */
const MOST_DOUBLINGS = 4
/** Of that, what a model needs that writes no blanks it does not have to. */
const USUAL_SHARE = 0.5
/** Of what the estimate leaves free, so much is used: tokenizers differ. */
const SAFETY = 0.9

/** The places in the table of candidates of each prompt about a user: one a prompt in mode `pair`, else all in one. */
export function placesAsked(
  { items, k }: Pick<Candidates, 'items' | 'k'>,
  user: number,
  mode: PromptMode,
): Int32Array[] {
  const places = Int32Array.from({ length: k }, (_, rank) => user * k + rank).filter(place => items[place] >= 0)
  if (mode === 'pair') return Array.from(places, place => Int32Array.of(place))
  return places.length > 0 ? [places] : []
}

/**
 * @param refused fields that the model's server does not take
 * @throws UsageError, when a question is made, if the context has no room for its candidates
 */
export function createQuestionMaker(
  { train, codes, texts, seed }: Pick<JudgeContext, 'train' | 'codes' | 'texts' | 'seed'>,
  options: PromptOptions,
  refused: readonly string[] = [],
) {
  const { mode, llmModel: model, contextTokens } = options
  const template = promptHash(mode)
  const thoughts = roomForThoughts(options, refused)
  /** A later attempt has twice as many: the answer may have been cut off. */
  const longestAnswer = (count: number, attempt = 1) =>
    (options.maxOutputTokens ?? thoughts + AROUND + PER_VERDICT[mode] * count) *
    2 ** Math.min(attempt - 1, MOST_DOUBLINGS)

  const prompt = ({ history, items }: Pick<Question, 'history' | 'items'>) =>
    buildPrompt({ mode, history, candidates: items, codes, texts })
  const body = (question: Omit<Question, 'id'>, attempt: number) => {
    const { system, user } = prompt(question)
    return JSON.stringify({
      model,
      messages: [
        { role: 'system', content: system },
        { role: 'user', content: user },
      ],
      ...requestFields(options, refused, {
        count: question.items.length,
        attempt,
        seed,
        maxTokens: longestAnswer(question.items.length, attempt),
      }),
    })
  }
  const named = (question: Omit<Question, 'id'>): Question => ({
    ...question,
    id: sha256(template + body(question, 1)).slice(0, 40),
  })
  /** The longest history that fits beside these candidates. */
  const fittingHistory = (history: Int32Array, items: Int32Array): Int32Array => {
    const room = (contextTokens - longestAnswer(items.length)) * SAFETY
    const { system, user } = prompt({ history, items })
    if (estimatePromptTokens({ system, user }) <= room) return history
    const bare = estimatePromptTokens(prompt({ history: new Int32Array(), items }))
    const lines = user.split('\n').slice(1, history.length + 1)
    const longest = Math.max(...lines.map(line => estimateTokens(line) + 1))
    const limit = Math.floor((room - bare) / longest)
    if (limit < 1)
      throw new UsageError(
        `--context-tokens ${contextTokens} has no room for a history beside ${items.length} candidates (${Math.ceil(bare)} tokens) and the answer (${longestAnswer(items.length)}): give more --context-tokens, or --mode pair or compact`,
      )
    return cutHistory(history, codes, limit)
  }

  return {
    /** Questions for all candidates, in the order of users. */
    *all({ items, k }: Candidates): Generator<Question> {
      for (let user = 0; user < train.users; user++) {
        const groups = placesAsked({ items, k }, user, mode)
        if (groups.length === 0) continue
        const whole = historyOf(train, user)
        const itemAt = (place: number) => items[place]
        // one history for all of a user's prompts: they share their beginning, which a server reads once
        const history = fittingHistory(whole, groups[0].map(itemAt))
        for (const group of groups) {
          const asked = group.map(itemAt)
          yield named({ user, items: asked, places: group, history, historyOf: whole.length })
        }
      }
    },
    /** The same for fewer items of the history, the rest as it was; undefined when none can be spared. */
    shorter(question: Question): Question | undefined {
      const { history } = question
      if (history.length < 2) return undefined
      return named({ ...question, history: cutHistory(history, codes, history.length >> 1) })
    },
    /** The same for some of its candidates. */
    only(question: Question, indices: readonly number[]): Question {
      const pick = (values: Int32Array) => Int32Array.from(indices, index => values[index])
      return named({ ...question, items: pick(question.items), places: pick(question.places) })
    },
    prompt,
    /** The body of the request, as JSON. A later attempt has another seed, some temperature and more room. */
    body,
    /** For the ledger. */
    describe(question: Question, attempt = 1): AskedPrompt {
      const { id, user, items, history } = question
      return {
        id,
        model,
        mode,
        template,
        user: train.userIds.ids[user],
        items: Array.from(items, item => train.itemIds.ids[item]),
        historyKept: history.length,
        historyOf: question.historyOf,
        worst: {
          promptTokens: mostPromptTokens(prompt(question)),
          completionTokens: longestAnswer(items.length, attempt),
        },
      }
    },
    estimate: (question: Question) => ({
      promptTokens: estimatePromptTokens(prompt(question)),
      completionTokens: Math.ceil(longestAnswer(question.items.length) * USUAL_SHARE),
    }),
  }
}
