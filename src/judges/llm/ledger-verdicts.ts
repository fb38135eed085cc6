/** Verdicts straight from a ledger, without the data and codes that its prompts were made from. */
import { existsSync } from 'node:fs'
import { basename, dirname } from 'node:path'
import { DataError, UsageError } from '../../errors.ts'
import { answerIn } from '../../llm/completion.ts'
import { INVALID } from '../judge.ts'
import { parseAnswer } from '../parse.ts'
import { type PromptMode, promptModes } from '../prompt.ts'
import type { VerdictRow } from '../verdict-file.ts'
import { inLedger, ledgerFile } from './ledger.ts'

/**
 * The last valid verdict on each user and item by one model; invalid where no answer says more.
 * @throws UsageError when several models answered and none is named, or the named one did not
 */
export async function readLedgerVerdicts(path: string, model?: string): Promise<VerdictRow[]> {
  const folder = dirname(path)
  if (basename(path) !== basename(ledgerFile(folder)) || !existsSync(path))
    throw new DataError(`${path}: expected the ledger.sqlite of a run`)
  return inLedger(folder, ledger => {
    const asked = [...ledger.answered()]
    const models = [...new Set(asked.map(prompt => prompt.model))].sort()
    const chosen = model ?? models[0]
    if (!models.includes(chosen) || (model === undefined && models.length > 1))
      throw new UsageError(
        `${path} has answers of ${models.join(', ') || 'no model'}: say whose with --from-model${model === undefined ? '' : `, not "${model}"`}`,
      )
    const verdicts = new Map<string, VerdictRow>()
    for (const { id, model: own, mode, user, items } of asked) {
      if (own !== chosen || !promptModes.includes(mode as PromptMode)) continue
      const body = ledger.body(id)
      if (body === undefined)
        throw new DataError(
          `${path}: the answer to prompt ${id} is damaged: ask for it again with "dualtree judge resume"`,
        )
      const { labels, confidence } = parseAnswer(mode as PromptMode, items.length, answerIn(body))
      items.forEach((item, index) => {
        const key = JSON.stringify([user, item])
        if (labels[index] === INVALID && verdicts.has(key)) return
        verdicts.set(key, { user, item, label: labels[index], confidence: confidence[index] })
      })
    }
    return [...verdicts.values()]
  })
}
