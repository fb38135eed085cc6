/** What is typed after a flag, as the type of its option. */
import { InvalidArgumentError } from 'commander'
import type { OptionInfo } from '../../options.ts'

/** The text of a flag as the schema's type; what is out of range is for the schema to say. */
export function parseValue(option: OptionInfo, text: string): unknown {
  if (option.type === 'integer' || option.type === 'number') return toNumber(text)
  if (option.type === 'array')
    return text === '' ? [] : text.split(',').map(part => (/^-?\d+(\.\d+)?$/.test(part) ? Number(part) : part))
  return option.type === 'boolean' ? text !== 'false' : text
}

/** For flags that no schema has. */
export const integerFrom =
  (least: number) =>
  (text: string): number => {
    const value = Number(text)
    if (text.trim() === '' || !Number.isInteger(value) || value < least)
      throw new InvalidArgumentError(`expected an integer from ${least}, got "${text}"`)
    return value
  }

const SUFFIXES: Readonly<Record<string, number>> = { k: 1e3, M: 1e6, G: 1e9, '%': 0.01 }

/** A number, perhaps with a suffix: 20M, 5%. */
function toNumber(text: string): number {
  const suffix = SUFFIXES[text.slice(-1)]
  const digits = suffix === undefined ? text : text.slice(0, -1)
  const value = Number(digits) * (suffix ?? 1)
  if (digits.trim() === '' || Number.isNaN(value)) throw new InvalidArgumentError(`expected a number, got "${text}"`)
  return value
}
