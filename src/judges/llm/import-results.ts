/** Brings answers from elsewhere into the ledger. */
import type { BatchResult } from '../../llm/batch-files.ts'
import { readReply } from '../../llm/replies.ts'
import { answerFrom } from './ledger-records.ts'
import { type JudgeSession, openQuestions } from './llm-judge.ts'
import { countQuestion } from './resolve.ts'

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

export const NO_IMPORTS: ImportCount = { taken: 0, known: 0, foreign: 0, failed: 0 }

export function addImports<T extends ImportCount>(count: T, more: ImportCount): T {
  const sums = Object.keys(NO_IMPORTS).map(key => [key, count[key as 'taken'] + more[key as 'taken']])
  return { ...count, ...Object.fromEntries(sums) }
}

/**
 * @param endpoint what the ledger says of where they come from, such as the name of a file
 * @throws whatever reading the results throws; what came before is kept
 */
export async function importResults(
  session: JudgeSession,
  endpoint: string,
  results: AsyncIterable<BatchResult>,
): Promise<ImportCount> {
  const { resolver, ledger, maker, model, job } = session
  const count = { ...NO_IMPORTS } as { -readonly [K in keyof ImportCount]: number }
  const open = new Map(openQuestions(session).map(own => [own.question.id, own] as const))
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
    ledger.note([maker.describe(asked.question)])
    const answer = answerFrom(outcome, { id, attempt: asked.attempt, model, endpoint, seconds: 0 })
    ledger.record([answer], () => ledger.addToJob(job, countQuestion(resolver.resolve(asked.root))))
    open.delete(id)
    count.taken++
  }
  return count
}
