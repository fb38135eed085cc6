/**
 * Options are declared once, as a zod object: the schema gives the TypeScript type, the default, the range, the CLI
 * flag and the row in the docs. Every option has a description; `unit` and `flag` ride along as zod metadata.
 */
import { z } from 'zod'
import { UsageError } from './errors.ts'
import { didYouMean } from './nearest.ts'

export type OptionsSchema = z.ZodObject

/** The kinds of options that many parts have; a chain such as `.default(…).describe(…)` follows. Both ends are allowed. */
export const integer = (least: number, most?: number, unit?: string) => within(z.int().min(least), most, unit)
export const number = (least: number, most?: number, unit?: string) => within(z.number().min(least), most, unit)
/** Above 0. */
export const positive = (most: number, unit?: string) => within(z.number().positive(), most, unit)
/** One of some words, the first when not given. */
export const choice = <const T extends readonly [string, ...string[]]>(words: T) =>
  z.enum(words).default(words[0] as z.output<z.ZodEnum<{ [K in T[number]]: K }>>)
/** Off when not given. */
export const flag = z.boolean().default(false)
/** What is checked elsewhere, or not at all. */
export const anything = z.any().optional()
/** Not empty. */
export const text = z.string().min(1)

function within<T extends z.ZodNumber>(least: T, most: number | undefined, unit: string | undefined): T {
  const bounded = most === undefined ? least : least.max(most)
  return unit === undefined ? bounded : bounded.meta({ unit })
}

/** One option, as help texts, flags and docs need it. */
export interface OptionInfo {
  name: string
  type: 'number' | 'integer' | 'boolean' | 'string' | 'array'
  help: string
  unit?: string
  default?: unknown
  minimum?: number
  /** the minimum itself is refused */
  exclusive?: boolean
  maximum?: number
  choices?: readonly string[]
}

/** The keywords of JSON Schema that options use. */
interface JsonSchema {
  type?: OptionInfo['type']
  description?: string
  unit?: string
  default?: unknown
  enum?: string[]
  /** of an option that names a part */
  choices?: string[]
  /** of a list of them */
  items?: JsonSchema
  minimum?: number
  maximum?: number
  exclusiveMinimum?: number
}

/** The options that a schema knows, and the others. */
export function splitOptions({ shape }: OptionsSchema, options: unknown = {}) {
  const split = { own: {} as Record<string, unknown>, rest: {} as Record<string, unknown> }
  for (const [key, value] of Object.entries(options ?? {})) split[key in shape ? 'own' : 'rest'][key] = value
  return split
}

/** camelCase to kebab-case. */
export function kebab(key: string): string {
  return key.replace(/[A-Z]/g, letter => `-${letter.toLowerCase()}`)
}

/** The flag of an option, by which messages name it: `--llm-model` for `llmModel`. */
export function flagName(key: string): string {
  return `--${kebab(key)}`
}

/** Of schemas whose choices do not hang on the parts that there are. */
const described = new WeakMap<OptionsSchema, OptionInfo[]>()

/** The options of a schema in the order of their declaration. */
export function describeOptions(schema: OptionsSchema): OptionInfo[] {
  const known = described.get(schema)
  if (known) return known
  const json = z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' }) as {
    properties?: Record<string, JsonSchema>
  }
  const properties = Object.entries(json.properties ?? {})
  const options = properties.map(
    ([name, property]): OptionInfo => ({
      name,
      type: property.enum ? 'string' : (property.type ?? 'string'),
      help: property.description ?? '',
      ...(property.unit !== undefined && { unit: property.unit }),
      ...(property.default !== undefined && { default: property.default }),
      ...bounds(property),
      ...((property.enum ?? property.choices) && { choices: property.enum ?? property.choices! }),
    }),
  )
  if (!properties.some(([, { choices, items }]) => choices ?? items?.choices)) described.set(schema, options)
  return options
}

/** The range as a person would state it: zod's bounds for "any safe integer" are not one. */
function bounds({
  minimum: least,
  exclusiveMinimum,
  maximum,
}: JsonSchema): Pick<OptionInfo, 'minimum' | 'exclusive' | 'maximum'> {
  const minimum = least ?? exclusiveMinimum
  return {
    ...(minimum !== undefined && minimum > Number.MIN_SAFE_INTEGER && { minimum }),
    ...(exclusiveMinimum !== undefined && { exclusive: true }),
    ...(maximum !== undefined && maximum < Number.MAX_SAFE_INTEGER && { maximum }),
  }
}

/** "64 dimensions, 4 to 1024" and the like: what follows the help text of an option. */
export function describeRange(option: OptionInfo): string {
  const parts: string[] = []
  if (option.default !== undefined) parts.push(`default ${JSON.stringify(option.default)}`)
  if (option.choices) parts.push(`one of ${option.choices.join(', ')}`)
  else parts.push(...describeBounds(option))
  if (option.unit) parts.push(`in ${option.unit}`)
  return parts.join('; ')
}

