/** Brings answers from elsewhere into the ledger. */
import type { BatchResult } from '../../llm/batch-files.ts'
import { readReply } from '../../llm/replies.ts'
import { countQuestion } from './counts.ts'
import type { NewAnswer } from './ledger.ts'
import type { Interview } from './llm-judge.ts'
import type { Question } from './questions.ts'

export interface ImportCount {
  /** answers that are in the ledger now */
  readonly taken: number
  /** answers that the ledger had already */
  readonly known: number
  /** results of other prompts: another model, mode, seed, or other candidates */
  readonly foreign: number
  /** results that are no answer but may become one: they stay open, for another export */
  readonly failed: number
}

/**
 * @param endpoint what the ledger says of where they come from, such as the name of a file
 * @throws whatever reading the results throws; what came before is kept
 */
export async function importResults(
  { distinct, resolver, ledger, maker, model, job }: Interview,
  endpoint: string,
  results: AsyncIterable<BatchResult>,
): Promise<ImportCount> {
  const count = { taken: 0, known: 0, foreign: 0, failed: 0 }
  const open = new Map<string, { question: Question; root: Question }>()
  for (const root of distinct) {
    const question = resolver.open(root)
    if (question) open.set(question.id, { question, root })
  }
  for await (const { id, status, body } of results) {
    const asked = open.get(id)
    if (!asked) {
      count[ledger.state(id) ? 'known' : 'foreign']++
      continue
    }
    const outcome = readReply({ status, headers: {}, body })
    if (outcome.kind === 'retry' || outcome.kind === 'fatal') {
      count.failed++
      continue
    }
    const completion = outcome.kind === 'completion' ? outcome.completion : undefined
    ledger.note([maker.describe(asked.question)])
    const answer: NewAnswer = {
      id,
      attempt: (ledger.state(id)?.attempt ?? 0) + 1,
      model,
      kind: outcome.kind,
      truncated: completion?.answer.truncated ?? false,
      endpoint,
      usage: completion?.usage ?? { promptTokens: 0, cachedTokens: 0, completionTokens: 0 },
      seconds: 0,
      body,
    }
    ledger.record([answer], () => ledger.addToJob(job, countQuestion(resolver.resolve(asked.root))))
    open.delete(id)
    count.taken++
  }
  return count
}
