import { sha256OfFile } from '../../files.ts'
import { type Candidates, defineJudge, INVALID, type JudgeContext, type JudgeControl, NO_CANDIDATE } from '../judge.ts'
import { parseAnswer } from '../parse.ts'
import { answerForm, exactSchema, promptHash } from '../prompt.ts'
import { defaultThreads, type LocalModel, missingRequirement, openModel } from './engine.ts'
import { forecast } from './forecast.ts'
import { type GgufOptions, ggufOptions, ggufRuntime } from './options.ts'
import { createInquiry, type LocalQuestion, mostAnswerTokens } from './questions.ts'
import { scoreLabels } from './score.ts'

/**
 * Asks a language model in this process: no server, no network. A 135M model reads some hundred tokens per second on one
 * core; what that comes to is said before it starts. Greedy, so the same answers for the same file and version.
 */
export const gguf = defineJudge({
  name: 'gguf',
  summary: 'Language model in this process: a GGUF file and node-llama-cpp.',
  source:
    'DTL-NS, arXiv 2602.18249; differs: own prompt, and by default the labels’ probabilities are read and nothing is written',
  options: ggufOptions,
  runtime: ggufRuntime,
  unsupportedReason: ({ ggufModel }) => missingRequirement(ggufModel),
  counts: ['historiesCut'],
  inputs: async ({ ggufModel, mode }) => ({ prompt: promptHash(mode), model: await sha256OfFile(ggufModel) }),
  create(context, { ggufModel, mode, contextTokens, ggufAnswer }, { ggufThreads }) {
    return async (candidates, control) => {
      const model = await openModel({ path: ggufModel, contextTokens, threads: ggufThreads || defaultThreads() })
      try {
        return await judgeWith(model, context, candidates, { mode, ggufAnswer }, control)
      } finally {
        await model.close()
      }
    }
  },
})

async function judgeWith(
  model: LocalModel,
  context: JudgeContext,
  candidates: Candidates,
  how: Pick<GgufOptions, 'mode' | 'ggufAnswer'>,
  { signal, progress }: JudgeControl,
) {
  const inquiry = createInquiry(context, candidates, how.mode, model)
  const { users } = inquiry
  const labels = Int8Array.from(candidates.items, item => (item < 0 ? NO_CANDIDATE : INVALID))
  const confidence = new Float32Array(labels.length)
  progress?.(0, users.length, await forecast(model, inquiry))
  let historiesCut = 0
  for (const [done, user] of users.entries()) {
    for (const question of inquiry.ask(user)) {
      signal?.throwIfAborted()
      const verdicts = await answer(model, question, how, signal)
      question.places.forEach((place, index) => {
        labels[place] = verdicts.labels[index]
        confidence[place] = verdicts.confidence[index]
      })
      historiesCut += Number(question.cut)
    }
    progress?.(done + 1, users.length)
  }
  return { labels, confidence, details: { promptHash: promptHash(how.mode), historiesCut } }
}

async function answer(
  model: LocalModel,
  { tokens, places }: LocalQuestion,
  { mode, ggufAnswer }: Pick<GgufOptions, 'mode' | 'ggufAnswer'>,
  signal: AbortSignal | undefined,
): Promise<{ labels: Int8Array; confidence: Float32Array }> {
  const count = places.length
  if (ggufAnswer === 'score') return scoreLabels(model, tokens, answerForm(mode), count, signal)
  const most = mostAnswerTokens(model, mode, count)
  const { text, truncated } = await model.write(tokens, exactSchema(mode, count), most)
  return parseAnswer(mode, count, { content: text, truncated })
}
