/**
 * JSON Schema of one answer, to the letter: one verdict for each candidate, in order. Stricter than what a server is told,
 * which builds its grammar once for all prompts; here a grammar is made for each number of candidates.
 */
import { answerForm, answerSchema, type PromptMode } from '../prompt.ts'

/** @param count candidates */
export function exactSchema(mode: PromptMode, count: number): object {
  const { positive, negative, label, many } = answerForm(mode)
  if (!many) return answerSchema(mode)
  const verdict = (index: number) => closed({ [many.index]: { const: index }, [label]: { enum: [positive, negative] } })
  const prefixItems = Array.from({ length: count }, (_, index) => verdict(index))
  return closed({ [many.list]: { type: 'array', prefixItems, minItems: count, maxItems: count } })
}

function closed(properties: Record<string, object>): object {
  return { type: 'object', properties, required: Object.keys(properties), additionalProperties: false }
}
