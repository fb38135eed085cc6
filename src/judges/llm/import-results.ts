/** Brings answers from elsewhere into the ledger. */
import type { BatchResult } from './batch-files.ts'
import type { Interview } from './llm-judge.ts'
import type { Question } from './questions.ts'
import { readReply } from './replies.ts'

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
  { distinct, resolver, ledger, maker }: Interview,
  model: string,
  endpoint: string,
  results: AsyncIterable<BatchResult>,
): Promise<ImportCount> {
  const count = { taken: 0, known: 0, foreign: 0, failed: 0 }
  const open = new Map<string, Question>()
  for (const question of distinct) {
    const next = resolver.open(question)
    if (next) open.set(next.id, next)
  }
  for await (const { id, status, body } of results) {
    const question = open.get(id)
    if (!question) {
      count[ledger.state(id) ? 'known' : 'foreign']++
      continue
    }
    const outcome = readReply({ status, headers: {}, body })
    if (outcome.kind === 'retry' || outcome.kind === 'fatal') {
      count.failed++
      continue
    }
    const completion = outcome.kind === 'completion' ? outcome.completion : undefined
    ledger.note([maker.describe(question)])
    ledger.record([
      {
        id,
        attempt: (ledger.state(id)?.attempt ?? 0) + 1,
        model,
        kind: outcome.kind,
        truncated: completion?.answer.truncated ?? false,
        endpoint,
        usage: completion?.usage ?? { promptTokens: 0, cachedTokens: 0, completionTokens: 0 },
        seconds: 0,
        body,
      },
    ])
    open.delete(id)
    count.taken++
  }
  return count
}
