/** What a job may cost. */
import { BudgetError } from '../../errors.ts'
import type { AskingOptions } from '../../llm/asking-options.ts'
import { costOf, type Price } from '../../llm/prices.ts'
import type { Spending, Tokens } from './ledger-records.ts'

type Budget = Pick<AskingOptions, 'maxTokens' | 'maxCost'>

/** Whether all that is spent, and at worst will be, stays within the budget; undefined without one. */
export function fitsBudget({ maxTokens, maxCost }: Budget, price: Price | undefined) {
  if (maxTokens === undefined && maxCost === undefined) return undefined
  return (spending: Spending): boolean => {
    const { spent, reserved } = spending
    const tokens = spent.promptTokens + spent.completionTokens + reserved.promptTokens + reserved.completionTokens
    if (maxTokens !== undefined && tokens > maxTokens) return false
    return maxCost === undefined || costSoFar(spending, price!) + costOf(reserved, price!) <= maxCost
  }
}

export function budgetReached({ maxTokens, maxCost }: Budget): BudgetError {
  const budgets = [
    ...(maxCost === undefined ? [] : [`--max-cost ${maxCost}`]),
    ...(maxTokens === undefined ? [] : [`--max-tokens ${maxTokens}`]),
  ]
  return new BudgetError(
    `the budget is reached (${budgets.join(', ')}): the next prompt might exceed it; the answers are kept, raise it to go on`,
  )
}

/** Of everything that was spent, batches at their own price. */
export function costSoFar({ spent, inBatches }: Pick<Spending, 'spent' | 'inBatches'>, price: Price): number {
  return costOf(spent, price) - costOf(inBatches, price) * (1 - (price.batch ?? 1))
}

/** The same when one more prompt is asked. */
export function withNext(spending: Spending, next: Tokens): Spending {
  const { promptTokens, completionTokens } = spending.reserved
  const reserved = {
    promptTokens: promptTokens + next.promptTokens,
    completionTokens: completionTokens + next.completionTokens,
  }
  return { ...spending, reserved }
}
