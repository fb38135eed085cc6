/** What the judges that stand on a ledger share: questions in, verdicts out. */
import { setImmediate } from 'node:timers/promises'
import { DataError, RunError } from '../../errors.ts'
import { sha256 } from '../../files.ts'
import { ParameterRefused } from '../../llm/replies.ts'
import { type Candidates, INVALID, type JudgeContext, NO_CANDIDATE, type Ruling } from '../judge.ts'
import { PARSER_VERSION } from '../parse.ts'
import { PROMPT_VERSION, promptHash } from '../prompt.ts'
import { inLedger } from './ledger.ts'
import type { Ledger } from './ledger-store.ts'
import { refusalOf } from './parameters.ts'
import type { PromptOptions } from './prompt-options.ts'
import { createQuestionMaker, type Question, type QuestionMaker } from './questions.ts'
import { createResolver, type Resolver } from './resolve.ts'

/** The questions about all candidates, and the ledger that answers them. */
export interface JudgeSession {
  readonly model: string
  readonly mode: PromptOptions['mode']
  readonly maker: QuestionMaker
  readonly ledger: Ledger
  readonly resolver: Resolver
  /** about every candidate, one or more of them each */
  readonly questions: readonly Question[]
  /** the same, but each prompt once: items of one leaf have the same codes */
  readonly distinct: readonly Question[]
  /** hash of all prompts and of how answers are read: the name of its counts in the ledger */
  readonly job: string
  /** of the ledger, in the run directory; absent for one in memory */
  readonly folder: string | undefined
}

/**
 * Opens the ledger in the context's folder for as long as `body` works. When a server refuses a field that requests can do
 * without, the ledger remembers that, and `body` is called again with questions that lack it.
 * @throws DataError when the ledger is damaged
 */
export async function withSession<T>(
  context: Pick<JudgeContext, 'train' | 'codes' | 'texts' | 'seed' | 'folder'>,
  options: PromptOptions,
  candidates: Candidates,
  body: (session: JudgeSession) => Promise<T> | T,
): Promise<T> {
  return inLedger(context.folder, async ledger => {
    for (;;) {
      const refused = options.parameters === 'auto' ? ledger.refusals(options.llmModel) : []
      const session = prepareSession(context, options, candidates, ledger, refused)
      try {
        return await body(session)
      } catch (error) {
        const refusal = error instanceof ParameterRefused ? refusalOf(options, refused, error.parameter) : undefined
        // without the field, all that was answered with it would be asked anew
        const paid = session.distinct.some(({ id }) => ledger.state(id)?.kind === 'completion')
        if (refusal === undefined || paid) throw lastRefusal(options, refused, error)
        ledger.refuse(options.llmModel, refusal)
      }
    }
  })
}

/** With `auto`, what could be left out was. */
function lastRefusal(options: PromptOptions, refused: readonly string[], error: unknown): unknown {
  if (!(error instanceof ParameterRefused) || options.parameters !== 'auto') return error
  const [told] = error.message.split(': --parameters auto')
  const why = refused.includes(error.parameter)
    ? 'requests leave it out since the server refused it, and it refuses them all the same: try --parameters plain, or another --base-url'
    : refusalOf(options, refused, error.parameter) === undefined
      ? 'requests have it by --logprobs, --reasoning-effort or --extra-body: leave that out'
      : 'the answers so far were given with it: use their server, or another run directory'
  return new RunError(`${told}: ${why}`, { cause: error })
}

function prepareSession(
  context: Pick<JudgeContext, 'train' | 'codes' | 'texts' | 'seed' | 'folder'>,
  options: PromptOptions,
  candidates: Candidates,
  ledger: Ledger,
  refused: readonly string[],
): JudgeSession {
  const { llmModel: model, mode } = options
  const maker = createQuestionMaker(context, options, refused)
  const questions = [...maker.all(candidates)]
  const distinct = [...new Map(questions.map(question => [question.id, question])).values()]
  const job = sha256([PARSER_VERSION, ...distinct.map(({ id }) => id)].join())
  const resolver = createResolver(maker, ledger, mode)
  return { model, mode, maker, ledger, resolver, questions, distinct, job, folder: context.folder }
}

/** What is to be asked next about each question that is open: itself, or what follows it up. */
export function* openQuestions(
  { resolver, ledger, distinct }: JudgeSession,
  questions: readonly Question[] = distinct,
) {
  for (const root of questions) {
    const question = resolver.open(root)
    if (question) yield { root, question, attempt: ledger.nextAttempt(question.id) }
  }
}

export const countOpen = (session: JudgeSession): number => openQuestions(session).reduce(count => count + 1, 0)

/** Questions read between two breaths. */
const AT_ONCE = 256

/** Reads every answer; what is open is invalid. Every question is noted in the ledger with whom it was asked for. */
export async function collectVerdicts(
  { maker, ledger, resolver, questions }: JudgeSession,
  { items }: Candidates,
): Promise<Ruling> {
  const labels = Int8Array.from(items, item => (item < 0 ? NO_CANDIDATE : INVALID))
  const confidence = new Float32Array(items.length)
  const faults: Record<string, number> = {}
  let cut = 0
  for (let first = 0; first < questions.length; first += AT_ONCE) {
    const some = questions.slice(first, first + AT_ONCE)
    for (const question of some) {
      const resolution = resolver.resolve(question)
      question.places.forEach((place, index) => {
        labels[place] = resolution.labels[index]
        confidence[place] = resolution.confidence[index]
      })
      for (const { fault } of resolution.faults) faults[fault] = (faults[fault] ?? 0) + 1
      if (question.history.length < question.historyOf) cut++
    }
    ledger.note(some.map(maker.describe))
    await setImmediate()
  }
  if (ledger.damaged() > 0)
    throw new DataError(
      `${ledger.damaged()} of ${questions.length} answers in the ledger are damaged: they count no more; start the same command again, with --base-url, and they are asked for again`,
    )
  return { labels, confidence, details: { prompts: questions.length, historiesCut: cut, faults } }
}

/** What decides verdicts beside the options: the words of the prompt, and how answers are read. */
export async function llmInputs({ mode }: PromptOptions): Promise<Record<string, string>> {
  return { prompt: `${PROMPT_VERSION}:${promptHash(mode)}`, parser: String(PARSER_VERSION) }
}
