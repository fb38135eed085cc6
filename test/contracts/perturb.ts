/** Another value for an option, so that a new option is tried before anyone writes a test for it. */
import type { OptionInfo } from '../../src/options.ts'

/**
 * A value within the range of an option that is not `value`, and not near it.
 * @throws for options without a choice of values, such as free text: those need one in the table of the test
 */
export function otherValue({ name, type, choices, minimum, maximum }: OptionInfo, value: unknown): unknown {
  if (type === 'boolean') return value !== true
  if (choices) {
    const other = choices.find(choice => choice !== value)
    if (other === undefined) throw new Error(`option "${name}" has one choice only`)
    return other
  }
  if (type !== 'number' && type !== 'integer') throw new Error(`option "${name}": say which value to try`)
  const current = typeof value === 'number' ? value : (minimum ?? 0)
  const larger = type === 'integer' ? current * 2 + 1 : current * 3 + 0.01
  if (larger <= (maximum ?? Number.POSITIVE_INFINITY)) return larger
  return type === 'integer' ? Math.floor((current + (minimum ?? 0)) / 2) : (current + (minimum ?? 0)) / 2
}