function describeBounds({ minimum, exclusive, maximum }: OptionInfo): string[] {
  if (minimum === undefined) return maximum === undefined ? [] : [`at most ${maximum}`]
  if (maximum === undefined) return [exclusive ? `above ${minimum}` : `at least ${minimum}`]
  return [exclusive ? `above ${minimum}, to ${maximum}` : `${minimum} to ${maximum}`]
}

/**
 * Checks `value` against a schema and fills in the defaults.
 * @param owner what the options belong to, for the message: `sampler "mixgcf"`
 * @param keyOf the key by which a person gives an option, where that is not its name in the schema
 * @throws UsageError naming the option, the value, the range and, for an unknown key, the nearest known one
 */
export function parseOptions<S extends OptionsSchema>(
  schema: S,
  value: unknown,
  owner: string,
  keyOf = (name: string) => name,
): z.output<S> {
  if (!isPlain(value ?? {}))
    throw new UsageError(`${owner}: options: expected a value of type object, got ${shown(value)}`)
  const result = schema.strict().safeParse(value ?? {})
  if (result.success) return result.data as z.output<S>
  const issue = result.error.issues[0]
  if (issue.code === 'unrecognized_keys') {
    const [unknown] = issue.keys
    const known = Object.keys(schema.shape)
    const flags = known.map(key => flagName(keyOf(key)))
    const near = didYouMean(unknown, known, key => flagName(keyOf(key)))
    const remedy = known.length ? `known are ${flags.join(', ')}${near}` : 'it has none'
    throw new UsageError(`${owner}: unknown option ${flagName(unknown)}; ${remedy}`)
  }
  const [key] = issue.path
  const name = key === undefined ? 'options' : flagName(keyOf(String(key)))
  const given = valueAt(value, issue.path)
  const info = describeOptions(schema).find(option => option.name === key)
  if (given === undefined && info)
    throw new UsageError(`${owner}: ${name} must be given${info.help && `: ${info.help}`}`)
  const expected = explainIssue(issue, given)
  const range = info && describeRange(expected.startsWith('expected one of') ? withoutChoices(info) : info)
  throw new UsageError(`${owner}: ${name}: ${expected}, got ${shown(given)}${range ? ` (${range})` : ''}`)
}

/** Whether a value has fields by name: a Map or an array holds its own otherwise, and all options would be those when absent. */
export function isPlain(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !(Symbol.iterator in value)
}

/** A value as messages show it: JSON, where it has some, and not too long. */
export function shown(value: unknown): string {
  const around = new Set<unknown>()
  const text = JSON.stringify(value, (_, inner) => {
    if (typeof inner !== 'object' || inner === null) return named(inner) ?? inner
    // what is met again may hold itself
    if (around.has(inner)) return '...'
    around.add(inner)
    return named(inner) ?? (Array.isArray(inner) && inner.length > 100 ? inner.slice(0, 100) : inner)
  })
  const whole = named(value) ?? text ?? String(value)
  return whole.length > 200 ? `${whole.slice(0, 197)}...` : whole
}

/** What JSON has no word for, or too many: `NaN`, `a function`, `Map(2)`, `Int32Array(5)`. */
function named(value: unknown): string | undefined {
  if (typeof value === 'bigint') return `${value}n`
  if (typeof value === 'number' && !Number.isFinite(value)) return String(value)
  if (typeof value === 'function') return 'a function'
  if (value instanceof Map || value instanceof Set) return `${value.constructor.name}(${value.size})`
  if (ArrayBuffer.isView(value)) return `${value.constructor.name}(${(value as Int8Array).length})`
}

const withoutChoices = ({ choices: _, ...option }: OptionInfo): OptionInfo => option

/** What stands at a path of an issue. */
export function valueAt(value: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>((inner, key) => (inner as Record<PropertyKey, unknown>)?.[key], value)
}

/** What was expected, in our own words where zod's speak of its types. */
export function explainIssue(issue: z.core.$ZodIssue, given: unknown): string {
  if (issue.code === 'invalid_value') {
    const names = issue.values.map(String)
    return `expected one of ${names.join(', ')}${typeof given === 'string' ? didYouMean(given, names) : ''}`
  }
  if (issue.code === 'invalid_type')
    return `expected ${issue.expected === 'int' ? 'an integer' : `a value of type ${issue.expected}`}`
  if (issue.code === 'too_small') return `expected ${issue.inclusive ? 'at least' : 'more than'} ${issue.minimum}`
  if (issue.code === 'too_big') return `expected ${issue.inclusive ? 'at most' : 'less than'} ${issue.maximum}`
  if (issue.code === 'not_multiple_of') return `expected a multiple of ${issue.divisor}`
  return issue.message
}
