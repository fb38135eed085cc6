/** The live line of a job: what is done, how good, how fast, at what price. */

import type { Usage } from '../../llm/completion.ts'
import type { Price } from '../../llm/prices.ts'
import { money, percent } from '../../numbers.ts'
import { costSoFar } from './budget.ts'
import type { JudgeSession } from './llm-judge.ts'

/** @param before questions that need nothing more at the start */
export function createProgress(
  { ledger, model }: Pick<JudgeSession, 'ledger' | 'model'>,
  price: Price | undefined,
  before: number,
  total: number,
) {
  const sitting = { begun: 0, verdicts: 0, valid: 0, tokens: 0, limited: 0, failed: 0 }
  let done = before

  const spend = (): string => {
    const cost = price && costSoFar(ledger.spending(model), price)
    if (cost === undefined) return 'cost unknown'
    const whole = done > 0 ? ` of about ${money((cost * total) / done, price?.currency)}` : ''
    return `${money(cost, price?.currency)}${whole}`
  }
  return {
    begin() {
      sitting.begun = performance.now()
    },
    finished() {
      done++
    },
    answered(asked: number, valid: number, { promptTokens, completionTokens }: Usage) {
      sitting.verdicts += asked
      sitting.valid += valid
      sitting.tokens += promptTokens + completionTokens
    },
    failed(kind: string) {
      if (kind === 'rate-limit') sitting.limited++
      else sitting.failed++
    },
    /** done, total, and the rest in words */
    state(): [number, number, string] {
      const { begun, verdicts, valid, tokens, limited, failed } = sitting
      const seconds = Math.max(1e-3, (performance.now() - begun) / 1000)
      const parts = [
        `${done}/${total} prompts${before > 0 ? ` (${before} from before)` : ''}`,
        ...(verdicts > 0 ? [`${percent(valid, verdicts)} valid`] : []),
        `${Math.round(tokens / seconds)} tok/s`,
        `${limited} × 429`,
        ...(failed > 0 ? [`${failed} tries failed`] : []),
        spend(),
      ]
      return [done, total, parts.join(' · ')]
    },
  }
}
