/** What tokens cost, from a file that a person keeps: prices are not ours to know. */
import { readFile } from 'node:fs/promises'
import { z } from 'zod'
import { DataError, messageOf, UsageError } from '../errors.ts'
import { didYouMean } from '../nearest.ts'
import type { Usage } from './completion.ts'

const priceSchema = z.strictObject({
  input: z.number().min(0),
  output: z.number().min(0),
  cachedInput: z.number().min(0).optional(),
  batch: z.number().min(0).max(1).optional(),
})
const fileSchema = z.strictObject({
  currency: z.string().min(1).default('USD'),
  models: z.record(z.string(), priceSchema),
})

/** Of a million tokens. */
export interface Price {
  readonly currency: string
  readonly input: number
  readonly output: number
  /** of prompt tokens that the server had read before; `input` when it is not given */
  readonly cachedInput?: number | undefined
  /** share of these prices that a batch costs; 1 when it is not given */
  readonly batch?: number | undefined
}

/**
 * The price of a model: `{"currency": "USD", "models": {"name": {"input": 0.15, "output": 0.6, "cachedInput": 0.075}}}`.
 * @returns undefined when there is no file or the model is not in it: the cost is unknown then, never 0
 * @throws DataError when the file cannot be read or says something else
 */
export async function readPrice(path: string | undefined, model: string): Promise<Price | undefined> {
  if (path === undefined) return undefined
  const file = await readFile(path, 'utf8')
    .then(text => fileSchema.parse(JSON.parse(text)))
    .catch(error => {
      const reason = error instanceof z.ZodError ? zodReason(error) : messageOf(error)
      throw new DataError(
        `${path}: no price file (${reason}); expected {"currency": "USD", "models": {"${model}": {"input": 0.15, "output": 0.6}}}, prices of a million tokens`,
        { cause: error },
      )
    })
  const price = file.models[model]
  return price && { currency: file.currency, ...price }
}

/**
 * The price of a model where it is known.
 * @throws UsageError when a cost is to be kept to, and it is not
 */
export async function priceFor(
  { prices, maxCost }: { readonly prices?: string | undefined; readonly maxCost?: number | undefined },
  model: string,
): Promise<Price | undefined> {
  const price = await readPrice(prices, model)
  if (maxCost !== undefined && !price)
    throw new UsageError(`--max-cost ${maxCost} cannot be kept: ${priceRemedy(prices, model)}`)
  return price
}

/** Why there is no price, and what to do, for errors. */
export function priceRemedy(path: string | undefined, model: string, known: readonly string[] = []): string {
  if (path === undefined) return `the price of "${model}" is not known: give a price file with --prices`
  return `${path} has no price for "${model}"${didYouMean(model, known)}: add one`
}

function zodReason({ issues: [{ path, message }] }: z.ZodError): string {
  return `${path.join('.') || 'the whole'}: ${message}`
}

/** In the price's currency. */
export function costOf(
  { promptTokens, completionTokens, cachedTokens = 0 }: Omit<Usage, 'cachedTokens'> & Partial<Usage>,
  price: Price,
): number {
  const fresh = promptTokens - cachedTokens
  const cached = cachedTokens * (price.cachedInput ?? price.input)
  return (fresh * price.input + cached + completionTokens * price.output) / 1e6
}
