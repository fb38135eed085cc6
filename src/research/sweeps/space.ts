/** A search space: for some options the values that a trial may draw. */
import { z } from 'zod'
import { UsageError } from '../../errors.ts'
import { derive, randomStream } from '../../random.ts'

const value = z.union([z.string(), z.number(), z.boolean()])
const interval = z
  .tuple([z.number(), z.number()])
  .refine(([low, high]) => low < high, 'the first must be below the second')

const dimension = z.union([
  z.array(value).min(1),
  z.strictObject({ uniform: interval }),
  z.strictObject({ log: interval.refine(([low]) => low > 0, 'both must be above 0') }),
  z.strictObject({ int: interval.refine(bounds => bounds.every(Number.isInteger), 'both must be integers') }),
])

/**
 * By option: a list to choose from, or the bounds of a number, both included: `{"uniform": [0, 2]}`, `{"log": [1e-4, 1e-2]}`
 * (uniform in its logarithm) or `{"int": [1, 4]}`.
 */
export const spaceSchema = z.record(z.string(), dimension)

export type Space = z.output<typeof spaceSchema>
export type Values = Readonly<Record<string, string | number | boolean>>

const EXPECTED =
  'a list such as [32, 64], or {"uniform": [0, 2]}, {"log": [0.0001, 0.01]} or {"int": [1, 4]} with the smaller number first'

/**
 * @param text JSON
 * @param place the file, for messages
 * @throws UsageError naming the place, the option, what was found and what is expected
 */
export function parseSpace(text: string, place: string): Space {
  let json: unknown
  try {
    json = JSON.parse(text)
  } catch (error) {
    throw new UsageError(
      `${place}: not JSON (${(error as Error).message}); expected {"learningRate": {"log": [0.0001, 0.01]}, …}`,
    )
  }
  const result = spaceSchema.safeParse(json)
  if (result.success) return result.data
  const [option] = result.error.issues[0].path
  if (option === undefined) throw new UsageError(`${place}: expected an object of options, got ${JSON.stringify(json)}`)
  const found = JSON.stringify((json as Record<PropertyKey, unknown>)[option])
  throw new UsageError(`${place}: option "${String(option)}": expected ${EXPECTED}, got ${found}`)
}

/** The values of trial 0, 1, 2, …: functions of seed, trial and option alone, whatever other options there are. */
export function drawValues(space: Space, seed: number, trial: number): Values {
  return Object.fromEntries(
    Object.entries(space).map(([option, dimension]) => {
      const random = randomStream(derive(seed, 'trial', trial, option))
      return [option, draw(dimension, random)]
    }),
  )
}

function draw(dimension: Space[string], random: ReturnType<typeof randomStream>): Values[string] {
  if (Array.isArray(dimension)) return dimension[random.below(dimension.length)]
  if ('int' in dimension) {
    const [low, high] = dimension.int
    return low + random.below(high - low + 1)
  }
  if ('uniform' in dimension) {
    const [low, high] = dimension.uniform
    return rounded(low + random.uniform() * (high - low))
  }
  const [low, high] = dimension.log
  return rounded(low * (high / low) ** random.uniform())
}

/** Three digits: what a person can read and type again; also the same on machines whose powers differ in the last bit. */
function rounded(value: number): number {
  return Number(value.toPrecision(3))
}
