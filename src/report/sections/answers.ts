/** What a language model answered, word for word, from the ledger that a run keeps. */
import { existsSync } from 'node:fs'
import type { Provenance } from '../../judges/judge.ts'
import { inLedger, ledgerFile } from '../../judges/llm/ledger.ts'
import type { Ledger } from '../../judges/llm/ledger-store.ts'
import { readCompletion } from '../../llm/completion.ts'
import { ledgerFolder } from '../../run/stages/judge.ts'
import type { InspectedUser, ReportInspector } from '../gather/data.ts'

/** Characters of a user's answers that are embedded. */
const MOST_CHARACTERS = 2000

/**
 * The sample with the answers to the last judge's prompts; unchanged when it was none that asks, or the ledger is not
 * there.
 */
export async function withAnswers(
  inspector: ReportInspector,
  directory: string,
  { options }: Provenance,
): Promise<ReportInspector> {
  const { llmModel, mode } = options
  const folder = ledgerFolder(directory)
  if (typeof llmModel !== 'string' || !existsSync(ledgerFile(folder))) return inspector
  const idsOf = ({ candidates }: InspectedUser) =>
    new Set(candidates.map(({ item }) => String(inspector.items[item].id)))
  const candidatesOf = new Map(inspector.sample.map(user => [String(user.id), idsOf(user)]))
  return inLedger(folder, ledger => {
    const answers = new Map<string, string[]>()
    for (const asked of ledger.answered()) {
      const user = String(asked.user)
      const known = candidatesOf.get(user)
      // what was asked of an earlier run's candidates is no answer to these
      if (!known || asked.model !== llmModel || asked.mode !== mode) continue
      if (!asked.items.every(item => known.has(String(item)))) continue
      answers.set(user, [...(answers.get(user) ?? []), `${asked.items.join(', ')}:\n${wordsOf(ledger, asked.id)}`])
    }
    return { ...inspector, sample: inspector.sample.map(user => answer(user, answers.get(String(user.id)))) }
  })
}

/** The content of the reply; all of it, where it is no chat completion. */
function wordsOf(ledger: Ledger, id: string): string {
  const body = ledger.body(id) ?? ''
  const reply = readCompletion(body)?.answer
  return reply ? (reply.content ?? reply.refusal ?? 'an empty answer') : body
}

function answer(user: InspectedUser, answers: readonly string[] | undefined): InspectedUser {
  if (!answers) return user
  const text = answers.join('\n\n')
  const cut = text.length > MOST_CHARACTERS ? `${text.slice(0, MOST_CHARACTERS)} … (cut here)` : text
  return { ...user, answer: cut }
}
