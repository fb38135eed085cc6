/** What a job may cost. */
import { BudgetError } from '../../errors.ts'
import type { AskingOptions } from '../../llm/asking-options.ts'
import type { Spending } from './ledger.ts'
import { costOf, costSoFar, type Price } from './prices.ts'

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
