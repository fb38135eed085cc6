/** A column of numbers as text: whether 1,200 means a thousand or one and a fifth is for the column to say. */
import { quote } from '../files/text.ts'
import { parseNumber } from './parse-number.ts'
import { type Account, growing, tally } from './rows.ts'

const EITHER = /^[-+(]?\D*[1-9]\d{0,2},\d{3}\D*$/

export function createNumberColumn() {
  const values = growing(Float64Array)
  const either: number[] = []
  let example = ''
  let isFraction = false
  return {
    push: (value: number): void => values.push(value),
    /** @returns the number; ∞ for what is none, NaN for nothing */
    pushText(text: string): number {
      const value = parseNumber(text)
      if (text.includes(',')) {
        if (!EITHER.test(text)) isFraction ||= /,\d{1,2}\D*$|,\d{4,}\D*$|\b0,\d|\.\d{3},\d/.test(text)
        else if (either.push(values.length) === 1) example = text
      }
      values.push(value)
      return value
    },
    /** @param place of a row */
    values(account: Account, place: (row: number) => string): Float64Array {
      const column = values.values()
      if (isFraction) return column
      for (const row of either) {
        column[row] = Math.round(1000 * column[row])
        tally(account.notes, 'number with a comma between thousands', place(row), () => quote(example))
      }
      return column
    },
  }
}
